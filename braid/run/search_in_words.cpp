#include <algorithm>
#include <future>

#include "braid/core/file.h"
#include "braid/core/machine.h"
#include "braid/index/omp_threads.h"
#include "braid/kernel/choice.h"
#include "braid/run/search.h"
#include "braid/run/text_tower.h"
#include "braid/run/trained_run.h"

namespace braid {
namespace {

// A question is some ten rows: more threads would wait for each other, and spin meanwhile.
constexpr int64_t kMostThreads = 4;

bool in_words(const SearchPart& part) { return part.modality == "text"; }

// The first field of text, where it has a tower here.
std::optional<size_t> text_field(const Recipe& recipe) {
  for (size_t i = 0; i < recipe.fields.size(); ++i) {
    const auto& config = recipe.fields[i].second;
    if (config.modality.find("kind")->text() != "text") continue;
    return has_text_tower(config) ? std::optional(i) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<SearchHit>> search_in_words(const SearchRequest& request) {
  if (!use_kernels() || !std::ranges::all_of(request.parts, in_words)) return std::nullopt;
  const auto index = open_searched_index(request);
  const auto run = trained_run(run_of_index(request.index, *index, request.run));
  const auto field = text_field(run.recipe);
  if (!field) return std::nullopt;
  const auto path = run.directory.model();
  // All of the file is read to know it, beside what else there is to do.
  auto hash = std::async(std::launch::async, file_hash, path);
  const auto modality = make_field_modality(run.recipe, *field);
  modality->load(run.directory.path(), run.recipe.fields[*field].first);
  expect_weights(run, hash.get());
  expect_made_by(request.index, *index, run.directory, run.stamp);
  const auto weights = read_safetensors(path);
  const OmpThreads threads(std::min(this_machine().threads, kMostThreads));
  const auto tower = make_text_tower(run.recipe, *field, *modality, weights, path.string());
  return ask_index(request, *index, run.recipe, [&](const SearchPart& part, int64_t width) {
    return tower->embed(modality->view(modality->prepare(as_bytes(part.value))), width);
  });
}

}  // namespace braid
