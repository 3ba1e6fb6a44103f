#include "braid/generate/write.h"

#include <torch/types.h>

#include <utility>

#include "braid/block/device.h"
#include "braid/core/error.h"

namespace braid {
namespace {

class DecoderSteps final : public NextTokens {
 public:
  DecoderSteps(const Decoder& decoder, const Source& source, int64_t language, bool keep_past)
      : decoder_(decoder), source_(source), language_(language), keep_past_(keep_past) {}

  int64_t vocabulary() const override { return decoder_.vocabulary(); }
  int64_t end() const override { return decoder_.end(); }

  std::span<const float> advance(std::span<const int64_t> samples, std::span<const int64_t> parents,
                                 std::span<const int64_t> tokens) override {
    const auto scores = keep_past_ ? from_past(samples, parents, tokens)
                                   : from_beginning(samples, parents, tokens);
    scores_ = scores.to(at::kCPU, at::kFloat).contiguous();
    return {scores_.data_ptr<float>(), static_cast<size_t>(scores_.numel())};
  }

 private:
  at::Tensor from_past(std::span<const int64_t> samples, std::span<const int64_t> parents,
                       std::span<const int64_t> tokens) {
    if (!parents.empty()) choose(parents);
    std::vector<int64_t> written(tokens.begin(), tokens.end());
    if (tokens.empty()) written.assign(samples.size(), decoder_.begin(language_));
    std::vector<int64_t> per_sample(static_cast<size_t>(source_.samples), 0);
    for (const int64_t sample : samples) ++per_sample[static_cast<size_t>(sample)];
    return decoder_.next(source_, per_sample, written, past_);
  }

  // Hypotheses go on from others, or no more.
  void choose(std::span<const int64_t> parents) {
    bool same = std::ssize(parents) == past_.layers[0].size(0);
    for (size_t i = 0; same && i < parents.size(); ++i)
      same = parents[i] == static_cast<int64_t>(i);
    if (same) return;
    const std::vector<int64_t> rows(parents.begin(), parents.end());
    for (auto& layer : past_.layers)
      layer = layer.index_select(0, to_device(at::tensor(rows, at::kLong), layer.device()));
  }

  at::Tensor from_beginning(std::span<const int64_t> samples, std::span<const int64_t> parents,
                            std::span<const int64_t> tokens) {
    auto before = std::exchange(texts_, {});
    std::vector<int64_t> last;  // rows
    int64_t rows = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
      texts_.sample.push_back(samples[i]);
      texts_.language.push_back(language_);
      auto& text = texts_.tokens.emplace_back();
      if (!parents.empty()) {
        text = before.tokens[static_cast<size_t>(parents[i])];
        text.push_back(tokens[i]);
      }
      rows += std::ssize(text) + 1;
      last.push_back(rows - 1);
    }
    const auto scores = decoder_.forward(source_, texts_);
    return scores.index_select(0, to_device(at::tensor(last, at::kLong), scores.device()));
  }

  const Decoder& decoder_;
  const Source& source_;
  int64_t language_;
  bool keep_past_;
  DecoderPast past_;
  TextBatch texts_;
  at::Tensor scores_;  // [n, V] of the last call
};

}  // namespace

std::vector<std::vector<WrittenText>> write_about(const Decoder& decoder, const Source& source,
                                                  const WriteOptions& options) {
  const at::NoGradGuard no_grad;
  const auto& tokenizer = decoder.tokenizer();
  auto search = options.search;
  if (search.max_tokens == 0) search.max_tokens = decoder.max_tokens();
  if (search.max_tokens > decoder.max_tokens()) {
    throw Error(ErrorCode::kConfig, "max_tokens: expected at most " +
                                        std::to_string(decoder.max_tokens()) +
                                        ", for which the decoder was trained, got " +
                                        std::to_string(search.max_tokens));
  }
  DecoderSteps steps(decoder, source, options.language, options.keep_past);
  SearchContext context;
  context.decode = [&](std::span<const int64_t> tokens) {
    return tokenizer.decode({tokens.begin(), tokens.end()});
  };
  context.interrupted = options.interrupted;
  context.seed = options.seed;
  context.numbers = options.numbers;
  std::vector<std::vector<WrittenText>> all;
  for (auto& found : write_texts(steps, source.samples, search, context)) {
    auto& texts = all.emplace_back();
    for (auto& one : found) {
      auto text = one.text ? std::move(*one.text) : tokenizer.decode(one.tokens);
      texts.push_back({std::move(text), std::move(one.tokens), one.log_probability, one.score,
                       one.ended});
    }
  }
  return all;
}

}  // namespace braid
