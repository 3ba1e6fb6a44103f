#include "braid/recipe/recipe.h"

#include <algorithm>
#include <cctype>

#include "braid/core/text.h"
#include "braid/data/layout/layout.h"
#include "braid/recipe/alignment_checks.h"
#include "braid/recipe/catalog.h"
#include "braid/recipe/eval_checks.h"
#include "braid/recipe/pooling_check.h"
#include "braid/recipe/support_check.h"
#include "braid/recipe/task_checks.h"

namespace braid {
namespace {

using Kind = ConfigNode::Kind;

// The part of a recipe that is plain keys; fields and tasks are maps in the user's order, read
// apart.
struct Plain {
  Recipe& r;
  ConfigNode fields, tasks;
};

template <class Field>
void visit(Field&& field, Plain& p) {
  field("name", p.r.name, "name in reports");
  field("seed", p.r.seed, "of all chance in the run");
  field("train_split", p.r.train_split, "split that is trained on");
  field("init_from", p.r.init_from,
        "run whose encoders, tokenizers and, of an equal space, projections fields of the same name "
        "start as");
  field("withhold", p.r.withhold,
        "column: values; rows with one of them are not trained on and choose no weights (classes "
        "for zero-shot)");
  field("licence", p.r.licence, "licence of the data, copied into the run's stamp");
  field("display", p.r.display, "columns shown for a search hit");
  field("data", p.r.data);
  field("fields", p.fields);
  field("trunk", p.r.trunk);
  field("space", p.r.space);
  field("anchor", p.r.anchor,
        "field that every other one is aligned with, in addition to `alignment`");
  field("alignment", p.r.alignment);
  field("interaction", p.r.interaction);
  field("fusion", p.r.fusion);
  field("tasks", p.tasks);
  field("train", p.r.train);
  field("eval", p.r.eval);
}

void read_plain(const ConfigNode& root, Plain& plain) {
  if (root.kind() != Kind::kMap)
    root.fail("expected a recipe: a map with data, fields, alignment or tasks, train");
  std::vector<std::string> known;
  visit(config_detail::Reader{root, &known}, plain);
  config_detail::unknown_keys(root, known);
}

// A frozen encoder sees each value once and as it is: whatever asks for more is a mistake.
void check_frozen(const Recipe& recipe, const std::string& name, const FieldConfig& field,
                  const ConfigNode& at) {
  const auto& frozen = *at.find("frozen");
  if (field.init_from.empty() && recipe.init_from.empty()) {
    frozen.fail("field '" + name + "' is frozen without weights worth keeping: name the run " +
                "they come from with init_from, or set frozen: false");
  }
  const auto* views = field.modality.find("views");
  if (views && !views->is_null()) {
    views->fail("field '" + name + "' is frozen: each value is encoded once, as it is, so random " +
                "views are never seen; leave views out (on the command line: fields." + name +
                ".modality.views=null)");
  }
  if (field.draw.join > 0) {
    at.find("draw")->fail("field '" + name + "' is frozen: each value is encoded once, but " +
                          "draw.join makes new ones each step; set draw.join: 0");
  }
}

void check_trunk(const ConfigNode& root, const Recipe& recipe) {
  if (!recipe.trunk || recipe.trunk->width % recipe.trunk->heads == 0) return;
  root.find("trunk")->fail("heads: " + std::to_string(recipe.trunk->heads) +
                           " does not divide width " + std::to_string(recipe.trunk->width));
}

// An encoder with `trunk: shared` has the trunk's keys, whether its node repeats them or not.
void take_trunk_keys(const Recipe& recipe, const std::string& name, const ConfigNode& at,
                     FieldConfig* field) {
  const auto& node = *field->encoder.find("trunk");
  if (!recipe.trunk)
    node.fail("trunk: shared, but the recipe has no `trunk`, such as {width: 192, depth: 4}");
  if (field->frozen) {
    at.find("frozen")->fail("field '" + name + "': a shared trunk trains with its other fields; " +
                            "set frozen: false, or encoder.trunk: own");
  }
  const auto shared = write(*recipe.trunk);
  for (const auto& [key, value] : shared.entries()) {
    const auto* own = field->encoder.find(key);
    if (own && own->text() != value.text())
      own->fail(key + ": is " + value.text() + " for all fields of the shared trunk, set it there");
    field->encoder.put(key, value);
  }
}

void read_fields(const ConfigNode& node, const ConfigNode& root, Recipe& recipe) {
  if (node.kind() != Kind::kMap || node.entries().empty()) {
    (node.is_null() ? root : node)
        .fail("fields: expected at least one, such as {text: {from: title, ...}}");
  }
  for (const auto& [name, child] : node.entries()) {
    auto field = read<FieldConfig>(child);
    // Fields name files, modules and metrics.
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return c == '_' || (c < 0x80 && std::isalnum(c));
    });
    if (name.empty() || !plain) child.fail("field name '" + name + "': letters, digits, _ only");
    if (field.from.is_null()) child.fail("field '" + name + "' needs `from`, the column it reads");
    if (field.modality.is_null()) child.fail("field '" + name + "' needs `modality`");
    if (field.encoder.is_null()) child.fail("field '" + name + "' needs `encoder`");
    parse_sources(field.from);
    if (field.frozen) check_frozen(recipe, name, field, child);
    if (const auto* trunk = field.encoder.find("trunk"); trunk && trunk->text() == "shared")
      take_trunk_keys(recipe, name, child, &field);
    field.modality = complete("modality", field.modality);
    field.encoder = complete("encoder", field.encoder);
    if (field.pooling) check_pooling(name, field, child);
    if (field.frozen) field.modality.erase("views");  // it has none
    recipe.fields.emplace_back(name, std::move(field));
  }
  check_supports(node, recipe);
}

