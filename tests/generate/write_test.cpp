// Texts written step by step are those that teacher forcing scores, whatever else is in the batch.
#include "braid/generate/write.h"

#include <cmath>
#include <set>

#include "braid/core/error.h"
#include "tests/generate/small_decoder.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using namespace generate_test;

// What scores may differ by where rows are computed one after the other.
constexpr double kStepTolerance = 1e-4;

// The samples `wanted`, as a batch of their own.
std::vector<Embedding> chosen_parts(const std::vector<int64_t>& wanted) {
  const auto index = at::tensor(wanted, at::kLong);
  std::vector<Embedding> chosen;
  for (const auto& part : small_parts()) {
    Embedding own{{}, part.pooled.index_select(0, index), part.present.index_select(0, index)};
    if (part.tokens.defined()) {
      own.tokens = {part.tokens.values.index_select(0, index),
                    Segments::of_mask(part.tokens.mask().index_select(0, index))};
    }
    chosen.push_back(std::move(own));
  }
  return chosen;
}

Source chosen_source(const Decoder& decoder, const std::vector<int64_t>& wanted) {
  return decoder.see(chosen_parts(wanted),
                     small_fused().index_select(0, at::tensor(wanted, at::kLong)));
}

const std::vector<int64_t> kEverySample = {0, 1, 2, 3, 4};

std::vector<std::vector<std::vector<int64_t>>> tokens_of(
    const std::vector<std::vector<WrittenText>>& written) {
  std::vector<std::vector<std::vector<int64_t>>> all;
  for (const auto& texts : written) {
    auto& own = all.emplace_back();
    for (const auto& text : texts) own.push_back(text.tokens);
  }
  return all;
}

WriteOptions by_beam(int64_t beam, int64_t best = 1) {
  WriteOptions options;
  options.search.beam = beam;
  options.search.best = best;
  return options;
}

class WriteViews : public testing::TestWithParam<std::string> {
 protected:
  // An end that is likely enough for texts of many lengths.
  static std::shared_ptr<Decoder> make() {
    const auto decoder = small_decoder(", tied: false, reads: " + GetParam());
    const at::NoGradGuard no_grad;
    for (auto& [name, parameter] : decoder->named_parameters()) {
      if (name == "output.bias") parameter[decoder->end()] += 3.5;
    }
    return decoder;
  }
};

TEST_P(WriteViews, StepsWithThePastGiveTheScoresOfTeacherForcing) {
  const at::NoGradGuard no_grad;
  const auto decoder = make();
  const auto source = chosen_source(*decoder, kEverySample);
  const auto texts = small_texts();
  const auto want = decoder->forward(source, texts);
  const auto first = first_rows(texts);
  std::vector<int64_t> per_sample(kSamples, 0);
  for (const int64_t sample : texts.sample) ++per_sample[static_cast<size_t>(sample)];
  DecoderPast past;
  for (int64_t t = 0; t < kMaxTokens; ++t) {
    std::vector<int64_t> tokens;
    for (size_t i = 0; i < texts.tokens.size(); ++i) {
      const auto& own = texts.tokens[i];
      const auto at = static_cast<size_t>(t) - 1;
      tokens.push_back(t == 0            ? decoder->begin(texts.language[i])
                       : at < own.size() ? own[at]
                                         : 0);  // goes on, and is looked at no more
    }
    const auto scores = decoder->next(source, per_sample, tokens, past);
    EXPECT_EQ(past.steps, t + 1);
    for (size_t i = 0; i < texts.tokens.size(); ++i) {
      if (t > std::ssize(texts.tokens[i])) continue;
      EXPECT_LE(largest_change(scores[static_cast<int64_t>(i)], want[first[i] + t]), kStepTolerance)
          << i << " at " << t;
    }
  }
  EXPECT_EQ(error_of([&] { decoder->next(source, per_sample, std::vector<int64_t>(7, 0), past); }),
            "limit: decoder: a text of more than max_tokens, 6");
}

TEST_P(WriteViews, ABatchGivesTheScoresOfItsSamplesOneByOne) {
  const auto decoder = make();
  const auto texts = small_texts();
  const auto want = decoder->forward(chosen_source(*decoder, kEverySample), texts);
  int64_t row = 0;
  for (size_t i = 0; i < texts.tokens.size(); ++i) {
    const auto alone = decoder->forward(chosen_source(*decoder, {texts.sample[i]}),
                                        {{0}, {texts.language[i]}, {texts.tokens[i]}});
    EXPECT_LE(largest_change(alone, want.narrow(0, row, alone.size(0))), kStepTolerance) << i;
    row += alone.size(0);
  }
  EXPECT_EQ(row, want.size(0));
}

TEST_P(WriteViews, ABatchWritesTheTextsOfItsSamplesOneByOne) {
  const auto decoder = make();
  for (const auto& options : {by_beam(1), by_beam(3, 3)}) {
    const auto together = write_about(*decoder, chosen_source(*decoder, kEverySample), options);
    ASSERT_EQ(together.size(), static_cast<size_t>(kSamples));
    for (const int64_t sample : kEverySample) {
      const auto alone = write_about(*decoder, chosen_source(*decoder, {sample}), options);
      const auto& own = together[static_cast<size_t>(sample)];
      EXPECT_EQ(tokens_of(alone), tokens_of({own})) << sample;
      for (size_t i = 0; i < own.size(); ++i)
        EXPECT_NEAR(alone[0][i].log_probability, own[i].log_probability, kStepTolerance);
    }
  }
}

