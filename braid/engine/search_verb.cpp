#include "braid/engine/search_verb.h"

#include <span>

#include "braid/core/file.h"
#include "braid/engine/index_target.h"
#include "braid/task/embed.h"

namespace braid {
namespace {

std::vector<float> embed_part(const LoadedRun& run, const SearchPart& part, int64_t width) {
  const size_t field = run.field_of_modality(part.modality);
  const auto& modality = *run.modalities[field];
  const bool inline_text = is_inline(part.modality);
  const auto file = inline_text ? Bytes() : read_file(part.value, modality.max_bytes());
  const auto bytes = inline_text ? as_bytes(part.value) : std::span(file);
  return embed_one(*run.model, field, modality, bytes, width);
}

}  // namespace

std::vector<SearchHit> search_index(const SearchRequest& request, const Watch& watch) {
  const auto index = open_searched_index(request);
  const auto run = open_matching_run(request.index, *index, request.run, watch.device);
  return ask_index(request, *index, run.recipe, [&](const SearchPart& part, int64_t width) {
    return embed_part(run, part, width);
  });
}

}  // namespace braid
