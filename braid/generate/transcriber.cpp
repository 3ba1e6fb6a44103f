#include "braid/generate/transcriber.h"

#include <torch/types.h>

#include <algorithm>

#include "braid/block/device.h"
#include "braid/core/error.h"

namespace braid {
namespace {

constexpr int64_t kBlank = 0;

// Tokens that a field must have for a text: equal neighbours are kept apart by a blank.
int64_t tokens_needed(const std::vector<int64_t>& text) {
  int64_t repeats = 0;
  for (size_t i = 1; i < text.size(); ++i) repeats += text[i] == text[i - 1];
  return std::ssize(text) + repeats;
}

std::vector<int64_t> lengths_of(const Segments& segments) {
  const auto& offsets = segments.offsets();
  std::vector<int64_t> lengths;
  for (size_t i = 1; i < offsets.size(); ++i) lengths.push_back(offsets[i] - offsets[i - 1]);
  return lengths;
}

// The most probable token of each row, and how probable it is.
struct BestPath {
  explicit BestPath(const Tokens& heard) : offsets(heard.segments.offsets()) {
    const auto best = heard.rows().detach().to(at::kFloat).log_softmax(1).max(1);
    const auto log_p = std::get<0>(best).to(at::kCPU, at::kDouble).contiguous();
    const auto ids = std::get<1>(best).to(at::kCPU).contiguous();
    log_probabilities.assign(log_p.data_ptr<double>(), log_p.data_ptr<double>() + log_p.numel());
    tokens.assign(ids.data_ptr<int64_t>(), ids.data_ptr<int64_t>() + ids.numel());
  }
  std::vector<int64_t> of(size_t sample) const {
    return {tokens.begin() + offsets[sample], tokens.begin() + offsets[sample + 1]};
  }
  double log_probability(size_t sample) const {
    double sum = 0;
    for (int64_t row = offsets[sample]; row < offsets[sample + 1]; ++row)
      sum += log_probabilities[static_cast<size_t>(row)];
    return sum;
  }

  std::vector<int64_t> offsets, tokens;  // [S + 1], [N]
  std::vector<double> log_probabilities;  // [N]
};

}  // namespace

std::vector<int64_t> read_path(const std::vector<int64_t>& path) {
  std::vector<int64_t> text;
  for (size_t t = 0; t < path.size(); ++t) {
    if (path[t] != kBlank && (t == 0 || path[t] != path[t - 1])) text.push_back(path[t] - 1);
  }
  return text;
}

Transcriber::Transcriber(const TranscriptionConfig& config, const DecoderInput& input)
    : field_(config.field), tokenizer_(input.facts.tokenizer) {
  const auto& fields = input.fields;
  place_ = static_cast<size_t>(std::find(fields.begin(), fields.end(), field_) - fields.begin());
  norm_ = register_module("norm", std::make_shared<LayerNorm>(input.width));
  output_ = register_module("output",
                            std::make_shared<Linear>(input.width, 1 + tokenizer_->vocabulary()));
}

Tokens Transcriber::hear(const std::vector<Embedding>& parts) const {
  const auto& part = parts.at(place_);
  const auto& tokens = part.tokens;
  if (!tokens.defined()) {
    if (part.present.any().item<bool>()) {
      throw Error(ErrorCode::kShape, "transcription: the encoder of field '" + field_ +
                                         "' makes no tokens, only a vector");
    }
    const auto none = Segments::of_mask(part.present.unsqueeze(1));
    return {output_->forward(part.pooled.narrow(0, 0, 0), *norm_), none};
  }
  return {output_->forward(tokens.rows(), *norm_), tokens.segments};
}

Transcriber::Loss Transcriber::loss(const Tokens& heard, const TextBatch& texts) const {
  const auto room = lengths_of(heard.segments);
  const BestPath best(heard);
  Loss out;
  std::vector<int64_t> samples, targets, steps, lengths;
  int64_t right = 0;
  for (size_t i = 0; i < texts.tokens.size(); ++i) {
    const auto& text = texts.tokens[i];
    const auto sample = static_cast<size_t>(texts.sample[i]);
    if (room[sample] == 0) continue;  // nothing is said
    if (text.empty() || tokens_needed(text) > room[sample]) {
      ++out.too_long;
      continue;
    }
    samples.push_back(texts.sample[i]);
    steps.push_back(room[sample]);
    lengths.push_back(std::ssize(text));
    for (const int64_t token : text) targets.push_back(token + 1);
    right += read_path(best.of(sample)) == text;
  }
  if (samples.empty()) return out;
  const auto here = heard.values.device();
  const auto on = [here](const std::vector<int64_t>& numbers) {
    return to_device(at::tensor(numbers, at::kLong), here);
  };
  const auto log_p = heard.rows().to(at::kFloat).log_softmax(1);  // [N, 1 + V]
  const auto whole = Segments::of_lengths(room, here);  // a mask may have holes
  const auto padded = whole.pad(log_p).index_select(0, on(samples)).transpose(0, 1);
  const auto nats = at::ctc_loss(padded, on(targets), steps, lengths, kBlank, at::Reduction::Sum);
  out.value = nats / static_cast<double>(targets.size());
  out.accuracy = static_cast<double>(right) / static_cast<double>(samples.size());
  return out;
}

std::vector<WrittenText> Transcriber::read(const Tokens& heard) const {
  const BestPath best(heard);
  std::vector<WrittenText> all;
  for (size_t i = 0; i + 1 < best.offsets.size(); ++i) {
    auto tokens = read_path(best.of(i));
    auto text = tokenizer_->decode(tokens);
    const double log_p = best.log_probability(i);
    all.push_back({std::move(text), std::move(tokens), log_p, log_p, true});
  }
  return all;
}

double Transcriber::flops(int64_t tokens) const {
  return 2.0 * static_cast<double>(tokens * output_->in() * output_->out());
}

}  // namespace braid
