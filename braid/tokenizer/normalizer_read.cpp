// The normalisers of tokenizer.json, by name.
#include <map>

#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/charsmap.h"
#include "braid/tokenizer/normalizer.h"
#include "braid/tokenizer/pattern.h"
#include "braid/tokenizer/text_changes.h"

namespace braid {
namespace {

using NormalizerMaker = TextChange (*)(const JsonView&);

TextChange strip_change(const JsonView& json) {
  const bool left = json.member("strip_left").flag(true);
  const bool right = json.member("strip_right").flag(true);
  return [=](const std::string& text) { return stripped(text, left, right); };
}

TextChange replace_change(const JsonView& json) {
  const std::shared_ptr<const Pattern> pattern = read_pattern(json.member("pattern"));
  const std::string content = json.member("content").text();
  return [=](const std::string& text) {
    std::string out;
    size_t at = 0;
    pattern->find(text, [&](size_t begin, size_t end) {
      out.append(text, at, begin - at).append(content);
      at = end;
    });
    return out.append(text, at);
  };
}

TextChange prepend_change(const JsonView& json) {
  const std::string front = json.member("prepend").text();
  return [=](const std::string& text) { return text.empty() ? text : front + text; };
}

TextChange bert_change(const JsonView& json) {
  BertCleaning cleaning;
  cleaning.clean_text = json.member("clean_text").flag(true);
  cleaning.chinese_chars = json.member("handle_chinese_chars").flag(true);
  cleaning.lowercase = json.member("lowercase").flag(true);
  cleaning.strip_accents = json.member("strip_accents").flag(cleaning.lowercase);
  return [=](const std::string& text) { return bert_cleaned(text, cleaning); };
}

TextChange precompiled_change(const JsonView& json) {
  const JsonView field = json.member("precompiled_charsmap");
  if (field.is_null() || field.text().empty()) return [](const std::string& text) { return text; };
  const auto map = std::make_shared<const Charsmap>(from_base64(field.text()),
                                                    field.where() + ": " + field.path());
  return [=](const std::string& text) { return precompiled_form(text, *map); };
}

TextChange marks_change(const JsonView&) { return without_marks; }
TextChange letters_change(const JsonView&) { return to_letters; }
TextChange entities_change(const JsonView&) { return without_entities; }

const std::map<std::string, NormalizerMaker>& makers() {
  static const std::map<std::string, NormalizerMaker> table = {
      {"BertNormalizer", bert_change},   {"ByteLevel", letters_change},
      {"HtmlUnescape", entities_change}, {"Precompiled", precompiled_change},
      {"Prepend", prepend_change},       {"Replace", replace_change},
      {"Strip", strip_change},           {"StripAccents", marks_change}};
  return table;
}

}  // namespace

void read_normalizer(const JsonView& json, std::vector<TextChange>& changes, int depth) {
  if (json.is_null()) return;
  const std::string type = json.type();
  if (type == "Sequence") {
    if (depth == kDeepestNesting) json.fail("Sequences nest deeper than 8");
    const JsonView list = json.member("normalizers");
    for (size_t i = 0; i < list.size(); ++i) read_normalizer(list.item(i), changes, depth + 1);
  } else if (const auto step = find_normal_step(type)) {
    changes.push_back([step](const std::string& text) { return normalize(text, {*step}); });
  } else if (const auto found = makers().find(type); found != makers().end()) {
    changes.push_back(found->second(json));
  } else {
    json.unsupported_type(
        "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Strip, Replace, Prepend, BertNormalizer, "
        "Precompiled, ByteLevel or Sequence");
  }
}

std::string changed(std::string text, const std::vector<TextChange>& changes) {
  for (const auto& change : changes) text = change(text);
  return text;
}

}  // namespace braid
