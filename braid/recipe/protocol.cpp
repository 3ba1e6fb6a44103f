#include "braid/recipe/protocol.h"

#include <algorithm>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr std::string_view kGap = "{}";

// Language -> texts, in the order of the file; "" for texts without a language.
using TextsByLanguage = std::vector<std::pair<std::string, std::vector<std::string>>>;

TextsByLanguage texts_by_language(const ConfigNode& node) {
  const auto texts_of = [](const ConfigNode& from) {
    auto texts = read<std::vector<std::string>>(from);
    const bool empty = std::any_of(texts.begin(), texts.end(),
                                   [](const std::string& text) { return text.empty(); });
    if (texts.empty() || empty) from.fail("expected a text that is not empty");
    return texts;
  };
  TextsByLanguage all;
  if (node.kind() != ConfigNode::Kind::kMap) return {{"", texts_of(node)}};
  for (const auto& [language, child] : node.entries()) all.emplace_back(language, texts_of(child));
  return all;
}

// Those of the language, or those of none in particular.
const std::vector<std::string>* find_texts(const TextsByLanguage& all,
                                           const std::string& language) {
  for (const auto& wanted : {language, std::string()}) {
    for (const auto& [name, texts] : all) {
      if (name == wanted) return &texts;
    }
  }
  return nullptr;
}

void add_languages(const TextsByLanguage& from, std::vector<std::string>* languages) {
  for (const auto& [language, texts] : from) {
    if (language.empty()) continue;
    if (std::find(languages->begin(), languages->end(), language) == languages->end())
      languages->push_back(language);
  }
}

std::string filled(std::string text, const std::string& with) {
  for (size_t at = text.find(kGap); at != std::string::npos; at = text.find(kGap, at + with.size()))
    text.replace(at, kGap.size(), with);
  return text;
}

void check_templates(const TextsByLanguage& templates, const ConfigNode& at) {
  for (const auto& [language, texts] : templates) {
    for (const auto& text : texts) {
      if (text.find(kGap) == std::string::npos)
        at.fail("templates: '" + text + "' has no {} for the label's text");
    }
  }
}

}  // namespace

std::vector<std::string> PromptLanguage::prompts(const std::string& label) const {
  std::vector<std::string> words = {label};
  for (const auto& [name, own] : texts) {
    if (name == label) words = own;
  }
  std::vector<std::string> all;
  for (const auto& text : templates) {
    for (const auto& word : words) all.push_back(filled(text, word));
  }
  return all;
}

std::vector<PromptLanguage> parse_prompts(const ProtocolConfig& protocol) {
  TextsByLanguage templates = {{"", {std::string(kGap)}}};
  if (!protocol.templates.is_null()) templates = texts_by_language(protocol.templates);
  check_templates(templates, protocol.templates);
  std::vector<std::pair<std::string, TextsByLanguage>> labels;
  const auto& texts = protocol.labels.texts;
  if (!texts.is_null() && texts.kind() != ConfigNode::Kind::kMap)
    texts.fail("texts: expected a map of labels, such as {0: zero, 1: one}");
  std::vector<std::string> languages;
  add_languages(templates, &languages);
  for (const auto& [label, node] : texts.entries()) {
    labels.emplace_back(label, texts_by_language(node));
    add_languages(labels.back().second, &languages);
  }
  if (languages.empty()) languages = {""};
  std::vector<PromptLanguage> all;
  for (const auto& language : languages) {
    const auto* own = find_texts(templates, language);
    if (!own) protocol.templates.fail("templates: none for '" + language + "', which a label has");
    PromptLanguage one{language, *own, {}};
    for (const auto& [label, by_language] : labels) {
      const auto* words = find_texts(by_language, language);
      if (!words) texts.fail("texts: label '" + label + "' has no text in '" + language + "'");
      one.texts.emplace_back(label, *words);
    }
    all.push_back(std::move(one));
  }
  return all;
}

void check_protocol_kind(const ProtocolConfig& protocol, const ConfigNode& at) {
  const auto refuse = [&](std::initializer_list<const char*> keys, const char* kind) {
    for (const char* key : keys) {
      const auto* own = at.find(key);
      if (own && own->kind() != ConfigNode::Kind::kNull && !own->text().empty())
        own->fail(std::string(key) + ": not a key of protocols of kind " + kind);
    }
  };
  if (protocol.kind != ProtocolKind::kTask) refuse({"task", "group"}, "retrieval and prompts");
  if (protocol.kind == ProtocolKind::kTask) {
    const bool searches = !protocol.gallery.split.empty() || !protocol.gallery.where.empty();
    if (searches || !protocol.from.is_null() || !protocol.labels.column.empty()) {
      at.fail(
          "gallery, from and labels are not of protocols of `kind: task`: it has queries, the " +
          std::string("rows that are answered"));
    }
    return refuse({"query", "against", "relevant", "of", "templates"}, "task");
  }
  if (protocol.kind == ProtocolKind::kRetrieval) {
    if (!protocol.labels.column.empty() || !protocol.templates.is_null())
      at.fail("labels and templates are of protocols of `kind: prompts`");
    return refuse({"of"}, "retrieval");
  }
  refuse({"against", "relevant"}, "prompts (`of` is the field that is classified)");
  if (protocol.labels.column.empty())
    at.fail("a protocol of prompts needs `labels: {column: ...}`, which names a row's class");
  parse_prompts(protocol);
}

}  // namespace braid
