#include "braid/alignment/alignment.h"

#include "braid/core/text.h"

namespace braid {

#define BRAID_ALIGNMENT(name, config, help) \
  std::shared_ptr<Alignment> make_##name(const ConfigNode&, int64_t width);
#include "braid/alignment/all.def"
#undef BRAID_ALIGNMENT

std::shared_ptr<Alignment> make_alignment(const ConfigNode& node, int64_t width) {
  const auto* kind = node.find("kind");
  const std::string name = kind ? kind->text() : "";
  std::vector<std::string> known;
#define BRAID_ALIGNMENT(member, config, help)             \
  if (name == #member) return make_##member(node, width); \
  known.push_back(#member);
#include "braid/alignment/all.def"
#undef BRAID_ALIGNMENT
  node.fail("unknown alignment '" + name + "'" + did_you_mean(name, known) +
            "; known: " + join(known, ", "));
}

}  // namespace braid
