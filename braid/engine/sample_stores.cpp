#include "braid/engine/sample_stores.h"

#include <map>
#include <utility>

#include "braid/core/error.h"
#include "braid/core/machine.h"

namespace braid {

void Notices::add(const std::string& note) {
  const std::lock_guard held(lock_);
  notes_.push_back(note);
}

void Notices::tell(const ProgressSink& sink) {
  std::vector<std::string> notes;
  {
    const std::lock_guard held(lock_);
    notes.swap(notes_);
  }
  if (!sink) return;
  for (auto& note : notes) sink({.stage = "train", .note = std::move(note), .notice = true});
}

ProgressSink Notices::before(const ProgressSink& sink) {
  if (!sink) return {};
  return [this, sink](const Progress& progress) {
    tell(sink);
    sink(progress);
  };
}

std::filesystem::path samples_folder() { return cache_folder() / "samples"; }
std::filesystem::path encoded_folder() { return cache_folder() / "encoded"; }

SampleStores open_sample_stores(const Recipe& recipe,
                                const std::vector<const Modality*>& modalities,
                                const CacheRoom& room, const std::filesystem::path& folder,
                                Notices& notices) {
  SampleStores stores(recipe.fields.size());
  std::map<std::string, std::shared_ptr<SampleStore>> of_key;
  for (size_t i = 0; i < stores.size(); ++i) {
    const auto& field = recipe.fields[i].second;
    if (field.frozen || is_inline(modalities[i]->name())) continue;
    const auto key = sample_key(field.modality, *modalities[i]);
    auto& store = of_key[key];
    if (!store) {
      store = std::make_shared<SampleStore>(
          folder, key, room, [&notices](const std::string& problem) { notices.add(problem); });
    }
    stores[i] = store;
  }
  return stores;
}

SampleStores open_sample_stores(const Recipe& recipe,
                                const std::vector<const Modality*>& modalities,
                                Notices& notices) {
  if (recipe.train.disk_cache_mb == 0) return {};
  try {
    const auto folder = samples_folder();
    const CacheRoom room({folder, encoded_folder()}, recipe.train.disk_cache_mb << 20);
    return open_sample_stores(recipe, modalities, room, folder, notices);
  } catch (const Error& problem) {
    if (problem.code() != ErrorCode::kUsage) throw;
    notices.add(std::string(problem.what()) + "; prepared samples are not kept on disk");
    return {};
  }
}

}  // namespace braid
