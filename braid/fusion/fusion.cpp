#include "braid/fusion/fusion.h"

#include "braid/core/text.h"

namespace braid {

#define BRAID_FUSION(name, Config, help) \
  std::shared_ptr<Fusion> make_##name(const ConfigNode& node, const FusionInput& input);
#include "braid/fusion/all.def"
#undef BRAID_FUSION

namespace {

struct FusionMaker {
  const char* name;
  std::shared_ptr<Fusion> (*make)(const ConfigNode&, const FusionInput&);
};

constexpr FusionMaker kFusionMakers[] = {
#define BRAID_FUSION(name, Config, help) {#name, make_##name},
#include "braid/fusion/all.def"
#undef BRAID_FUSION
};

}  // namespace

std::shared_ptr<Fusion> make_fusion(const ConfigNode& node, const FusionInput& input) {
  std::vector<std::string> names;
  for (const auto& maker : kFusionMakers) names.push_back(maker.name);
  const auto* kind = node.find("kind");
  if (!kind) node.fail("a fusion needs a kind: one of " + join(names, ", "));
  if (input.fields.empty()) kind->fail("fusion " + kind->text() + " needs a field, got none");
  for (const auto& maker : kFusionMakers) {
    if (kind->text() == maker.name) return maker.make(node, input);
  }
  kind->fail("unknown fusion '" + kind->text() + "'" + did_you_mean(kind->text(), names) +
             "; known: " + join(names, ", "));
}

}  // namespace braid
