#include "braid/kernel/adamw.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace braid {
namespace {

constexpr int64_t kPart = 32768;  // values that one thread takes at a time

// Slot and first value of every part.
struct AdamwPart {
  size_t slot;
  int64_t begin, n;
};
template <class Slots>
std::vector<AdamwPart> cut(const Slots& slots) {
  std::vector<AdamwPart> parts;
  for (size_t i = 0; i < slots.size(); ++i) {
    for (int64_t begin = 0; begin < slots[i].n; begin += kPart)
      parts.push_back({i, begin, std::min(kPart, slots[i].n - begin)});
  }
  return parts;
}

}  // namespace

void adamw(const AdamwStep& step, std::span<const AdamwSlot> slots) {
  const double correct1 = 1 - std::pow(step.beta1, static_cast<double>(step.step));
  const double correct2 = 1 - std::pow(step.beta2, static_cast<double>(step.step));
  const AdamwFactors factors{
      static_cast<float>(step.beta1),         static_cast<float>(1 - step.beta1),
      static_cast<float>(step.beta2),         static_cast<float>(1 - step.beta2),
      static_cast<float>(step.lr / correct1), static_cast<float>(1 / std::sqrt(correct2)),
      static_cast<float>(step.epsilon),       static_cast<float>(step.scale)};
  const auto keep = static_cast<float>(1 - step.lr * step.decay);
  const auto parts = cut(slots);
#pragma omp parallel for schedule(static) if (parts.size() > 1)
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto& part = parts[i];
    const auto& slot = slots[part.slot];
    adamw_part(factors, slot.decays ? keep : 1.0f,
               {part.n, slot.p + part.begin, slot.g + part.begin, slot.m + part.begin,
                slot.v + part.begin});
  }
}

double sum_of_squares(std::span<const FloatSpan> spans) {
  const auto parts = cut(spans);
  std::vector<double> sums(parts.size());
#pragma omp parallel for schedule(static) if (parts.size() > 1)
  for (size_t i = 0; i < parts.size(); ++i)
    sums[i] = sum_of_squares_part(spans[parts[i].slot].values + parts[i].begin, parts[i].n);
  double total = 0;
  for (const double sum : sums) total += sum;
  return total;
}

}  // namespace braid
