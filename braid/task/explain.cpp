#include "braid/task/explain.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw Error(ErrorCode::kUsage, "explain: " + message);
}

at::Tensor gradient_of(const at::Tensor& y, const at::Tensor& x) {
  const auto found = torch::autograd::grad({y}, {x}, {}, /*retain_graph=*/true,
                                           /*create_graph=*/false, /*allow_unused=*/true)[0];
  return found.defined() ? found : at::zeros_like(x);
}

// log p - log (1 - p), which still moves where p is 1 to the last bit. scores [C]
at::Tensor log_odds(const at::Tensor& scores, int64_t which) {
  auto other = at::zeros_like(scores);
  other[which] = -std::numeric_limits<float>::infinity();
  return scores[which] - at::logsumexp(scores + other, 0);
}

std::vector<double> normalised(const at::Tensor& heat) {
  const auto all = heat.detach().to(at::kDouble).contiguous();
  const double sum = all.sum().item<double>();
  const auto scaled = sum > 0 ? all / sum : at::zeros_like(all);
  return {scaled.data_ptr<double>(), scaled.data_ptr<double>() + scaled.numel()};
}

// Words of a text as its tokens make them: a token that begins with a blank, or follows one, begins
// a word; of writing without blanks each character that is whole.
std::vector<std::pair<std::string, std::vector<size_t>>> words_of(
    const Tokenizer& tokenizer, const std::vector<int64_t>& tokens) {
  std::vector<std::pair<std::string, std::vector<size_t>>> words;
  std::string before;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto text =
        tokenizer.decode({tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1});
    const bool broken = !before.empty() && before.ends_with("\xef\xbf\xbd");  // half a character
    const auto piece = text.size() > before.size() ? text.substr(before.size()) : std::string();
    const bool wide = !piece.empty() && static_cast<unsigned char>(piece[0]) >= 0xe3;
    const bool begins = words.empty() || piece.starts_with(" ") || before.ends_with(" ") ||
                        (wide && !broken);
    if (begins) words.emplace_back();
    words.back().second.push_back(i);
    before = text;
  }
  size_t begin = 0;  // the words of the whole text, read again, so that no character is cut
  for (auto& [word, own] : words) {
    const auto end = tokenizer.decode({tokens.begin(),
                                       tokens.begin() + static_cast<std::ptrdiff_t>(own.back()) + 1});
    word = end.size() > begin ? end.substr(begin) : "";
    begin = end.size();
    if (word.starts_with(" ")) word.erase(0, 1);
  }
  return words;
}

void set_places(int64_t tokens, const std::string& form, Explanation& out) {
  const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(tokens))));
  const bool square = form == "image" && side * side == tokens;
  out.rows = square ? side : 1;
  out.columns = square ? side : tokens;
}

// Tokens of the field, and where they begin among those of the sample's source.
std::pair<int64_t, int64_t> range_in_source(const Joined& joined, const Decoder& decoder,
                                            size_t field, const std::vector<std::string>& fields) {
  const auto& seen = decoder.config().fields;
  int64_t begin = 0;
  for (size_t i = 0; i < joined.parts.size(); ++i) {
    if (!seen.empty() && std::find(seen.begin(), seen.end(), fields[i]) == seen.end()) continue;
    const auto& part = joined.parts[i];
    const int64_t own = part.tokens.defined() ? part.tokens.segments.rows()
                                              : part.present.sum().item<int64_t>();
    if (i == field) return {begin, own};
    begin += own;
  }
  refuse("the decoder does not look at field '" + fields[field] + "'");
}

at::Tensor rolled_out(const std::vector<LayerLook>& looks, int64_t heads) {
  at::Tensor r;  // [T, M]
  for (const auto& look : looks) {
    const auto source = look.source.detach().view({heads, look.source.size(1), -1}).mean(0);
    const auto self = look.self[0];  // [T, T]
    r = r.defined() ? (r + self.matmul(r)) / 2 : at::zeros_like(source);
    r = (r + source) / 2;
  }
  return r;
}

