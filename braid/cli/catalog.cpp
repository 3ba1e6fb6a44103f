// braid list, braid show-config
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/recipe/catalog.h"
#include "braid/recipe/recipe.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

struct ListArguments {
  std::string family;
  bool json = false;
};

struct ShowArguments {
  std::vector<std::string> words;
  bool reference = false;
};

std::vector<FamilyDoc> wanted_families(const std::string& name) {
  auto all = catalog();
  if (name.empty()) return all;
  std::vector<std::string> known;
  for (auto& family : all) {
    if (family.name == name) return {std::move(family)};
    known.push_back(family.name);
  }
  throw Error(ErrorCode::kUsage, "no family '" + name + "'" + did_you_mean(name, known) +
                                     "; there are: " + join(known, ", "));
}

Json keys_json(const std::vector<FieldDoc>& keys) {
  Json list = Json::array();
  for (const auto& key : keys) {
    Json one = {{"name", key.name},
                {"type", key.type},
                {"default", key.fallback},
                {"range", key.range},
                {"help", key.help}};
    if (!key.nested.empty()) one["keys"] = keys_json(key.nested);
    list.push_back(std::move(one));
  }
  return list;
}

void print_keys(const std::vector<FieldDoc>& keys, int indent) {
  for (const auto& key : keys) {
    std::printf("%*s%-18s %s%s%s%s\n", indent, "", key.name.c_str(), key.help.c_str(),
                key.range.empty() ? "" : (" (" + key.range + ")").c_str(),
                key.fallback.empty() ? "" : " = ", key.fallback.c_str());
    print_keys(key.nested, indent + 2);
  }
}

void run_list(const ListArguments& a) {
  const auto families = wanted_families(a.family);
  if (a.json) {
    Json object;
    for (const auto& family : families) {
      for (const auto& one : family.members)
        object[family.name][one.name] = {{"help", one.help}, {"keys", keys_json(one.keys)}};
    }
    std::puts(object.dump(2).c_str());
    return;
  }
  for (const auto& family : families) {
    std::printf("%s: %s\n", family.name.c_str(), family.help.c_str());
    for (const auto& one : family.members) {
      std::printf("  %-18s %s\n", one.name.c_str(), one.help.c_str());
      if (!a.family.empty()) print_keys(one.keys, 4);
    }
  }
}

void run_show(const ShowArguments& a) {
  if (a.reference) {
    std::fputs(recipe_reference().c_str(), stdout);
    return;
  }
  if (a.words.empty())
    throw Error(ErrorCode::kUsage,
                "expected: braid show-config RECIPE [key=value ...], or --reference");
  const auto recipe = load_recipe(a.words[0], {a.words.begin() + 1, a.words.end()});
  std::fputs(recipe.to_yaml().c_str(), stdout);
}

}  // namespace

void add_json(CLI::App& verb, bool& json) {
  verb.add_flag("--json", json, "print one JSON object");
}

void add_width(CLI::App& verb, int64_t& width) {
  verb.add_option("--width", width, "cut vectors to this width, one of the recipe's `widths`")
      ->check(CLI::Range(1, 1 << 20));
}

void add_device(CLI::App& verb, std::string& device) {
  verb.add_option("--device", device, "auto (CUDA where there is some), cpu, cuda or cuda:N")
      ->capture_default_str();
}

void add_list(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "list", "List what recipes can name: modalities, encoders, alignments, with their keys");
  auto a = std::make_shared<ListArguments>();
  verb->add_option("family", a->family, "one family, with every key");
  add_json(*verb, a->json);
  verb->footer("Examples:\n  braid list\n  braid list encoder\n");
  verb->callback([a] { run_list(*a); });
}

void add_show_config(CLI::App& app) {
  auto* verb =
      app.add_subcommand("show-config", "Check a recipe and print it with every default filled in");
  auto a = std::make_shared<ShowArguments>();
  verb->add_option("recipe", a->words, "recipe file, then overrides");
  verb->add_flag("--reference", a->reference, "print the recipe reference (docs/recipe.md)");
  verb->footer(
      "Examples:\n  braid show-config recipes/emoji.yaml\n  braid show-config recipes/emoji.yaml "
      "train.lr=0.001\n");
  verb->callback([a] { run_show(*a); });
}

}  // namespace braid
