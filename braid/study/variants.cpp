#include "braid/study/variants.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>

#include "braid/core/text.h"
#include "braid/recipe/catalog.h"
#include "braid/study/single_field.h"

namespace braid {
namespace {

using Kind = ConfigNode::Kind;
using Assignment = std::pair<std::string, std::string>;  // key and value

// A key below a member of a family: fusion.score is `score` of the fusion.
struct MemberKey {
  std::string family;
  std::string node;  // "fusion", "fields.picture.encoder"
  std::string key;   // "score"
};

std::optional<MemberKey> member_key(const std::string& path) {
  static const std::map<std::string, std::string> kPlaces = {
      {"fusion", "fusion"},
      {"interaction.*", "interaction"},
      {"fields.*.encoder", "encoder"},
      {"fields.*.modality", "modality"},
      {"tasks.*", "task"},
      {"alignment.*.loss", "alignment"}};
  const auto steps = split(path, '.');
  for (size_t length = 1; length < steps.size() && length <= 3; ++length) {
    const std::span own(steps.data(), length);
    std::vector<std::string> pattern(own.begin(), own.end());
    if (length > 1) pattern[1] = "*";
    const auto found = kPlaces.find(join(pattern, "."));
    if (found != kPlaces.end()) return MemberKey{found->second, join(own, "."), steps[length]};
  }
  return std::nullopt;
}

const ConfigNode* node_at(const ConfigNode& root, const std::string& path) {
  const ConfigNode* node = &root;
  for (const auto& step : split(path, '.')) {
    if (node->kind() == Kind::kList) {
      const auto at = static_cast<size_t>(std::atoll(step.c_str()));
      if (at >= node->items().size()) return nullptr;
      node = &node->items()[at];
    } else {
      node = node->find(step);
      if (!node) return nullptr;
    }
  }
  return node;
}

std::string kind_of_node(const ConfigNode& root, const std::string& path) {
  const auto* node = node_at(root, path);
  if (!node) return "";
  if (node->kind() == Kind::kScalar) return node->text();
  const auto* kind = node->find("kind");
  return kind ? kind->text() : "";
}

// Keys of a member, or nothing where there is no such member.
std::optional<std::vector<std::string>> keys_of(const std::string& family,
                                                const std::string& kind) {
  static const auto families = catalog();
  for (const auto& own : families) {
    if (own.name != family) continue;
    for (const auto& member : own.members) {
      if (member.name != kind) continue;
      std::vector<std::string> keys = {"kind"};
      for (const auto& key : member.keys) keys.push_back(key.name);
      return keys;
    }
  }
  return std::nullopt;
}

bool contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Would the member that stands there know the key? Where there is none, the reader will say so.
bool knows(const ConfigNode& root, const MemberKey& key) {
  const auto keys = keys_of(key.family, kind_of_node(root, key.node));
  return !keys || contains(*keys, key.key);
}

// `fusion: mean` and a fusion left out become maps, so that keys can be set in them.
void spell_out(ConfigNode& root, const MemberKey& key, const Recipe& complete_recipe) {
  const auto* node = node_at(root, key.node);
  if (!node && key.node == "fusion" && !complete_recipe.fusion.is_null()) {
    root.override_with("fusion.kind=" + complete_recipe.fusion.find("kind")->text());
  } else if (node && node->kind() == Kind::kScalar) {
    const auto kind = node->text();
    root.override_with(key.node + "={}");
    root.override_with(key.node + ".kind=" + kind);
  }
}

void set_kind(ConfigNode& root, const MemberKey& key, const std::string& kind) {
  const auto known = keys_of(key.family, kind);
  const auto* node = node_at(root, key.node);
  if (known && node && node->kind() == Kind::kMap) {
    auto kept = *node;
    for (const auto& [name, value] : node->entries()) {
      if (!contains(*known, name)) kept.erase(name);
    }
    // override_with takes text: the keys that stay are set one by one.
    root.override_with(key.node + "={}");
    for (const auto& [name, value] : kept.entries()) {
      auto text = value.to_yaml();
      root.override_with(key.node + "." + name + "=" + text);
    }
  }
  root.override_with(key.node + ".kind=" + kind);
}

bool is_kind(const Assignment& a) {
  const auto key = member_key(a.first);
  return key && key->key == "kind" && a.first == key->node + ".kind";
}

ConfigNode with_kinds(ConfigNode root, const std::vector<Assignment>& combination) {
  for (const auto& assignment : combination) {
    if (is_kind(assignment)) set_kind(root, *member_key(assignment.first), assignment.second);
  }
  return root;
}

std::vector<std::vector<Assignment>> combinations(const std::vector<Vary>& varied) {
  std::vector<std::vector<Assignment>> all = {{}};
  for (const auto& vary : varied) {
    std::vector<std::vector<Assignment>> longer;
    for (const auto& combination : all) {
      for (const auto& value : vary.values) {
        longer.push_back(combination);
        longer.back().emplace_back(vary.key, value);
      }
    }
    all = std::move(longer);
  }
  return all;
}

std::vector<std::string> texts_of(const std::vector<Assignment>& combination) {
  std::vector<std::string> texts;
  for (const auto& [key, value] : combination) texts.push_back(key + "=" + value);
  return texts;
}

// Letters, digits, _ - and dots; a value that says nothing alone (a number, true) is led by its key.
std::string short_name(const std::vector<Assignment>& combination) {
  std::vector<std::string> words;
  for (const auto& [key, value] : combination) {
    const bool says = std::isalpha(static_cast<unsigned char>(value[0])) &&
                      !contains({"true", "false", "null", "yes", "no", "on", "off"}, value);
    std::string word = says ? value : key.substr(key.rfind('.') + 1) + "_" + value;
    for (auto& c : word) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x80 || (!std::isalnum(byte) && c != '_' && c != '-' && c != '.')) c = '_';
    }
    words.push_back(word.substr(0, 60));
  }
  return words.empty() ? "recipe" : join(words, "-");
}