Explanation of_text(Model& model, const Joined& joined, const std::vector<std::string>& fields,
                    const ExplainRequest& request, const std::string& form) {
  const auto& decoder = *model.joint()->decoder(request.task);
  if (decoder.config().reads == DecoderView::kFused)
    refuse("this decoder reads the fused vector alone (reads: fused): it looks at no place");
  const auto range = range_in_source(joined, decoder, request.field, fields);
  const auto written = model.write(request.task, joined, request.write).at(0).at(0);
  Explanation out;
  out.text = written.text;
  set_places(range.second, form, out);
  if (written.tokens.empty()) return out;
  const TextBatch text{{0}, {request.write.language}, {written.tokens}};
  std::vector<LayerLook> looks;
  const auto scores = decoder.forward(decoder.see(joined.parts, joined.vector), text, &looks);
  const int64_t heads = decoder.config().heads;
  const auto rolled = rolled_out(looks, heads);
  for (const auto& [word, own] : words_of(decoder.tokenizer(), written.tokens)) {
    auto heat = at::zeros({range.second}, at::kFloat);
    for (const size_t t : own) {
      const auto row = static_cast<int64_t>(t);
      if (request.method == ExplainMethod::kRollout) {
        heat += rolled[row].narrow(0, range.first, range.second);
        continue;
      }
      const auto y = log_odds(scores[row], written.tokens[t]);
      for (const auto& look : looks) {
        const auto told = (look.source * gradient_of(y, look.source)).clamp_min(0).mean(0);
        heat += told[row].narrow(0, range.first, range.second).detach();
      }
    }
    out.words.push_back({word, normalised(heat)});
  }
  return out;
}

Explanation of_answer(Model& model, const Joined& joined, const AskedParts& asked,
                      const TargetFacts& facts, const ExplainRequest& request,
                      const std::string& form) {
  if (request.method == ExplainMethod::kRollout)
    refuse("rollout is of texts that a decoder wrote; this task has a head: use gradient");
  const auto outputs = model.answer(request.task, joined.vector)[0];  // [C]
  const auto& names = facts.columns.empty() ? facts.classes : facts.columns;
  int64_t which = outputs.argmax().item<int64_t>();
  if (!request.answer.empty()) {
    const auto found = std::find(names.begin(), names.end(), request.answer);
    if (found == names.end())
      refuse("no answer '" + request.answer + "'" + did_you_mean(request.answer, names));
    which = found - names.begin();
  }
  const bool chosen = facts.columns.empty() && outputs.size(0) > 1;
  const auto y = chosen ? log_odds(outputs, which) : outputs[which];
  const auto& tokens = asked.encoded[request.field].values;  // [1, T, E] or [T, E]
  const auto told = (tokens * gradient_of(y, tokens)).sum(-1).clamp_min(0).flatten();
  Explanation out;
  out.text = names.at(static_cast<size_t>(which));
  set_places(told.numel(), form, out);
  out.words.push_back({out.text, normalised(told)});
  return out;
}

}  // namespace

std::vector<double> mean_heat(const Explanation& explanation) {
  std::vector<double> mean;
  for (const auto& word : explanation.words) {
    mean.resize(word.heat.size());
    for (size_t i = 0; i < mean.size(); ++i)
      mean[i] += word.heat[i] / static_cast<double>(explanation.words.size());
  }
  return mean;
}

Explanation explain_sample(Model& model, const std::vector<std::string>& fields,
                           const std::vector<const Modality*>& modalities,
                           const AskedValues& sample, const TargetFacts& facts,
                           const ExplainRequest& request) {
  const auto& name = fields.at(request.field);
  if (!sample.at(0).at(request.field)) refuse("the sample has no value of field '" + name + "'");
  const auto asked = read_asked(model, fields, modalities, sample, /*graph=*/true);
  if (!asked.encoded[request.field].defined())
    refuse("the encoder of field '" + name + "' makes no tokens, only a vector: nowhere to point to");
  const at::AutoGradMode graph(true);
  const auto joined = model.fuse(asked.parts);
  const std::string form(modalities[request.field]->form());
  return model.joint()->decoder(request.task)
             ? of_text(model, joined, fields, request, form)
             : of_answer(model, joined, asked, facts, request, form);
}

}  // namespace braid
