#include "braid/run/trained_run.h"

#include <utility>

#include "braid/core/error.h"

namespace braid {
namespace fs = std::filesystem;

TrainedRun trained_run(const fs::path& path) {
  auto directory = RunDirectory::open(path);
  auto recipe = load_recipe(directory.recipe());
  auto stamp = directory.stamp();
  if (stamp.weights_hash.empty()) {
    throw Error(ErrorCode::kNotFound,
                path.string() +
                    ": has no trained weights yet; finish it with `braid train --resume " +
                    path.string() + "`");
  }
  return {std::move(directory), std::move(recipe), std::move(stamp)};
}

void expect_weights(const TrainedRun& run, const std::string& hash) {
  if (hash == run.stamp.weights_hash) return;
  throw Error(ErrorCode::kState, run.directory.model().string() +
                                     ": not the weights that run.json names (changed or damaged)");
}

fs::path run_of_index(const fs::path& path, const Index& index, const fs::path& named) {
  if (!named.empty()) return named;
  const fs::path stored(index.origin().run_path);
  if (stored.empty()) {
    throw Error(ErrorCode::kUsage,
                path.string() + ": names no run (its vectors were imported); say --run");
  }
  return stored.is_absolute() ? stored : (path / stored).lexically_normal();
}

void expect_made_by(const fs::path& path, const Index& index, const RunDirectory& directory,
                    const RunStamp& stamp) {
  if (stamp.weights_hash == index.origin().weights_hash) return;
  throw Error(ErrorCode::kState, path.string() + ": was made with run " + index.origin().run_id +
                                     ", whose weights differ from those of " +
                                     directory.path().string() +
                                     "; index again, or name the right run with --run");
}

std::unique_ptr<Modality> make_field_modality(const Recipe& recipe, size_t field) {
  auto node = recipe.fields.at(field).second.modality;
  const auto* file = node.find("tokenizer_file");
  if (file && !file->text().empty()) {  // a path like every other: from the recipe's folder
    const auto path = recipe.base / expand_environment(file->text(), file);
    node.put("tokenizer_file", ConfigNode::scalar(path.string(), true));
  }
  return make_modality(node.find("kind")->text(), node);
}

std::vector<std::unique_ptr<Modality>> make_modalities(const Recipe& recipe) {
  std::vector<std::unique_ptr<Modality>> all;
  for (size_t i = 0; i < recipe.fields.size(); ++i) all.push_back(make_field_modality(recipe, i));
  return all;
}

}  // namespace braid
