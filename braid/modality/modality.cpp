// The factory of the family, from all.def.
#include "braid/modality/modality.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/modality/member.h"

namespace braid {

#define BRAID_MODALITY(name, help) ModalityMember member_##name();
#include "braid/modality/all.def"
#undef BRAID_MODALITY

namespace {

struct Listed {
  const char *name, *help;
  ModalityMember (*member)();
};

#define BRAID_MODALITY(name, help) Listed{#name, help, member_##name},
constexpr std::array kModalities = {
#include "braid/modality/all.def"
};
#undef BRAID_MODALITY

const Listed* listed_as(std::string_view name) {
  const auto at = std::find_if(kModalities.begin(), kModalities.end(),
                               [&](const Listed& listed) { return listed.name == name; });
  return at == kModalities.end() ? nullptr : &*at;
}

ModalityMember find_modality(const std::string& name, const ConfigNode* node) {
  if (const auto* listed = listed_as(name)) return listed->member();
  const auto names = modality_names();
  const auto message = "unknown modality '" + name + "'" + did_you_mean(name, names) +
                       "; there are: " + join(names, ", ");
  if (node) node->fail(message);
  throw Error(ErrorCode::kConfig, message);
}

// A field's node also says where the values come from and which encoder reads them.
ConfigNode own_keys(ConfigNode node, const std::vector<FieldDoc>& keys) {
  const auto all = node.entries();
  for (const auto& [key, value] : all) {
    const auto same = [&key = key](const FieldDoc& doc) { return doc.name == key; };
    if (std::none_of(keys.begin(), keys.end(), same)) node.erase(key);
  }
  return node;
}

}  // namespace

std::unique_ptr<Modality> make_modality(const std::string& name, const ConfigNode& node) {
  const auto member = find_modality(name, &node);
  return member.make(own_keys(node, member.keys()));
}

bool joins_columns(std::string_view modality) {
  const auto* listed = listed_as(modality);
  return listed && listed->member().joins_columns;
}

bool is_inline_value(std::string_view cell) {
  const auto text = trim(cell);
  if (text.find('\n') != text.npos || text.starts_with('{') || text.starts_with('[')) return true;
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

bool is_inline(std::string_view modality) {
  const auto* listed = listed_as(modality);
  return listed && listed->member().cells == Cells::kValues;
}

std::vector<FieldDoc> modality_keys(const std::string& name) {
  return find_modality(name, nullptr).keys();
}

ConfigNode complete_modality(const std::string& name, const ConfigNode& node) {
  return find_modality(name, &node).complete(node);
}

std::vector<ModalityDoc> modality_docs() {
  std::vector<ModalityDoc> docs;
  for (const auto& listed : kModalities)
    docs.push_back({listed.name, listed.help, listed.member().keys()});
  return docs;
}

std::vector<std::string> modality_names() {
  std::vector<std::string> names;
  for (const auto& listed : kModalities) names.push_back(listed.name);
  return names;
}

}  // namespace braid
