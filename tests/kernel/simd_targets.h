// Runs a test's body once for each instruction set that the kernels were built for and this machine
// has.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

namespace braid {

template <class Body>
void on_every_simd(const Body& body) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    body();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace braid
