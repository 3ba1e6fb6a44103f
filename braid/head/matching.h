// The recipe keys of `kind: matching`. Torch-free.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/head/head_config.h"

namespace braid {

enum class FalsePairs { kHard, kRandom };
inline std::span<const char* const> enum_names(FalsePairs*) {
  static constexpr const char* kNames[] = {"hard", "random"};
  return kNames;
}

struct MatchingConfig {
  std::vector<std::string> between;
  FalsePairs negatives = FalsePairs::kHard;
  HeadConfig head;
};

template <class Field>
void visit(Field&& field, MatchingConfig& c) {
  field("between", c.between, "two fields; default: the two there are");
  field("negatives", c.negatives,
        "partners in false pairs, drawn from the batch: hard, the more similar the likelier; or "
        "random");
  visit_head(field, c.head);
}

}  // namespace braid
