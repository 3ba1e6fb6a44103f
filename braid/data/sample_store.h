// Prepared samples on disk, mapped when they are asked for, shared by runs and processes: what one
// has decoded, the others and its own later epochs need not.
//
// A sample is found by the hash of its value's bytes, and by what tells an unchanged file
// (value_identity.h), so that the file need not be read. Files hold many samples each; the bound is
// CacheRoom's. What fits first stays while it is used, so that a shuffled epoch finds a fixed share
// of it again. Where the disk does not take samples (full, read only), those there are still serve.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/core/config.h"
#include "braid/data/cache_room.h"
#include "braid/data/sample_file.h"

namespace braid {

// Says what is wrong, once, from any thread.
using Complaint = std::function<void(const std::string&)>;

// Many threads.
class SampleStore {
 public:
  // `key` (32 letters and digits) must say all that decides what is made of a value's bytes. The
  // folder is made when something is stored.
  SampleStore(std::filesystem::path folder, std::string key, CacheRoom room, Complaint complain);
  ~SampleStore();  // what was stored is there for others
  SampleStore(const SampleStore&) = delete;

  std::optional<PreparedValue> find(const SampleName& content) const;
  std::optional<PreparedValue> find_by_identity(const SampleName& identity) const;

  // The sample as it lies on the disk now, or nothing where it was not taken.
  std::optional<PreparedValue> insert(const SampleName& content, const PreparedValue& value);
  void add_identity(const SampleName& identity, const SampleName& content);

  // What others have stored since is there, and what was stored here is for them, once it is worth
  // a file; what was full may have room again. Between epochs, say.
  void refresh();

 private:
  struct Place {
    const SampleBytes* bytes;
    const SampleEntry* entry;
    bool checked = false;  // its checksum; under a shared lock through atomic_ref
  };

  std::shared_ptr<SampleFileWriter> writer_for(uint64_t space, int64_t file_bytes);
  std::shared_ptr<SampleFileWriter> make_writer(uint64_t space, int64_t file_bytes);
  void read_folder();
  void take(std::unique_ptr<SampleFile> file);
  void seal(SampleFileWriter& writer);
  void give_up(const std::string& problem);

  const std::filesystem::path folder_;
  const std::string key_;
  const CacheRoom room_;
  const Complaint complain_;

  mutable std::shared_mutex lock_;  // of what follows
  mutable std::unordered_map<SampleName, Place, SampleNameHash> places_;  // none is ever erased
  std::unordered_map<SampleName, SampleName, SampleNameHash> contents_;  // of identities
  std::vector<std::unique_ptr<SampleFile>> files_;
  std::vector<std::shared_ptr<SampleFileWriter>> writers_;  // the last one may grow
  std::set<std::string> known_;                             // names of files

  std::mutex writing_;          // who makes and seals writers; before lock_
  uint64_t sealed_bytes_ = 0;  // of writers_; under writing_
  std::atomic<bool> full_{false}, broken_{false};
};

// What decides the samples that `modality` makes, with `keys` of the recipe: format, this build,
// instruction set, kind and keys but for `views`, what it has learned.
std::string sample_key(const ConfigNode& keys, const Modality& modality);

}  // namespace braid
