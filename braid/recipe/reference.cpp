// The recipe reference, from the same descriptions that read recipes.
#include "braid/recipe/catalog.h"
#include "braid/recipe/recipe.h"

namespace braid {
namespace {

// A pipe would end the cell of a Markdown table.
std::string cell(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out.empty() ? " " : out;
}

void add_rows(const std::vector<FieldDoc>& keys, const std::string& prefix, std::string* out) {
  for (const auto& key : keys) {
    const std::string name = prefix + key.name;
    if (!key.nested.empty()) {
      add_rows(key.nested, name + ".", out);
      continue;
    }
    *out += "| `" + name + "` | " + cell(key.type) + " | " +
            (key.fallback.empty() ? " " : "`" + key.fallback + "`") + " | " + cell(key.range) +
            " | " + cell(key.help) + " |\n";
  }
}

void add_table(const std::vector<FieldDoc>& keys, std::string* out) {
  *out += "| key | type | default | range | meaning |\n|---|---|---|---|---|\n";
  add_rows(keys, "", out);
  *out += "\n";
}

template <class Config>
void add_section(const std::string& title, const std::string& words, std::string* out) {
  *out += "## " + title + "\n\n" + words + "\n\n";
  add_table(describe<Config>(), out);
}

}  // namespace

std::string recipe_reference() {
  std::string out =
      "# Recipe reference\n\n"
      "Printed by `braid show-config --reference`; a test keeps this file equal to it. A recipe is "
      "one\n"
      "YAML file; `braid show-config RECIPE` prints it with every default filled in. On the "
      "command line\n"
      "`a.b=c` overrides a key. Relative paths start from the recipe's folder; `${NAME}` in a path "
      "is the\n"
      "environment's. Unknown and duplicate keys are errors.\n\n"
      "Top level: `name`, `seed`, `licence`, `display` (columns shown for a search hit), "
      "`train_split`,\n"
      "`withhold` (column: values; rows with one of them are not trained on and choose no "
      "weights), `anchor`\n"
      "(field that every other one is aligned with), and the parts below. `interaction` is a list "
      "of members of\n"
      "that family, in the order in which they stand behind each other, `fusion` one of its, "
      "`tasks` a map of\n"
      "names to members of the family task; see [tasks.md](tasks.md).\n\n";
  add_section<DataConfig>("data", "Where samples come from; see [data.md](data.md).", &out);
  add_section<FieldConfig>("fields.NAME", "One entry a field of a sample.", &out);
  add_section<TrunkConfig>(
      "trunk", "One transformer of all fields whose encoder says `trunk: shared`.", &out);
  add_section<ProjectionConfig>("space", "From every encoder's vector into the shared space.",
                                &out);
  add_section<TermConfig>("alignment", "A list of loss terms; the total is their weighted sum.",
                          &out);
  add_section<TrainConfig>("train", "AdamW, linear warm-up, cosine.", &out);
  add_section<PartConfig>(
      "train.parts",
      "Parts of the model by the names of their parameters; see [tasks.md](tasks.md).", &out);
  add_section<EvalConfig>("eval", "What is measured.", &out);
  add_section<ProtocolConfig>(
      "eval.protocols",
      "Each asks one field and searches another, in both directions, classifies by prompts, or has "
      "a task\nanswered.",
      &out);
  for (const auto& family : catalog()) {
    for (const auto& member : family.members) {
      out += "## " + family.name + ": " + member.name + "\n\n" + member.help + "\n\n";
      add_table(member.keys, &out);
    }
  }
  return out;
}

}  // namespace braid
