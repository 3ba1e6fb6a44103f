// Recipe keys of bilinear. Torch-free.
#pragma once

#include <span>

#include "braid/core/config.h"

namespace braid {

enum class BilinearForm { kMlb, kMfb };
inline std::span<const char* const> enum_names(BilinearForm*) {
  static constexpr const char* kNames[] = {"mlb", "mfb"};
  return kNames;
}

struct BilinearConfig {
  BilinearForm form = BilinearForm::kMlb;
  int64_t hidden = 256;
  int64_t factors = 5;
  double dropout = 0.1;
};

template <class Field>
void visit(Field&& field, BilinearConfig& c) {
  field("form", c.form, "low-rank product (MLB), or factorised pooling of unit length (MFB)");
  field("hidden", c.hidden, closed<int64_t>(1, 65536), "width of the product of form mlb");
  field("factors", c.factors, closed<int64_t>(1, 64), "products summed to one value of form mfb");
  field("dropout", c.dropout, half_open(0.0, 1.0), "of the product");
}

}  // namespace braid
