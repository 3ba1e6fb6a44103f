// Engine of braid.h.
#include <algorithm>

#include "braid/braid.h"
#include "braid/core/file.h"
#include "braid/engine/loaded_run.h"
#include "braid/engine/start.h"
#include "braid/index/index.h"
#include "braid/task/embed.h"

namespace braid {

struct Engine::State {
  LoadedRun run;
};

Engine::Engine(const std::string& run, const std::string& device) {
  start_tensors();
  state_ = std::make_unique<State>(State{open_run(run, device)});
}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

int64_t Engine::width() const { return state_->run.model->width(); }

std::vector<std::string> Engine::fields() const {
  std::vector<std::string> names;
  for (const auto& [name, config] : state_->run.recipe.fields) names.push_back(name);
  return names;
}

std::vector<float> Engine::embed(std::string_view field, std::span<const std::byte> bytes,
                                 int64_t width) const {
  const auto& run = state_->run;
  const size_t at = run.recipe.field_index(std::string(field));
  return embed_one(*run.model, at, *run.modalities[at], bytes, run.recipe.width_or_whole(width));
}

std::vector<float> Engine::embed_text(std::string_view text, int64_t width) const {
  const auto& run = state_->run;
  return embed(run.recipe.fields[run.field_of_modality("text")].first, as_bytes(text), width);
}

std::vector<float> Engine::embed_image(const std::string& file, int64_t width) const {
  const auto& run = state_->run;
  const size_t at = run.field_of_modality("image");
  const auto bytes = read_file(file, run.modalities[at]->max_bytes());
  return embed(run.recipe.fields[at].first, bytes, width);
}

std::vector<Hit> Engine::search(const std::string& path, std::span<const float> query,
                                int64_t k) const {
  const auto index = open_index(path);
  if (index->origin().weights_hash != state_->run.stamp.weights_hash) {
    throw Error(ErrorCode::kState, path + ": was made with run " + index->origin().run_id +
                                       ", not with " + state_->run.stamp.id);
  }
  std::vector<Hit> hits;
  for (auto& hit : index->search(query, k))
    hits.push_back({hit.key, hit.score, hit.metadata, hit.file});
  return hits;
}

}  // namespace braid