void check_hard_negatives(const ConfigNode& train, const Recipe& recipe) {
  const auto& between = recipe.train.hard_negatives.between;
  if (between.empty()) {
    if (recipe.train.hard_negatives.every == 0 || !recipe.alignment.empty()) return;
    train.find("hard_negatives")
        ->fail(
            "hard_negatives: there is no alignment term whose fields it could compare; name "
            "them with between");
  }
  const auto& at = *train.find("hard_negatives")->find("between");
  if (between.size() != 2) at.fail("hard_negatives.between: expected two fields");
  for (const auto& name : between) check_field(recipe, name, at);
}

constexpr double kModalityDropout = 0.1;

// Of two fields that are only compared none can be hidden without its pair; a task goes on with
// one.
void decide_modality_dropout(const ConfigNode& root, Recipe& recipe) {
  auto& rate = recipe.train.modality_dropout;
  const bool many = recipe.fields.size() > (recipe.tasks.empty() ? 2 : 1);
  if (!rate) {
    rate = many ? kModalityDropout : 0;
    return;
  }
  const auto& at = *root.find("train")->find("modality_dropout");
  if (!(*rate >= 0 && *rate < 1))
    at.fail("modality_dropout: expected [0, 1), got " + number_text(*rate));
  if (*rate == 0 || many) return;
  at.fail(recipe.tasks.empty()
              ? "modality_dropout: with two fields, hiding one leaves no pair to learn from; it "
                "needs three fields, or 0"
              : "modality_dropout: the one field there is cannot be hidden; set 0");
}

// Bounds of keys that may also be absent.
void check_train(const ConfigNode& node, const TrainConfig& train) {
  const auto at_least_one = [&](const char* name, const std::optional<int64_t>& value) {
    if (value && *value < 1)
      node.find(name)->fail(std::string(name) + ": expected >= 1, got " + number_text(*value));
  };
  at_least_one("steps", train.steps);
  at_least_one("checkpoint_steps", train.checkpoint_steps);
  if (train.workers && (*train.workers < 0 || *train.workers > 256)) {
    node.find("workers")->fail("workers: expected 0 .. 256, got " + number_text(*train.workers));
  }
  if (train.minutes && *train.minutes <= 0) {
    node.find("minutes")->fail("minutes: expected > 0, got " + number_text(*train.minutes));
  }
}

void check_data(const ConfigNode& root, const Recipe& recipe) {
  const auto* node = root.find("data");
  const auto& at = node ? *node : root;
  const int ways =
      !recipe.data.split_column.empty() + !recipe.data.files.empty() + !recipe.data.hash.empty();
  if (ways > 1) at.fail("data: split_column, files and hash exclude each other");
  if (recipe.data.files.empty() == recipe.data.manifest.empty()) {
    at.fail("data: expected either `manifest` or `files` (split: manifest)");
  }
  const auto& buffer = recipe.data.shuffle_buffer;
  if (buffer && *buffer < 1)
    at.find("shuffle_buffer")->fail("shuffle_buffer: expected >= 1, got " + number_text(*buffer));
  const auto layouts = layout_names();
  const auto& layout = recipe.data.layout;
  if (layout == "auto" || std::find(layouts.begin(), layouts.end(), layout) != layouts.end())
    return;
  at.find("layout")->fail("data: no layout '" + layout + "'" + did_you_mean(layout, layouts) +
                          "; known: auto, " + join(layouts, ", "));
}

// Keys of tasks and parts say nothing where there are none.
void drop_unused(const Recipe& recipe, ConfigNode& root) {
  if (recipe.train.parts.empty()) {
    auto train = *root.find("train");
    train.erase("parts");
    root.put("train", std::move(train));
  }
  if (recipe.init_from.empty()) root.erase("init_from");
  if (!recipe.tasks.empty()) return;
  for (const char* key : {"interaction", "fusion", "tasks"}) root.erase(key);
  auto eval = *root.find("eval");
  auto protocols = ConfigNode::list();
  for (auto protocol : eval.find("protocols")->items()) {
    protocol.erase("task");
    protocols.append(std::move(protocol));
  }
  eval.put("protocols", std::move(protocols));
  root.put("eval", std::move(eval));
}

}  // namespace

