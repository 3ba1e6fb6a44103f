#include "braid/study/single_field.h"

#include <algorithm>

namespace braid {
namespace {

using Kind = ConfigNode::Kind;

// The items of a list that `keep` wants; a null or absent one stays.
template <class Keep>
void filter(ConfigNode& parent, const char* key, Keep keep) {
  const auto* list = parent.find(key);
  if (!list || list->kind() != Kind::kList) return;
  auto kept = ConfigNode::list();
  for (const auto& item : list->items()) {
    if (keep(item)) kept.append(item);
  }
  parent.put(key, std::move(kept));
}

std::string text_at(const ConfigNode& node, const char* key) {
  const auto* child = node.find(key);
  return child && child->kind() == Kind::kScalar ? child->text() : "";
}

// Does a term, or a task of pairs, need another field?
bool is_between_others(const ConfigNode& node, const std::string& field) {
  const auto* between = node.find("between");
  if (!between || between->kind() != Kind::kList) return false;
  return std::any_of(between->items().begin(), between->items().end(),
                     [&](const ConfigNode& name) { return name.text() != field; });
}

// A pattern of parameter names that can only be about what is gone.
bool names_what_is_gone(const std::string& pattern, const Recipe& whole, const std::string& field) {
  for (const char* part : {"joint.fusion.", "joint.interaction.", "joint.tokens."}) {
    if (pattern.starts_with(part)) return true;
  }
  return std::any_of(whole.fields.begin(), whole.fields.end(), [&](const auto& other) {
    return other.first != field && pattern.starts_with(other.first + ".");
  });
}

ConfigNode parts_left(const Recipe& whole, const std::string& field) {
  auto parts = ConfigNode::list();
  for (auto part : whole.train.parts) {
    std::erase_if(part.match, [&](const std::string& pattern) {
      return names_what_is_gone(pattern, whole, field);
    });
    if (!part.match.empty()) parts.append(write(part));
  }
  return parts;
}

}  // namespace

Recipe single_field_recipe(const Recipe& whole, const std::string& field) {
  auto root = ConfigNode::parse(whole.to_yaml(), "recipe with " + field + " alone");
  const auto config = *root.find("fields")->find(field);
  auto fields = ConfigNode::map();
  fields.put(field, config);
  root.put("fields", fields);
  for (const char* key : {"fusion", "interaction", "anchor"}) root.erase(key);
  if (!whole.shares_trunk(whole.field_index(field))) root.erase("trunk");
  filter(root, "alignment", [&](const ConfigNode& term) {
    const auto views = text_at(term, "views");
    return views.empty() ? !is_between_others(term, field) : views == field;
  });
  auto tasks = ConfigNode::map();
  for (const auto& [name, task] : root.find("tasks")->entries()) {
    if (!is_between_others(task, field)) tasks.put(name, task);
  }
  auto eval = *root.find("eval");
  filter(eval, "protocols", [&](const ConfigNode& protocol) {
    return text_at(protocol, "kind") == "task" && tasks.find(text_at(protocol, "task"));
  });
  root.put("tasks", tasks);
  root.put("eval", eval);
  auto train = *root.find("train");
  train.put("modality_dropout", ConfigNode::scalar("0"));
  train.erase("hard_negatives");
  train.erase("parts");
  if (const auto parts = parts_left(whole, field); !parts.items().empty())
    train.put("parts", parts);
  root.put("train", train);
  return parse_recipe(std::move(root), whole.base);
}

}  // namespace braid
