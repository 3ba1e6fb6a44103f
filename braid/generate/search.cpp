#include "braid/generate/search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/generate/next_token.h"

namespace braid {
namespace {

constexpr const char* kNoToken = "only the end token is possible, which min_tokens forbids";

struct Hypothesis {
  std::vector<int64_t> tokens;
  double log_probability = 0;
  int64_t row = 0;   // in the last call of the decoder
  int64_t draw = 0;  // which of a sample's draws it is
};

struct Continuation {
  size_t parent;
  int64_t token;
  double log_probability;
};

struct SampleSearch {
  int64_t number;
  std::vector<Hypothesis> live;   // best first in beam search
  std::vector<Written> finished;  // best first, up to config.best
};

class TextSearch {
 public:
  TextSearch(NextTokens& decoder, int64_t samples, const SearchConfig& config,
             const SearchContext& context);

  std::vector<std::vector<Written>> run();

 private:
  bool ask();  // the decoder, about all live hypotheses; false where there are none
  void read(const SampleSearch& sample, const Hypothesis& hypothesis);
  void extend_each(SampleSearch& sample);
  void extend_beam(SampleSearch& sample);
  void place(SampleSearch& sample, Hypothesis hypothesis, const Continuation& next);
  void finish(SampleSearch& sample, const Hypothesis& hypothesis, int64_t length, bool ended,
              std::optional<std::string> text = std::nullopt);
  int64_t choose(const SampleSearch& sample, const Hypothesis& hypothesis);
  bool settled(const SampleSearch& sample) const;
  double score(double log_probability, int64_t length) const;
  std::optional<std::string> cut_text(const std::vector<int64_t>& tokens) const;
  [[noreturn]] void fail(const SampleSearch& sample, const std::string& what) const;

