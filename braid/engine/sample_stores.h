// Where the prepared samples of a recipe's fields are kept on disk.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/sample_store.h"
#include "braid/recipe/recipe.h"

namespace braid {

// Notes from any thread, told by the one that works. Many threads, but for tell().
class Notices {
 public:
  void add(const std::string& note);
  void tell(const ProgressSink& sink);  // what was added since
  // A sink for the same listener, which hears the notes before each progress. Empty for an empty
  // one. Lives no longer than this object.
  ProgressSink before(const ProgressSink& sink);

 private:
  std::mutex lock_;
  std::vector<std::string> notes_;
};

// Folders that share the bound of train.disk_cache_mb. Throw as cache_folder.
std::filesystem::path samples_folder();
std::filesystem::path encoded_folder();

// Per field; nullptr for inline values and for frozen fields, whose vectors are kept instead.
// `notices` must outlive the stores.
using SampleStores = std::vector<std::shared_ptr<SampleStore>>;
SampleStores open_sample_stores(const Recipe& recipe,
                                const std::vector<const Modality*>& modalities,
                                const CacheRoom& room, const std::filesystem::path& folder,
                                Notices& notices);

// In samples_folder(). Empty with train.disk_cache_mb: 0, and where there is no folder for caches,
// of which `notices` hears.
SampleStores open_sample_stores(const Recipe& recipe,
                                const std::vector<const Modality*>& modalities, Notices& notices);

}  // namespace braid
