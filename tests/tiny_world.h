// A whole small world for the tests of task and train: sixty-four pairs of texts in two or three
// languages, two towers of a few thousand weights. Nothing is drawn but by seed.
#pragma once

#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "braid/core/file.h"
#include "braid/data/dataset.h"
#include "braid/modality/modality.h"
#include "braid/recipe/recipe.h"
#include "braid/task/joint_loss.h"
#include "braid/task/model.h"
#include "braid/task/target_table.h"

namespace braid::test {

// Sixteen rows a line of colour; `de` and `fr` are the same thing in other words.
inline std::string tiny_manifest() {
  const char* colours[][3] = {{"red", "rot", "rouge"},      {"blue", "blau", "bleu"},
                              {"green", "gruen", "vert"},   {"white", "weiss", "blanc"},
                              {"black", "schwarz", "noir"}, {"pink", "rosa", "rose"},
                              {"grey", "grau", "gris"},     {"brown", "braun", "marron"}};
  const char* things[][3] = {{"house", "haus", "maison"}, {"tree", "baum", "arbre"},
                             {"bird", "vogel", "oiseau"}, {"stone", "stein", "pierre"},
                             {"boat", "boot", "bateau"},  {"horse", "pferd", "cheval"},
                             {"moon", "mond", "lune"},    {"fish", "fisch", "poisson"}};
  std::string rows;
  for (const auto& colour : colours) {
    for (const auto& thing : things) {
      rows += std::string("{\"en\": \"") + colour[0] + " " + thing[0] + "\", \"de\": \"" +
              colour[1] + " " + thing[1] + "\", \"fr\": \"" + colour[2] + " " + thing[2] + "\"}\n";
    }
  }
  return rows;
}

inline constexpr const char* kTinyTower =
    "modality: {kind: text, max_tokens: 16, tokenizer: {vocabulary: 300}, "
    "views: {delete: 0, swap: 0, insert: 0, mask: 0}}, "
    "encoder: {kind: bag_of_tokens, width: 16, hidden: 0, dropout: 0}";

// One field, so that `de` and `fr` are free to be learned.
inline std::string one_field_recipe(const std::string& more) {
  return "data: {manifest: all.jsonl}\nspace: {width: 16}\nfields:\n  a: {from: en, " +
         std::string(kTinyTower) + "}\n" + more;
}

inline std::string tiny_recipe(const std::string& more) {
  return one_field_recipe("  b: {from: {de: de, fr: fr}, " + std::string(kTinyTower) + "}\n" +
                          more);
}

// The same with things to tell: `colour` (8 classes), `warm` (2, of few rows), `tags` (lists of
// labels), `letters` and `half` (numbers of the English words, the second in every other row).
inline std::string labelled_manifest() {
  std::string rows, line;
  std::istringstream plain(tiny_manifest());
  for (int64_t i = 0; std::getline(plain, line); ++i) {
    line.pop_back();
    const auto begin = line.find(": \"") + 3, gap = line.find(' ', begin);
    const auto colour = line.substr(begin, gap - begin);
    const auto letters = static_cast<int64_t>(line.find('"', begin) - begin) - 1;
    rows += line + ", \"colour\": \"" + colour + "\", \"letters\": " + std::to_string(letters);
    rows += ", \"tags\": [" + std::string(letters > 8 ? "\"long\"" : "") +
            (letters > 8 && colour == "red" ? ", " : "") + (colour == "red" ? "\"red\"" : "") + "]";
    rows += ", \"warm\": " + std::string(colour == "red" || colour == "pink" ? "true" : "false");
    if (i % 2 == 0) rows += ", \"half\": " + std::to_string(static_cast<double>(letters) / 2);
    rows += "}\n";
  }
  return rows;
}

// The same with things to write that no field reads: `es`, three texts a row, and `it`, one, which
// the third row lacks and the fourth leaves blank.
inline std::string spoken_manifest() {
  const char* colours[] = {"rojo", "azul", "verde", "blanco", "negro", "rosado", "gris", "pardo"};
  const char* things[] = {"casa", "arbol", "pajaro", "piedra", "barco", "caballo", "luna", "pez"};
  std::string rows, line;
  std::istringstream plain(tiny_manifest());
  for (int64_t i = 0; std::getline(plain, line); ++i) {
    line.pop_back();
    const std::string colour = colours[i / 8], thing = things[i % 8];
    rows += line + ", \"es\": [\"" + thing + " " + colour + "\", \"" + colour + "\", \"un " +
            thing + " es " + colour + "\"]";
    if (i != 2) rows += ", \"it\": \"" + (i == 3 ? std::string(" ") : "ecco " + colour) + "\"";
    rows += "}\n";
  }
  return rows;
}

// Data, modalities and recipe; the manifest must outlive nothing: it is read at once.
struct TinyWorld {
  TinyWorld(const std::filesystem::path& folder, const std::string& more,
            const std::string& manifest = tiny_manifest(),
            std::string (*yaml)(const std::string&) = tiny_recipe) {
    write_atomic(folder / "all.jsonl", std::string_view(manifest));
    recipe = parse_recipe(ConfigNode::parse(yaml(more), "tiny.yaml"), folder);
    data = open_dataset(recipe.data, recipe.sources(), folder);
    facts = learn_targets(recipe, *data, data->rows(""));
    for (const auto& [name, field] : recipe.fields) {
      modalities.push_back(make_modality("text", field.modality));
      // Both learn from all texts, so that their vocabularies are one.
      modalities.back()->fit([&](const ValueVisitor& visit) {
        for (const char* column : {"en", "de", "fr"}) {
          for (int64_t row = 0; row < data->size(); ++row) {
            for (const auto& text : data->column(row, column)) visit(as_bytes(text));
          }
        }
      });
    }
  }

  std::vector<const Modality*> pointers() const {
    std::vector<const Modality*> all;
    for (const auto& modality : modalities) all.push_back(modality.get());
    return all;
  }

  // The same weights each time.
  std::unique_ptr<Model> model(uint64_t seed = 1) const {
    at::manual_seed(seed);
    return std::make_unique<Model>(recipe, pointers(), facts);
  }

  // Of every row, a table each task.
  std::vector<TargetTable> targets() const {
    return read_all_targets(recipe, facts, *data, data->rows(""));
  }

  Recipe recipe;
  std::unique_ptr<Dataset> data;
  std::vector<TargetFacts> facts;
  std::vector<std::unique_ptr<Modality>> modalities;
};

}  // namespace braid::test