  NextTokens& decoder_;
  const SearchConfig& config_;
  const SearchContext& context_;
  const int64_t vocabulary_, end_;
  std::vector<SampleSearch> samples_;
  std::span<const float> logits_;  // [n, V]
  NextToken next_;
  int64_t step_ = 0;  // tokens written by every live hypothesis
};

TextSearch::TextSearch(NextTokens& decoder, int64_t samples, const SearchConfig& config,
                       const SearchContext& context)
    : decoder_(decoder),
      config_(config),
      context_(context),
      vocabulary_(decoder.vocabulary()),
      end_(decoder.end()) {
  for (int64_t i = 0; i < samples; ++i) {
    const int64_t number = context.numbers.empty() ? i : context.numbers[static_cast<size_t>(i)];
    samples_.push_back({number, {Hypothesis{}}, {}});
  }
}

void TextSearch::fail(const SampleSearch& sample, const std::string& what) const {
  throw Error(ErrorCode::kInternal, "token " + std::to_string(step_ + 1) + " of sample " +
                                        std::to_string(sample.number) + ": " + what);
}

bool TextSearch::ask() {
  std::vector<int64_t> owners, parents, tokens;
  for (size_t s = 0; s < samples_.size(); ++s) {
    for (auto& hypothesis : samples_[s].live) {
      if (step_ > 0) {
        parents.push_back(hypothesis.row);
        tokens.push_back(hypothesis.tokens.back());
      }
      hypothesis.row = std::ssize(owners);
      owners.push_back(static_cast<int64_t>(s));
    }
  }
  if (owners.empty()) return false;
  logits_ = decoder_.advance(owners, parents, tokens);
  if (std::ssize(logits_) != std::ssize(owners) * vocabulary_)
    throw Error(ErrorCode::kShape, "logits of a decoder: expected " +
                                       std::to_string(owners.size()) + " rows of " +
                                       std::to_string(vocabulary_) + ", got " +
                                       std::to_string(logits_.size()) + " numbers");
  return true;
}

void TextSearch::read(const SampleSearch& sample, const Hypothesis& hypothesis) {
  next_.read(logits_.subspan(static_cast<size_t>(hypothesis.row * vocabulary_),
                             static_cast<size_t>(vocabulary_)),
             hypothesis.tokens, config_.repetition_penalty);
  if (const char* fault = next_.fault()) fail(sample, std::string("of a decoder, ") + fault);
  if (step_ < config_.min_tokens) next_.forbid(end_);
}

// A draw has a stream of its own: neither the batch nor the other draws move it.
int64_t TextSearch::choose(const SampleSearch& sample, const Hypothesis& hypothesis) {
  int64_t token = -1;
  if (config_.sample) {
    const uint64_t seed = mix(context_.seed, static_cast<uint64_t>(hypothesis.draw));
    const auto number = static_cast<uint64_t>(sample.number);
    Rng rng(seed, static_cast<uint64_t>(step_), number, "search.draw");
    token = next_.draw({config_.temperature, config_.top_k, config_.top_p}, rng.uniform());
  } else if (const auto& best = next_.best(1); !best.empty()) {
    token = best[0];
  }
  if (token < 0) fail(sample, kNoToken);
  return token;
}

// Greedy and sampling: each hypothesis goes its own way.
void TextSearch::extend_each(SampleSearch& sample) {
  if (step_ == 0) {  // the decoder read the beginning once: all draws part from it
    const auto beginning = sample.live[0];
    for (int64_t draw = 1; draw < config_.best; ++draw) {
      sample.live.push_back(beginning);
      sample.live.back().draw = draw;
    }
  }
  auto before = std::exchange(sample.live, {});
  for (auto& hypothesis : before) {
    read(sample, hypothesis);
    const int64_t token = choose(sample, hypothesis);
    const double total = hypothesis.log_probability + next_.log_probability(token);
    place(sample, std::move(hypothesis), {0, token, total});
  }
}

void TextSearch::extend_beam(SampleSearch& sample) {
  std::vector<Continuation> continuations;
  for (size_t i = 0; i < sample.live.size(); ++i) {
    read(sample, sample.live[i]);
    for (const int64_t token : next_.best(2 * config_.beam))
      continuations.push_back(
          {i, token, sample.live[i].log_probability + next_.log_probability(token)});
  }
  if (continuations.empty()) fail(sample, kNoToken);
  // Stable: they stand by hypothesis and then by logit and token, which is the order of ties.
  std::stable_sort(continuations.begin(), continuations.end(),
                   [](const Continuation& a, const Continuation& b) {
                     return a.log_probability > b.log_probability;
                   });
  if (std::ssize(continuations) > 2 * config_.beam)
    continuations.resize(static_cast<size_t>(2 * config_.beam));
  const auto before = std::exchange(sample.live, {});
  for (const auto& next : continuations) {
    if (next.token == end_ || std::ssize(sample.live) < config_.beam)
      place(sample, before[next.parent], next);
  }
  if (settled(sample)) sample.live.clear();
}

// No text that a live hypothesis can become beats those that are finished; see search.h.
bool TextSearch::settled(const SampleSearch& sample) const {
  if (sample.live.empty() || std::ssize(sample.finished) < config_.best) return false;
  return score(sample.live[0].log_probability, config_.max_tokens) <= sample.finished.back().score;
}

// A continuation is finished where it ends, else it lives.
void TextSearch::place(SampleSearch& sample, Hypothesis hypothesis, const Continuation& next) {
  hypothesis.log_probability = next.log_probability;
  if (next.token == end_) return finish(sample, hypothesis, step_ + 1, true);
  hypothesis.tokens.push_back(next.token);
  if (auto text = cut_text(hypothesis.tokens))
    return finish(sample, hypothesis, step_ + 1, true, std::move(text));
  sample.live.push_back(std::move(hypothesis));
}

void TextSearch::finish(SampleSearch& sample, const Hypothesis& hypothesis, int64_t length,
                        bool ended, std::optional<std::string> text) {
  Written written{hypothesis.tokens, hypothesis.log_probability,
                  score(hypothesis.log_probability, length), ended, std::move(text)};
  const bool drawn = config_.sample;
  const auto better = [drawn](const Written& a, const Written& b) {
    return drawn ? a.log_probability > b.log_probability : a.score > b.score;
  };
  auto& finished = sample.finished;
  finished.insert(std::upper_bound(finished.begin(), finished.end(), written, better),
                  std::move(written));
  if (std::ssize(finished) > config_.best) finished.pop_back();
}

double TextSearch::score(double log_probability, int64_t length) const {
  return log_probability / std::pow(static_cast<double>(length), config_.length_penalty);
}

// What stands before the first stop string, where one just appeared: every text was tested before
// its last token. The whole text is decoded, as a decoder may join tokens: a stop string or a
// character can lie on several.
std::optional<std::string> TextSearch::cut_text(const std::vector<int64_t>& tokens) const {
  if (config_.stop.empty()) return std::nullopt;
  std::string text = context_.decode(tokens);
  size_t cut = std::string::npos;
  for (const auto& stop : config_.stop) cut = std::min(cut, text.find(stop));
  if (cut == std::string::npos) return std::nullopt;
  text.resize(cut);
  return text;
}

std::vector<std::vector<Written>> TextSearch::run() {
  for (; step_ < config_.max_tokens; ++step_) {
    if (context_.interrupted && context_.interrupted())
      throw Error(ErrorCode::kInterrupted, "stopped while writing texts");
    if (!ask()) break;
    for (auto& sample : samples_) {
      if (sample.live.empty()) continue;
      config_.beam > 1 ? extend_beam(sample) : extend_each(sample);
    }
  }
  std::vector<std::vector<Written>> texts;
  for (auto& sample : samples_) {
    for (const auto& hypothesis : sample.live) finish(sample, hypothesis, step_, false);
    texts.push_back(std::move(sample.finished));
  }
  return texts;
}

}  // namespace

std::vector<std::vector<Written>> write_texts(NextTokens& decoder, int64_t samples,
                                              const SearchConfig& config,
                                              const SearchContext& context) {
  check(config);
  if (config.max_tokens == 0)
    throw Error(ErrorCode::kConfig, "max_tokens: expected what the decoder was trained for, got 0");
  if (!config.stop.empty() && !context.decode)
    throw Error(ErrorCode::kInternal, "stop: expected a way from tokens to text, got none");
  if (!context.numbers.empty() && std::ssize(context.numbers) != samples)
    throw Error(ErrorCode::kShape, "numbers of samples: expected " + std::to_string(samples) +
                                       ", got " + std::to_string(context.numbers.size()));
  return TextSearch(decoder, samples, config, context).run();
}

}  // namespace braid