TEST_P(WriteViews, ThePastIsWorthReadingAllAgain) {
  const auto decoder = make();
  const auto source = chosen_source(*decoder, kEverySample);
  std::set<size_t> lengths;
  for (int64_t language = 0; language < 2; ++language) {
    for (auto options : {by_beam(1), by_beam(3, 3)}) {
      options.language = language;
      const auto kept = write_about(*decoder, source, options);
      options.keep_past = false;
      EXPECT_EQ(tokens_of(write_about(*decoder, source, options)), tokens_of(kept));
      for (const auto& texts : kept) {
        for (const auto& text : texts) lengths.insert(text.tokens.size());
      }
    }
  }
  EXPECT_GT(lengths.size(), 2u);  // else nothing was finished before another
}

TEST_P(WriteViews, DrawsDependOnSeedAndNumberAlone) {
  const auto decoder = make();
  WriteOptions options;
  options.search.sample = true;
  options.search.best = 4;
  options.seed = 3;
  options.numbers = {7, 8, 9, 10, 11};
  const auto all = tokens_of(write_about(*decoder, chosen_source(*decoder, kEverySample), options));
  options.keep_past = false;
  EXPECT_EQ(tokens_of(write_about(*decoder, chosen_source(*decoder, kEverySample), options)), all);
  options.keep_past = true;
  options.numbers = {9, 11};
  const auto two = tokens_of(write_about(*decoder, chosen_source(*decoder, {2, 4}), options));
  EXPECT_EQ(two[0], all[2]);
  EXPECT_EQ(two[1], all[4]);
  options.seed = 4;
  EXPECT_NE(tokens_of(write_about(*decoder, chosen_source(*decoder, {2, 4}), options)), two);
}

TEST_P(WriteViews, TheLogProbabilityIsThatOfTeacherForcing) {
  const auto decoder = make();
  const auto source = chosen_source(*decoder, kEverySample);
  const auto written = write_about(*decoder, source, by_beam(3, 2));
  for (size_t sample = 0; sample < written.size(); ++sample) {
    for (const auto& text : written[sample]) {
      const TextBatch texts{{static_cast<int64_t>(sample)}, {0}, {text.tokens}};
      auto following = decoder->following(texts);
      EXPECT_EQ(text.ended, std::ssize(text.tokens) < kMaxTokens);
      const auto log_p = decoder->forward(source, texts).log_softmax(1);
      const auto truth = at::tensor(following, at::kLong).unsqueeze(1);
      EXPECT_NEAR(log_p.gather(1, truth).sum().item<double>(), text.log_probability,
                  kMaxTokens * kStepTolerance);
      EXPECT_NEAR(text.score, text.log_probability / static_cast<double>(following.size()), 1e-9);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, WriteViews, testing::Values("tokens", "fused", "both"),
                         [](const auto& test) { return test.param; });

TEST(WriteAbout, GreedyTakesTheLargestScoreUntilTheEnd) {
  const auto decoder = small_decoder();
  const auto source = chosen_source(*decoder, kEverySample);
  const auto written = write_about(*decoder, source, by_beam(1));
  for (int64_t sample = 0; sample < kSamples; ++sample) {
    std::vector<int64_t> tokens;
    while (std::ssize(tokens) < kMaxTokens) {
      const auto scores = decoder->forward(source, {{sample}, {0}, {tokens}});
      const auto next = scores[-1].argmax().item<int64_t>();
      if (next == decoder->end()) break;
      tokens.push_back(next);
    }
    const auto& own = written[static_cast<size_t>(sample)].at(0);
    EXPECT_EQ(own.tokens, tokens) << sample;
    EXPECT_EQ(own.text, small_tokenizer()->decode(tokens));
  }
}

TEST(WriteAbout, FewerTokensThanThereArePositionsMayBeAskedFor) {
  const auto decoder = small_decoder();
  const auto source = chosen_source(*decoder, kEverySample);
  auto options = by_beam(1);
  options.search.max_tokens = 2;
  for (const auto& texts : write_about(*decoder, source, options))
    EXPECT_LE(texts[0].tokens.size(), 2u);
  options.search.max_tokens = kMaxTokens + 1;
  EXPECT_EQ(error_of([&] { write_about(*decoder, source, options); }),
            "config: max_tokens: expected at most 6, for which the decoder was trained, got 7");
}

TEST(WriteAbout, StopsWhereItIsInterrupted) {
  const auto decoder = small_decoder();
  auto options = by_beam(2);
  int asked = 0;
  options.interrupted = [&] { return ++asked > 2; };
  EXPECT_EQ(error_of([&] {
              write_about(*decoder, chosen_source(*decoder, kEverySample), options);
            }),
            "interrupted: stopped while writing texts");
  EXPECT_EQ(asked, 3);
}

}  // namespace
}  // namespace braid
