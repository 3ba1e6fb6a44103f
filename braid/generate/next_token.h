// The distribution of one next token: what is chosen from it and how probable the choice is.
//
//   log p(t) = l[t] - log sum_u exp(l[u])
//
// of the logits l after the repetition penalty (Keskar et al. 2019, CTRL, section 4.1; negative
// logits are multiplied, as a division would favour them). Temperature, top_k, top_p and a
// forbidden token change what is chosen, never log p: texts found in different ways stay
// comparable. Equal logits: the lower id. Sums are in double.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace braid {

// Which part of a distribution a draw is of; see SearchConfig.
struct DrawRule {
  double temperature = 1;
  int64_t top_k = 0;
  double top_p = 1;
};

// One thread. Read again for every row: its memory is kept.
class NextToken {
 public:
  // `written`: the tokens repetition_penalty bears on, each once however often it stands there.
  void read(std::span<const float> logits, std::span<const int64_t> written,
            double repetition_penalty);

  // What makes the row no distribution ("a logit is not a number"), or nullptr. Nothing else may be
  // asked of such a row.
  const char* fault() const;

  void forbid(int64_t token) { forbidden_ = token; }  // until the next row; log p stays as it is
  double log_probability(int64_t token) const;

  // Of the tokens that are possible (not forbidden, logit not -inf) up to `count`, best first.
  // O(V log count) at worst, O(V) for rows in no order. Valid until the next call.
  const std::vector<int64_t>& best(int64_t count);

  // The token at `uniform` in [0, 1) of the cumulated probabilities; -1 where none is possible.
  int64_t draw(const DrawRule& rule, double uniform);

 private:
  bool possible(int64_t token) const;
  void keep_nucleus(const DrawRule& rule);
  double weight(int64_t token, double temperature) const;

  std::vector<double> logits_;  // [V], after the penalty
  std::vector<int64_t> kept_;
  double largest_ = 0;    // of all logits
  double log_sum_ = 0;    // log sum exp(l - largest)
  double reference_ = 0;  // the largest logit of a draw
  int64_t forbidden_ = -1;
};

}  // namespace braid