Sources parse_sources(const ConfigNode& from) {
  const auto columns = [](const ConfigNode& node) {
    std::vector<std::string> names;
    config_detail::read_value(node, names);
    if (names.empty()) node.fail("expected a column");
    return names;
  };
  Sources sources;
  if (from.kind() == Kind::kMap) {
    for (const auto& [label, node] : from.entries()) sources.emplace_back(label, columns(node));
  } else {
    sources.emplace_back("", columns(from));
  }
  if (sources.empty()) from.fail("expected a column");
  return sources;
}

bool Recipe::shares_trunk(size_t field) const {
  const auto* own = fields.at(field).second.encoder.find("trunk");
  return own && own->text() == "shared";
}

size_t Recipe::field_index(const std::string& wanted) const {
  std::vector<std::string> known;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].first == wanted) return i;
    known.push_back(fields[i].first);
  }
  throw Error(ErrorCode::kUsage, "no field '" + wanted + "'" + did_you_mean(wanted, known) +
                                     "; this recipe has: " + join(known, ", "));
}

size_t Recipe::task_index(const std::string& wanted) const {
  std::vector<std::string> known;
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].name == wanted) return i;
    known.push_back(tasks[i].name);
  }
  throw Error(ErrorCode::kUsage, "no task '" + wanted + "'" + did_you_mean(wanted, known) +
                                     "; this recipe has: " + join(known, ", "));
}

bool Recipe::aligns_fields() const {
  return std::any_of(alignment.begin(), alignment.end(),
                     [](const TermConfig& term) { return !term.between.empty(); });
}

std::vector<int64_t> Recipe::widths() const {
  const bool pairs = aligns_fields();
  std::vector<int64_t> all = {space.width};
  if (alignment.empty()) return all;
  for (int64_t width = space.width - 1; width > 0; --width) {
    const bool trained =
        std::all_of(alignment.begin(), alignment.end(), [&](const TermConfig& term) {
          const auto& own = term.widths;
          return (pairs && !term.views.empty()) ||
                 std::find(own.begin(), own.end(), width) != own.end();
        });
    if (trained) all.push_back(width);
  }
  return all;
}

int64_t Recipe::width_or_whole(int64_t asked) const {
  const auto known = widths();
  if (asked == 0) return space.width;
  if (std::find(known.begin(), known.end(), asked) != known.end()) return asked;
  std::vector<std::string> names;
  for (const int64_t width : known) names.push_back(std::to_string(width));
  throw Error(ErrorCode::kUsage, "width " + std::to_string(asked) +
                                     ": not one that this run trained; there are: " +
                                     join(names, ", ") + " (widths of its alignment terms)");
}

std::vector<FieldSource> Recipe::sources() const {
  std::vector<FieldSource> all;
  for (const auto& [name, config] : fields) {
    all.push_back({name, config.modality.find("kind")->text(), parse_sources(config.from), {}});
    const auto* missing = config.modality.find("missing");
    if (missing) config_detail::read_value(*missing, all.back().missing);
  }
  return all;
}

std::string Recipe::to_yaml() const {
  auto root = ConfigNode::map();
  Recipe copy = *this;
  Plain plain{copy, ConfigNode::map(), ConfigNode::map()};
  for (const auto& [field, config] : fields) plain.fields.put(field, write(config));
  for (const auto& task : tasks) plain.tasks.put(task.name, task.node);
  visit(config_detail::Writer{root}, plain);
  drop_unused(*this, root);
  return root.to_yaml();
}

Recipe parse_recipe(ConfigNode root, const std::filesystem::path& base) {
  Recipe recipe;
  recipe.base = base;
  Plain plain{recipe, {}, {}};
  read_plain(root, plain);
  check_trunk(root, recipe);
  if (recipe.seed < 0) root.find("seed")->fail("seed: expected >= 0");
  check_data(root, recipe);
  read_fields(plain.fields, root, recipe);
  read_tasks(root, plain.tasks, recipe);
  add_anchor_terms(root, recipe);
  const auto* alignment = root.find("alignment");
  check_alignment(alignment ? *alignment : root, recipe);
  decide_modality_dropout(root, recipe);
  if (const auto* train = root.find("train")) {
    check_train(*train, recipe.train);
    check_hard_negatives(*train, recipe);
    check_parts(*train, recipe);
  }
  const auto* eval = root.find("eval");
  if (eval) check_protocols(*eval, recipe);
  decide_metric(eval, recipe);
  if (eval) check_metric(*eval, recipe);
  return recipe;
}

Recipe load_recipe(const std::filesystem::path& path, const std::vector<std::string>& overrides) {
  auto root = ConfigNode::load(path);
  for (const auto& text : overrides) root.override_with(text);
  const auto base = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  return parse_recipe(std::move(root), base);
}

}  // namespace braid
