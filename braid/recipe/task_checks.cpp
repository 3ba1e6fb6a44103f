#include "braid/recipe/task_checks.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "braid/core/text.h"
#include "braid/generate/generation.h"
#include "braid/generate/transcription.h"
#include "braid/head/classification.h"
#include "braid/recipe/catalog.h"
#include "braid/recipe/eval_checks.h"

namespace braid {
namespace {

using Kind = ConfigNode::Kind;

constexpr const char* kJoint = "joint";  // what the model calls its half behind the fields

// The node in the recipe where the completed one has `key`, or the task itself.
const ConfigNode& at_key(const ConfigNode& node, const char* key) {
  const auto* own = node.find(key);
  return own ? *own : node;
}

void check_classification(const ConfigNode& node, const TaskConfig& task) {
  const auto config = read_member<ClassificationConfig>(task.node);
  const bool multi = config.labels == LabelMode::kMulti;
  parse_class_weights(config.class_weights);
  if (multi && !config.positive.empty())
    at_key(node, "positive").fail("positive: of two classes only, not of labels: multi");
}

// Fills in the two fields.
void check_matching(const ConfigNode& node, const Recipe& recipe, TaskConfig& task) {
  const auto& at = at_key(node, "between");
  task.between = read<std::vector<std::string>>(*task.node.find("between"));
  if (task.between.empty() && recipe.fields.size() == 2)
    task.between = {recipe.fields[0].first, recipe.fields[1].first};
  if (task.between.size() != 2 || task.between[0] == task.between[1])
    at.fail("between: expected two fields, such as [image, text]");
  for (const auto& name : task.between) check_field(recipe, name, at);
  task.node.put("between", write(task.between));
}

void check_generation(const ConfigNode& node, const Recipe& recipe, TaskConfig& task) {
  const auto config = read_member<GenerationConfig>(task.node);
  task.fields = config.fields;
  for (const auto& name : task.fields) check_field(recipe, name, at_key(node, "fields"));
  if (!task.fields.empty() && config.reads != DecoderView::kTokens) {
    at_key(node, "fields").fail("fields: the fused vector is made of every field; set reads: tokens");
  }
  if (config.self_critical.epochs > 0 && recipe.train.steps) {
    at_key(at_key(node, "self_critical"), "epochs")
        .fail("self_critical: it comes in the last epochs of train.epochs; remove train.steps");
  }
  const auto& search = at_key(node, "search");
  check(config.search, &search);
  if (config.search.max_tokens > config.max_tokens) {
    at_key(search, "max_tokens")
        .fail("search.max_tokens: expected at most max_tokens, " + std::to_string(config.max_tokens) +
              ", got " + std::to_string(config.search.max_tokens));
  }
}

// Fills in the field.
void check_transcription(const ConfigNode& node, const Recipe& recipe, TaskConfig& task) {
  auto field = read_member<TranscriptionConfig>(task.node).field;
  if (field.empty() && recipe.fields.size() == 1) field = recipe.fields[0].first;
  if (field.empty()) node.fail("task '" + task.name + "' needs `field`, that says its texts");
  check_field(recipe, field, at_key(node, "field"));
  task.fields = {field};
  task.node.put("field", ConfigNode::scalar(field));
  if (task.texts.size() > 1) {
    at_key(node, "target")
        .fail("target: expected columns without labels: what is said says its language, too");
  }
}

TaskConfig read_task(const std::string& name, const ConfigNode& node, const Recipe& recipe) {
  TaskConfig task;
  task.name = name;
  task.node = complete("task", node);
  task.kind = task.node.find("kind")->text();
  task.weight = read<double>(*task.node.find("weight"));
  if (const auto* target = task.node.find("target")) {
    if (task.writes()) {
      const auto& at = at_key(node, "target");
      if (target->is_null()) at.fail("task '" + name + "' needs `target`, the column of its texts");
      task.texts = parse_sources(*target);
      for (const auto& [label, columns] : task.texts)
        task.target.insert(task.target.end(), columns.begin(), columns.end());
    } else {
      task.target = read<std::vector<std::string>>(*target);
    }
    const bool empty = std::any_of(task.target.begin(), task.target.end(),
                                   [](const std::string& column) { return column.empty(); });
    if (task.target.empty() || empty)
      at_key(node, "target").fail("task '" + name + "' needs `target`, the column of its answers");
    const std::set<std::string> once(task.target.begin(), task.target.end());
    if (once.size() < task.target.size())
      at_key(node, "target").fail("target: a column stands twice");
  }
  if (task.kind == "classification") check_classification(node, task);
  if (task.kind == "matching") check_matching(node, recipe, task);
  if (task.kind == "generation") check_generation(node, recipe, task);
  if (task.transcribes()) check_transcription(node, recipe, task);
  return task;
}

// A field that reads the answer learns nothing else. Patterns of tables are seen with the data.
void check_not_an_input(const ConfigNode& node, const TaskConfig& task, const Recipe& recipe) {
  for (const auto& [field, config] : recipe.fields) {
    if (config.modality.find("kind")->text() == "table" || !task.sees(field)) continue;
    for (const auto& [label, columns] : parse_sources(config.from)) {
      for (const auto& target : task.target) {
        if (std::find(columns.begin(), columns.end(), target) == columns.end()) continue;
        at_key(node, "target")
            .fail("target: field '" + field + "' reads column '" + target +
                  "', which is what the task must answer; leave the field out");
      }
    }
  }
}

void check_joint(const ConfigNode& root, Recipe& recipe) {
  const bool many = recipe.fields.size() > 1;
  if (recipe.tasks.empty()) {
    for (const char* key : {"fusion", "interaction"}) {
      const auto* node = root.find(key);
      if (!node || node->is_null() || (node->kind() == Kind::kList && node->items().empty()))
        continue;
      node->fail(std::string(key) +
                 ": nothing reads what it gives; it needs `tasks`, such as "
                 "{label: {kind: classification, target: label}}");
    }
    return;
  }
  for (const auto& [name, field] : recipe.fields) {
    if (name == kJoint)
      root.find("fields")->fail(
          "field name 'joint': is what the model calls its "
          "half behind the fields; take another");
  }
  if (recipe.fusion.is_null() && many) {
    recipe.fusion = ConfigNode::map();
    recipe.fusion.put("kind", ConfigNode::scalar("modality_attention"));
    recipe.fusion.put("score", ConfigNode::scalar("scaled_dot"));
  }
  if (!recipe.fusion.is_null()) recipe.fusion = complete("fusion", recipe.fusion);
  if (!recipe.interaction.empty() && !many)
    root.find("interaction")->fail("interaction: there is no other field to look at");
  for (auto& layer : recipe.interaction) layer = complete("interaction", layer);
}

}  // namespace

bool matches_glob(const std::string& name, const std::string& glob) {
  // Greedy with one way back: to the last star.
  size_t n = 0, g = 0, star = std::string::npos, after = 0;
  while (n < name.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      after = n;
    } else if (g < glob.size() && glob[g] == name[n]) {
      ++g;
      ++n;
    } else if (star != std::string::npos) {
      g = star + 1;
      n = ++after;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

void read_tasks(const ConfigNode& root, const ConfigNode& tasks, Recipe& recipe) {
  if (!tasks.is_null() && tasks.kind() != Kind::kMap)
    tasks.fail("tasks: expected a map, such as {label: {kind: classification, target: label}}");
  for (const auto& [name, node] : tasks.entries()) {
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return c == '_' || (c < 0x80 && std::isalnum(c));
    });
    if (name.empty() || !plain) node.fail("task name '" + name + "': letters, digits, _ only");
    recipe.tasks.push_back(read_task(name, node, recipe));
    check_not_an_input(node, recipe.tasks.back(), recipe);
  }
  check_joint(root, recipe);
}

void check_parts(const ConfigNode& train, const Recipe& recipe) {
  const auto* list = train.find("parts");
  for (size_t i = 0; i < recipe.train.parts.size(); ++i) {
    const auto& part = recipe.train.parts[i];
    const auto& at = list->kind() == Kind::kList ? list->items()[i] : *list;
    if (part.match.empty()) at.fail("parts: expected `match`, such as picture.encoder.*");
    if (part.freeze && part.lr != 1)
      at_key(at, "lr").fail("parts: what is frozen has no learning rate; leave lr or freeze out");
  }
}

}  // namespace braid
