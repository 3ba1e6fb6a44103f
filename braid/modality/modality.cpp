// The factory of the family, from all.def.
#include "braid/modality/modality.h"

#include <algorithm>
#include <array>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/modality/audio.h"
#include "braid/modality/image.h"
#include "braid/modality/table.h"
#include "braid/modality/text.h"

namespace braid {

#define BRAID_MODALITY(name, config, what) std::unique_ptr<Modality> make_##name(const ConfigNode&);
#include "braid/modality/all.def"
#undef BRAID_MODALITY

namespace {

struct ModalityMember {
  const char* name;
  std::unique_ptr<Modality> (*make)(const ConfigNode&);
  std::vector<FieldDoc> (*keys)();
};

#define BRAID_MODALITY(name, config, what) ModalityMember{#name, make_##name, describe<config>},
constexpr std::array kModalities = {
#include "braid/modality/all.def"
};
#undef BRAID_MODALITY

const ModalityMember& find_modality(const std::string& name, const ConfigNode* node) {
  for (const auto& member : kModalities) {
    if (member.name == name) return member;
  }
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
  const auto& member = find_modality(name, &node);
  return member.make(own_keys(node, member.keys()));
}

bool is_inline(std::string_view modality) { return modality == "text" || modality == "table"; }

std::vector<FieldDoc> modality_keys(const std::string& name) {
  return find_modality(name, nullptr).keys();
}

std::vector<std::string> modality_names() {
  std::vector<std::string> names;
  for (const auto& member : kModalities) names.push_back(member.name);
  return names;
}

}  // namespace braid
