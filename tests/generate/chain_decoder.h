// Decoders made by hand for tests of the search, and what they hold the search to.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/error.h"
#include "braid/generate/search.h"

namespace braid {

// Logits of the token that follows `history` (without the beginning) in a sample's text.
using ChainLogits =
    std::function<std::vector<float>(int64_t sample, const std::vector<int64_t>& history)>;

// Remembers each hypothesis through its parents, and fails the test where the search breaks the
// contract of NextTokens. Token 0 is the end.
class ChainDecoder : public NextTokens {
 public:
  ChainDecoder(int64_t vocabulary, ChainLogits logits)
      : vocabulary_(vocabulary), logits_of_(std::move(logits)) {}

  int64_t vocabulary() const override { return vocabulary_; }
  int64_t end() const override { return 0; }

  std::span<const float> advance(std::span<const int64_t> samples,
                                 std::span<const int64_t> parents,
                                 std::span<const int64_t> tokens) override {
    const bool first = rows_a_call.empty();
    EXPECT_FALSE(samples.empty());
    EXPECT_EQ(parents.size(), first ? 0u : samples.size());
    EXPECT_EQ(tokens.size(), parents.size());
    std::vector<std::vector<int64_t>> histories;
    for (size_t i = 0; i < samples.size(); ++i) {
      if (i > 0) {
        EXPECT_GE(samples[i], samples[i - 1] + (first ? 1 : 0));
      }
      std::vector<int64_t> history;
      if (!first) {
        const auto parent = static_cast<size_t>(parents[i]);
        if (parents[i] < 0 || parent >= histories_.size())
          throw Error(ErrorCode::kInternal, "no parent " + std::to_string(parents[i]));
        EXPECT_EQ(samples[i], samples_[parent]) << "a hypothesis that changes its sample";
        EXPECT_GT(tokens[i], 0) << "a text that goes on behind its end";
        EXPECT_LT(tokens[i], vocabulary_);
        history = histories_[parent];
        history.push_back(tokens[i]);
      }
      histories.push_back(std::move(history));
    }
    histories_ = std::move(histories);
    samples_.assign(samples.begin(), samples.end());
    rows_a_call.push_back(std::ssize(samples));
    logits_.clear();
    for (size_t i = 0; i < samples.size(); ++i) {
      const auto row = logits_of_(samples[i], histories_[i]);
      logits_.insert(logits_.end(), row.begin(), row.end());
    }
    return logits_;
  }

  std::vector<int64_t> rows_a_call;

 private:
  const int64_t vocabulary_;
  const ChainLogits logits_of_;
  std::vector<std::vector<int64_t>> histories_;
  std::vector<int64_t> samples_;
  std::vector<float> logits_;
};

// Logits that are log p: rows of a Markov chain, the first for the beginning, row 1 + t for what
// follows token t.
inline ChainLogits markov_chain(std::vector<std::vector<double>> probabilities) {
  return [rows = std::move(probabilities)](int64_t, const std::vector<int64_t>& history) {
    std::vector<float> logits;
    for (const double p : rows[history.empty() ? 0 : static_cast<size_t>(history.back()) + 1])
      logits.push_back(static_cast<float>(std::log(p)));
    return logits;
  };
}

}  // namespace braid
