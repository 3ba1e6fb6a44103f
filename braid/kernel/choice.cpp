#include "braid/kernel/choice.h"

#include <cstdlib>
#include <string>

#include "braid/core/error.h"

namespace braid {
namespace {

KernelChoice choice_named(const std::string& word) {
  if (word.empty()) return KernelChoice::kBest;
  if (word == "torch") return KernelChoice::kTorch;
  if (word == "ref") return KernelChoice::kRef;
  throw Error(ErrorCode::kUsage, "BRAID_KERNEL=" + word + ": expected torch, ref or nothing");
}

}  // namespace

KernelChoice kernel_choice() {
  static const KernelChoice choice = [] {
    const char* word = std::getenv("BRAID_KERNEL");
    return choice_named(word ? word : "");
  }();
  return choice;
}

}  // namespace braid
