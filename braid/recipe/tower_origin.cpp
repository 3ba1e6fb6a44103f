#include "braid/recipe/tower_origin.h"

#include <set>

#include "braid/core/error.h"

namespace braid {
namespace {

const std::set<std::string> kOfTraining = {
    "dropout",   "attention_dropout", "drop_path",  "patch_dropout",  // of encoders
    "views",     "max_bytes",         "max_pixels", "keep_side",      // of modalities
    "tokenizer", "tokenizer_file"};                                   // comes with the weights

// On one line, for a message.
std::string value_text(const ConfigNode* node) {
  if (!node) return "nothing";
  std::string text;
  for (const auto& item : node->items()) text += (text.empty() ? "" : ", ") + value_text(&item);
  return node->kind() == ConfigNode::Kind::kScalar ? node->text() : "[" + text + "]";
}

void expect_same_keys(const std::string& path, const ConfigNode& mine, const ConfigNode& theirs,
                      const std::string& origin) {
  for (const auto& [key, expected] : theirs.entries()) {
    const auto* got = mine.find(key);
    if (kOfTraining.contains(key) || (got && got->to_yaml() == expected.to_yaml())) continue;
    throw Error(ErrorCode::kConfig, path + "." + key + ": expected " + value_text(&expected) +
                                        ", as in " + origin + " (init_from), got " +
                                        value_text(got));
  }
}

}  // namespace

TowerOrigin tower_origin(const std::string& name, const FieldConfig& field) {
  const auto hash = field.init_from.rfind('#');
  if (hash == std::string::npos) return {field.init_from, name};
  return {field.init_from.substr(0, hash), field.init_from.substr(hash + 1)};
}

void expect_same_tower(const std::string& name, const FieldConfig& mine,
                       const FieldConfig& theirs) {
  const auto path = "fields." + name;
  const auto origin = mine.init_from;
  // `kind` stands first in either: what has other keys is told by it.
  expect_same_keys(path + ".modality", mine.modality, theirs.modality, origin);
  expect_same_keys(path + ".encoder", mine.encoder, theirs.encoder, origin);
  const auto* file = mine.modality.find("tokenizer_file");
  if (!file || file->text().empty()) return;
  throw Error(ErrorCode::kConfig, path + ".modality.tokenizer_file: the tokenizer comes from " +
                                      origin + " (init_from); leave it out");
}

}  // namespace braid
