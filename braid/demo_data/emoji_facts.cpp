#include "braid/demo_data/emoji_facts.h"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "braid/core/file.h"
#include "braid/core/text.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

int64_t count_split(const std::vector<EmojiRow>& rows, const std::string& split) {
  return std::count_if(rows.begin(), rows.end(),
                       [&](const auto& row) { return row.split == split; });
}

int64_t count_withheld(const std::vector<EmojiRow>& rows) {
  return std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.withheld; });
}

Json language_facts(const std::vector<EmojiRow>& rows, const std::string& language) {
  int64_t names = 0, keywords = 0, texts = 0, silent = 0;
  for (const auto& row : rows) {
    const auto& own = row.languages.at(language);
    names += !own.name.empty();
    keywords += static_cast<int64_t>(own.keywords.size());
    if (row.split == "train") {
      texts += static_cast<int64_t>(own.texts.size());
      silent += own.texts.empty();
    }
  }
  return {{"names", names},
          {"keywords", keywords},
          {"training_texts", texts},
          {"training_rows_without_text", silent}};
}

}  // namespace

std::string manifest_jsonl(const std::vector<EmojiRow>& rows) {
  std::string out;
  for (const auto& row : rows) {
    const auto& emoji = row.emoji;
    Json json{{"key", emoji.key},           {"image", "images/" + emoji.key + ".png"},
              {"emoji", emoji.text},        {"group", emoji.group},
              {"subgroup", emoji.subgroup}, {"version", emoji.version},
              {"base", row.base},           {"kin", row.kin},
              {"split", row.split},         {"split_strict", row.split_strict},
              {"withheld", row.withheld}};
    for (const auto& [language, texts] : row.languages) {
      json["name_" + language] = texts.name.empty() ? Json() : Json(texts.name);
      json["keywords_" + language] = texts.keywords;
      json["texts_" + language] = texts.texts;
      if (!texts.spoken_name && texts.spoken_texts.empty()) continue;
      json["speech_name_" + language] = texts.spoken_name ? Json(*texts.spoken_name) : Json();
      json["speech_" + language] = texts.spoken_texts;
    }
    out += json.dump() + "\n";
  }
  return out;
}

std::string facts_json(const EmojiConfig& config, const EmojiInputs& inputs,
                       const EmojiFacts& facts, const std::vector<EmojiRow>& rows) {
  Json json;
  json["languages"] = config.languages;
  json["tones"] = config.tones;
  json["side"] = facts.side;
  json["emoji_version"] = facts.emoji_version;
  json["packages"] = package_versions();
  json["font"] = {{"path", inputs.font.string()}, {"hash", file_hash(inputs.font)}};
  json["emoji_test"] = {{"path", inputs.emoji_test.string()},
                        {"hash", file_hash(inputs.emoji_test)}};
  json["cldr"] = {{"path", inputs.cldr.string()}};
  json["listed"] = facts.listed;
  json["left_out"] = {{"without_name", facts.unnamed}, {"without_picture", facts.undrawn}};
  json["rows"] = rows.size();
  json["distinct_pictures"] = facts.distinct_pictures;
  for (const char* split : {"train", "val", "test"})
    json["splits"][split] = count_split(rows, split);
  json["withheld"] = count_withheld(rows);
  if (facts.speech) {
    const auto& files = facts.speech->files;
    json["speech"] = {{"synthesiser", files.synthesiser},
                      {"voices", files.voices},
                      {"files", files.files},
                      {"without_sound", files.silent},
                      {"training_readings", facts.speech->training.size()}};
  }
  for (const auto& language : config.languages)
    json["texts"][language] = language_facts(rows, language);
  return json.dump(2) + "\n";
}

std::string readme_markdown(const EmojiConfig& config, const EmojiFacts& facts,
                            const std::vector<EmojiRow>& rows) {
  std::string text = R"(# Emoji: pictures and words

{rows} emoji of Unicode Emoji {version} as pictures of {side} pixels on a clear background, with names
and keywords (languages: {languages}). Made by `braid data emoji`.

| split | rows |
|---|---|
| train | {train} |
| val | {val} |
| test | {test} |

`all.jsonl` has one row an emoji: `key` (code points), `image`, `emoji`, `group`, `subgroup`, `version`,
`base`, `kin`, `split`, `split_strict`, `withheld`, and for each language `name_*`, `keywords_*` and `texts_*`, the texts to
train on.

- Skin tones of one emoji, and equal pictures, share a `base`; `split` goes by base. Variants by gender, hair,
  direction and the like share a `kin` too; `split_strict` goes by kin: no near copy of a training picture is
  tested, and figures are lower.
- In {withheld} training rows (`withheld`) the name is not among `texts_*`: it can be asked for as an
  unseen text.
- Counts differ with the versions of the packages; `facts.json` has both.
)";
  const std::pair<const char*, std::string> values[] = {
      {"{rows}", std::to_string(rows.size())},
      {"{version}", facts.emoji_version},
      {"{side}", std::to_string(facts.side)},
      {"{languages}", join(config.languages, ", ")},
      {"{train}", std::to_string(count_split(rows, "train"))},
      {"{val}", std::to_string(count_split(rows, "val"))},
      {"{test}", std::to_string(count_split(rows, "test"))},
      {"{withheld}", std::to_string(count_withheld(rows))}};
  for (const auto& [mark, value] : values) {
    text.replace(text.find(mark), std::string_view(mark).size(), value);
  }
  if (facts.speech) {
    const auto& files = facts.speech->files;
    text += "- `speech_name_*` and `speech_*` name sounds of the name and of `texts_*`, one voice "
            "drawn for each text.\n- `spoken.jsonl`, split `spoken`, is what a voice is trained on: "
            "`said`, a text, `speech`, its\n  reading, and `phonemes`, what the voice says it by: "
            "`texts_*` of the training rows in two voices, and\n  phrases of one to three of their "
            "words in random order, none of them a name that training may not\n  know.\n- All speech "
            "is **synthetic**: " +
            files.synthesiser + ", voices " + join(files.voices, ", ") +
            ".\n  It says nothing of how human voices would do.\n";
  }
  return text;
}

std::string licenses_markdown() {
  return R"(# Licences

- Pictures (`images/`): Noto Color Emoji, (c) Google LLC, SIL Open Font License 1.1;
  full text in /usr/share/doc/fonts-noto-color-emoji/copyright.
- Names, keywords, groups (`all.jsonl`): Unicode CLDR and Unicode Emoji, (c) Unicode, Inc.,
  Unicode-DFS-2016 or Unicode-3.0 by version; full text in
  /usr/share/doc/unicode-cldr-core/copyright and /usr/share/doc/unicode-data/copyright.
)";
}

}  // namespace braid
