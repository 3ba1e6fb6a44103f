#include "braid/recipe/moved_recipe.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

std::string moved_path(const std::string& path, const fs::path& from, const fs::path& to) {
  if (path.starts_with("/") || path.starts_with("${")) return path;
  return (fs::absolute(from) / path)
      .lexically_normal()
      .lexically_relative(fs::absolute(to).lexically_normal())
      .string();
}

}  // namespace

Recipe moved_recipe(Recipe recipe, const fs::path& folder) {
  const auto move = [&](std::string& path) { path = moved_path(path, recipe.base, folder); };
  for (auto& path : recipe.data.manifest) move(path);
  for (auto& [split, paths] : recipe.data.files) {
    for (auto& path : paths) move(path);
  }
  for (auto& path : recipe.data.allow_roots) move(path);
  for (auto& [name, field] : recipe.fields) {
    if (!field.init_from.empty()) move(field.init_from);
    const auto* file = field.modality.find("tokenizer_file");
    if (!file || file->text().empty()) continue;
    auto path = file->text();
    move(path);
    field.modality.put("tokenizer_file", ConfigNode::scalar(path, true));
  }
  if (!recipe.init_from.empty()) move(recipe.init_from);
  if (!recipe.data.root.empty()) move(recipe.data.root);
  recipe.base = folder;
  return recipe;
}

}  // namespace braid
