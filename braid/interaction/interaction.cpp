#include "braid/interaction/interaction.h"

#include "braid/core/text.h"

namespace braid {

#define BRAID_INTERACTION(name, config, help) \
  std::shared_ptr<Interaction> make_##name(const ConfigNode&, const InteractionInput&);
#include "braid/interaction/all.def"
#undef BRAID_INTERACTION

double Interaction::flops(const std::vector<int64_t>& tokens) const {
  return count_flops(tokens.empty() ? std::vector<int64_t>(fields_.size(), 1) : tokens);
}

std::shared_ptr<Interaction> make_interaction(const ConfigNode& node,
                                              const InteractionInput& input) {
  const auto* kind = node.find("kind");
  const std::string name = kind ? kind->text() : "";
  std::vector<std::string> known;
#define BRAID_INTERACTION(member, config, help)           \
  if (name == #member) return make_##member(node, input); \
  known.push_back(#member);
#include "braid/interaction/all.def"
#undef BRAID_INTERACTION
  if (!kind) node.fail("an interaction needs a kind: one of " + join(known, ", "));
  kind->fail("unknown interaction '" + name + "'" + did_you_mean(name, known) +
             "; known: " + join(known, ", "));
}

}  // namespace braid
