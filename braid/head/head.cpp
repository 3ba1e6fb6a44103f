#include "braid/head/head.h"

#include "braid/core/array.h"
#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {

#define BRAID_HEAD(name, Config, help) \
  std::shared_ptr<Head> make_##name(const ConfigNode& node, const HeadInput& input);
#include "braid/head/all.def"
#undef BRAID_HEAD

namespace {

struct HeadMaker {
  const char* name;
  std::shared_ptr<Head> (*make)(const ConfigNode&, const HeadInput&);
};

constexpr HeadMaker kHeadMakers[] = {
#define BRAID_HEAD(name, Config, help) {#name, make_##name},
#include "braid/head/all.def"
#undef BRAID_HEAD
};

}  // namespace

std::shared_ptr<Head> make_head(const ConfigNode& node, const HeadInput& input) {
  const auto* kind = node.find("kind");
  std::vector<std::string> names;
  for (const auto& maker : kHeadMakers) names.push_back(maker.name);
  if (!kind) node.fail("a task needs a kind: one of " + join(names, ", "));
  for (const auto& maker : kHeadMakers) {
    if (kind->text() == maker.name) return maker.make(node, input);
  }
  kind->fail("unknown task '" + kind->text() + "'" + did_you_mean(kind->text(), names) +
             "; there are " + join(names, ", "));
}

void expect_targets(const char* who, const at::Tensor& outputs, const at::Tensor& targets,
                    int64_t columns) {
  if (targets.dim() == 2 && targets.size(0) == outputs.size(0) && targets.size(1) == columns)
    return;
  throw Error(ErrorCode::kShape, std::string(who) + ": expected targets " +
                                     shape_text({outputs.size(0), columns}) + ", got " +
                                     shape_text(targets.sizes().vec()));
}

}  // namespace braid
