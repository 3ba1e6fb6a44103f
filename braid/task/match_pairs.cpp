#include "braid/task/match_pairs.h"

#include "braid/block/unit_rows.h"

namespace braid {
namespace {

constexpr double kTemperature = 0.1;

// Adds a partner for each row of chances [P, P] that has any.
void add_drawn(const at::Tensor& chances, bool rows_are_a, MatchPairs* pairs) {
  const auto some = chances.sum(1).gt(0);  // [P]
  // A row without any would be refused: it draws itself, and is left out.
  const auto filled = chances + at::diag(some.logical_not().to(at::kFloat));
  const auto drawn = at::multinomial(filled, 1).squeeze(1).contiguous();  // [P]
  const int64_t* partners = drawn.data_ptr<int64_t>();
  const bool* any = some.data_ptr<bool>();
  for (int64_t i = 0; i < chances.size(0); ++i) {
    if (!any[i]) continue;
    const auto partner = partners[i];
    pairs->a.push_back(rows_are_a ? i : partner);
    pairs->b.push_back(rows_are_a ? partner : i);
    pairs->truth.push_back(0);
  }
}

}  // namespace

MatchPairs draw_match_pairs(const at::Tensor& a, const at::Tensor& b,
                            const std::vector<uint64_t>& a_keys,
                            const std::vector<uint64_t>& b_keys, bool hard) {
  const at::NoGradGuard no_grad;
  const auto count = static_cast<int64_t>(a_keys.size());
  MatchPairs pairs;
  for (int64_t i = 0; i < count; ++i) {
    pairs.a.push_back(i);
    pairs.b.push_back(i);
    pairs.truth.push_back(1);
  }
  std::vector<float> other;
  for (size_t i = 0; i < a_keys.size(); ++i) {
    for (size_t j = 0; j < a_keys.size(); ++j)
      other.push_back(a_keys[i] != a_keys[j] && b_keys[i] != b_keys[j] ? 1.0f : 0.0f);
  }
  const auto differ = at::tensor(other).view({count, count});
  auto chances = differ;  // [P of a, P of b]
  auto back = differ;     // [P of b, P of a]
  if (hard) {
    const auto cosine =
        unit_rows(a.to(at::kCPU, at::kFloat)).matmul(unit_rows(b.to(at::kCPU, at::kFloat)).t());
    chances = (cosine / kTemperature).softmax(1).clamp_min(1e-8) * differ;
    back = (cosine.t() / kTemperature).softmax(1).clamp_min(1e-8) * differ;
  }
  add_drawn(chances, true, &pairs);
  add_drawn(back, false, &pairs);
  return pairs;
}

std::vector<int64_t> next_false_partner(const std::vector<uint64_t>& a_keys,
                                        const std::vector<uint64_t>& b_keys) {
  const size_t count = a_keys.size();
  std::vector<int64_t> partner(count, -1);
  for (size_t i = 0; i < count; ++i) {
    for (size_t step = 1; step < count && partner[i] < 0; ++step) {
      const size_t j = (i + step) % count;
      if (a_keys[i] != a_keys[j] && b_keys[i] != b_keys[j]) partner[i] = static_cast<int64_t>(j);
    }
  }
  return partner;
}

}  // namespace braid
