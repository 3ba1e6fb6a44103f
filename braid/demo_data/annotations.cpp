// LDML annotations: https://www.unicode.org/reports/tr35/tr35-general.html#Annotations;
// inheritance: tr35.html#Parent_Locales. Parents come from supplemental/supplementalData.xml where
// it is there, otherwise by cutting the last part of the name.
#include "braid/demo_data/annotations.h"

#include <algorithm>
#include <pugixml.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInherit = "↑↑↑";
constexpr uint64_t kMaxXmlBytes = 64 << 20;

void load_xml(const fs::path& path, pugi::xml_document& document) {
  const auto text = read_text(path, kMaxXmlBytes);
  const auto result =
      document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
  if (!result) {
    const auto line = 1 + std::count(text.begin(), text.begin() + result.offset, '\n');
    throw Error(ErrorCode::kInput, path.string() + ":" + std::to_string(line) +
                                       ": not well-formed XML: " + result.description());
  }
  if (!valid_utf8(text)) throw Error(ErrorCode::kInput, path.string() + ": is not UTF-8 text");
}

std::string strip_selector(std::string text) {
  static const std::string selector = "\xEF\xB8\x8F";
  for (size_t at; (at = text.find(selector)) != text.npos;) text.erase(at, selector.size());
  return text;
}

std::vector<std::string> keyword_list(std::string_view text) {
  std::vector<std::string> out;
  for (const auto& part : split(text, '|')) {
    const std::string keyword(trim(part));
    if (!keyword.empty() && std::find(out.begin(), out.end(), keyword) == out.end()) {
      out.push_back(keyword);
    }
  }
  return out;
}

// Puts the values of one file over those inherited.
void overlay(const fs::path& path, Annotations& into) {
  pugi::xml_document document;
  load_xml(path, document);
  const auto list = document.child("ldml");
  if (!list) throw Error(ErrorCode::kInput, path.string() + ": expected <ldml> at the top");
  for (const auto node : list.child("annotations").children("annotation")) {
    const std::string_view value = trim(node.child_value());
    const std::string emoji = strip_selector(node.attribute("cp").value());
    if (emoji.empty()) throw Error(ErrorCode::kInput, path.string() + ": <annotation> without cp");
    if (value.empty() || value == kInherit) continue;
    auto& entry = into[emoji];
    if (std::string_view(node.attribute("type").value()) == "tts") {
      entry.name = value;
    } else {
      entry.keywords = keyword_list(value);
    }
  }
}

// Parents that do not follow from the name: locale -> parent.
std::unordered_map<std::string, std::string> read_parents(const fs::path& cldr) {
  std::unordered_map<std::string, std::string> parents;
  const auto path = cldr / "supplemental" / "supplementalData.xml";
  if (!fs::exists(path)) return parents;
  pugi::xml_document document;
  load_xml(path, document);
  for (const auto list : document.child("supplementalData").children("parentLocales")) {
    if (list.attribute("component")) continue;  // for segmentation, collation, ...
    for (const auto node : list.children("parentLocale")) {
      for (const auto& locale : split(node.attribute("locales").value(), ' ')) {
        if (!locale.empty()) parents[locale] = node.attribute("parent").value();
      }
    }
  }
  return parents;
}

// The locale and its ancestors, nearest first, without root: root holds no annotations.
std::vector<std::string> lineage(const fs::path& cldr, std::string locale) {
  const auto parents = read_parents(cldr);
  std::vector<std::string> chain;
  while (!locale.empty() && locale != "root") {
    if (std::find(chain.begin(), chain.end(), locale) != chain.end()) {
      throw Error(ErrorCode::kInput, cldr.string() + ": locale " + locale + " is its own ancestor");
    }
    chain.push_back(locale);
    const auto named = parents.find(locale);
    const auto cut = locale.rfind('_');
    locale = named != parents.end() ? named->second
             : cut != locale.npos   ? locale.substr(0, cut)
                                    : "";
  }
  return chain;
}

void check_language(const fs::path& folder, const std::string& language) {
  std::vector<std::string> known;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    if (entry.path().extension() == ".xml" && entry.path().stem() != "root") {
      known.push_back(entry.path().stem().string());
    }
  }
  if (problem) {
    throw Error(ErrorCode::kNotFound, folder.string() + ": cannot read: " + problem.message());
  }
  if (std::find(known.begin(), known.end(), language) != known.end()) return;
  std::sort(known.begin(), known.end());
  auto hint = did_you_mean(language, known);
  if (hint.empty()) hint = "; there are: " + join(known, " ");
  throw Error(ErrorCode::kConfig,
              "languages: CLDR has no emoji names in '" + language + "'" + hint);
}

}  // namespace

Annotations read_annotations(const fs::path& cldr, const std::string& language) {
  check_language(cldr / "annotations", language);
  auto chain = lineage(cldr, language);
  std::reverse(chain.begin(), chain.end());
  Annotations found;
  for (const auto& locale : chain) {
    for (const char* folder : {"annotationsDerived", "annotations"}) {
      const auto path = cldr / folder / (locale + ".xml");
      if (fs::exists(path)) overlay(path, found);
    }
  }
  return found;
}

}  // namespace braid