std::string unused_name(const std::string& name, const std::vector<Variant>& taken) {
  const auto is_taken = [&](const std::string& wanted) {
    return std::any_of(taken.begin(), taken.end(),
                       [&](const Variant& other) { return other.name == wanted; });
  };
  std::string free = name;
  for (int number = 2; is_taken(free); ++number) free = name + "-" + std::to_string(number);
  return free;
}

void check_keys(const std::vector<Vary>& varied) {
  std::set<std::string> seen;
  for (const auto& vary : varied) {
    if (!seen.insert(vary.key).second)
      throw Error(ErrorCode::kUsage, "--vary " + vary.key + ": given twice");
    const auto steps = split(vary.key, '.');
    const bool target =
        steps.size() > 2 && steps[0] == "tasks" && (steps[2] == "target" || steps[2] == "between");
    if (!contains({"data", "eval", "seed", "name", "train_split", "withhold"}, steps[0]) && !target)
      continue;
    throw Error(ErrorCode::kUsage,
                "--vary " + vary.key + ": variants are compared on the same rows by the same " +
                    "metric, so this key cannot differ between them; set it for all of them: " +
                    vary.key + "=...");
  }
}

Recipe parse_combination(const ConfigNode& root, const std::filesystem::path& base,
                         const std::vector<Assignment>& combination) {
  try {
    return parse_recipe(root, base);
  } catch (const Error& error) {
    if (combination.empty()) throw;
    throw Error(error.code(), "--vary, combination " + join(texts_of(combination), ", ") + ": " +
                                  error.what());
  }
}

void add_single_fields(const Recipe& whole, Variants& out) {
  if (whole.tasks.empty()) {
    out.notes.push_back("no tasks: there is no single field to compare with");
    return;
  }
  if (whole.fields.size() == 1) {
    out.notes.push_back("one field: the recipe itself is the single modality");
    return;
  }
  for (const auto& [field, config] : whole.fields) {
    try {
      out.all.push_back({unused_name("only-" + field, out.all), Role::kSingle,
                         {"only " + field}, single_field_recipe(whole, field)});
    } catch (const Error& error) {
      out.notes.push_back("only " + field + ": left out: " + error.what());
    }
  }
}

}  // namespace

Vary parse_vary(const std::string& text) {
  const size_t equals = text.find('=');
  const auto fail = [&](const std::string& why) {
    throw Error(ErrorCode::kUsage,
                "--vary '" + text + "': " + why + ", such as fusion.kind=mean,gated");
  };
  if (equals == std::string::npos || equals == 0) fail("expected KEY=VALUE,VALUE,...");
  Vary vary{text.substr(0, equals), {}};
  std::string value;
  int depth = 0;
  char quote = 0;
  for (const char c : text.substr(equals + 1) + ",") {
    if (quote ? c == quote : c == '\'' || c == '"') quote = quote ? 0 : c;
    if (!quote && (c == '{' || c == '[')) ++depth;
    if (!quote && (c == '}' || c == ']')) --depth;
    if (c != ',' || depth > 0 || quote) {
      value += c;
      continue;
    }
    value = std::string(trim(value));
    if (value.empty()) fail("expected a value between the commas");
    vary.values.push_back(value);
    value.clear();
  }
  if (depth != 0 || quote) fail("a bracket or quote is not closed");
  return vary;
}

Variants make_variants(const std::filesystem::path& path, const std::vector<std::string>& overrides,
                       const std::vector<Vary>& varied) {
  check_keys(varied);
  auto root = ConfigNode::load(path);
  for (const auto& text : overrides) root.override_with(text);
  const auto base = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const auto whole = parse_recipe(root, base);
  for (const auto& vary : varied) {
    if (const auto key = member_key(vary.key)) spell_out(root, *key, whole);
  }
  const auto all = combinations(varied);
  std::set<std::string> used;  // keys that some combination's kinds know
  for (const auto& combination : all) {
    const auto node = with_kinds(root, combination);
    for (const auto& [key, value] : combination) {
      const auto member = member_key(key);
      if (!member || knows(node, *member)) used.insert(key);
    }
  }
  Variants out;
  std::map<std::string, std::string> names;  // of recipes
  for (const auto& combination : all) {
    auto node = with_kinds(root, combination);
    std::vector<Assignment> applied;
    for (const auto& assignment : combination) {
      const auto member = member_key(assignment.first);
      if (used.contains(assignment.first) && member && !knows(node, *member)) continue;
      applied.push_back(assignment);
      if (!is_kind(assignment)) node.override_with(assignment.first + "=" + assignment.second);
    }
    auto recipe = parse_combination(node, base, applied);
    const auto [known, is_new] = names.try_emplace(recipe.to_yaml(), "");
    if (!is_new) {
      out.notes.push_back(join(texts_of(combination), ", ") + ": the same recipe as " +
                          known->second + ", run once");
      continue;
    }
    const auto name = unused_name(short_name(applied), out.all);
    known->second = name;
    out.all.push_back({name, Role::kVariant, texts_of(applied), std::move(recipe)});
  }
  add_single_fields(whole, out);
  return out;
}

}  // namespace braid
