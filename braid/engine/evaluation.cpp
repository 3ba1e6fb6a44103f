#include "braid/engine/evaluation.h"

#include <algorithm>
#include <iterator>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/task/prompts.h"

namespace braid {

std::vector<ProtocolConfig> every_pair(const Recipe& recipe, const std::string& name,
                                       const std::string& split) {
  const auto is_text = [&](size_t field) {
    return recipe.fields[field].second.modality.find("kind")->text() == "text";
  };
  std::vector<ProtocolConfig> pairs;
  for (size_t a = 0; a < recipe.fields.size(); ++a) {
    for (size_t b = a + 1; b < recipe.fields.size(); ++b) {
      const bool b_asks = is_text(b) && !is_text(a);
      ProtocolConfig pair;
      pair.name = name;
      pair.split = split;
      pair.query = recipe.fields[b_asks ? b : a].first;
      pair.against = recipe.fields[b_asks ? a : b].first;
      pairs.push_back(std::move(pair));
    }
  }
  return pairs;
}

std::vector<ProtocolConfig> protocols_of(const Recipe& recipe, const std::string& split) {
  std::vector<ProtocolConfig> picked;
  std::vector<std::string> known;
  for (const auto& protocol : recipe.eval.protocols) {
    if (protocol.split == split) picked.push_back(protocol);
    known.push_back(protocol.split);
  }
  if (recipe.eval.protocols.empty()) return every_pair(recipe, split, split);
  if (picked.empty()) {
    known.erase(std::unique(known.begin(), known.end()), known.end());
    throw Error(ErrorCode::kUsage, "no protocol of this recipe is about split '" + split + "'" +
                                       did_you_mean(split, known) +
                                       "; splits: " + join(known, ", "));
  }
  return picked;
}

std::vector<FieldSource> protocol_sources(const Recipe& recipe, const ProtocolConfig& protocol) {
  auto sources = recipe.sources();
  if (protocol.from.is_null()) return sources;
  for (auto& source : sources) {
    const bool asks =
        protocol.query.empty() ? source.modality == "text" : source.field == protocol.query;
    if (!asks) continue;
    source.columns = parse_sources(protocol.from);
    break;
  }
  return sources;
}

Evaluator::Evaluator(const Recipe& recipe, const std::vector<ProtocolConfig>& protocols,
                     const std::filesystem::path& manifest) {
  for (const auto& protocol : protocols) {
    Open open;
    for (const auto& other : open_) {  // the recipe's own columns are read once
      const bool own = protocol.from.is_null() && other.question.protocol.from.is_null();
      if (own) open.data = other.data;
    }
    if (!open.data) open.data = open_data(recipe, protocol_sources(recipe, protocol), manifest);
    open.question = resolve_question(recipe, *open.data, protocol);
    open_.push_back(std::move(open));
  }
}

RetrievalResult Evaluator::run(Model& model, const std::vector<const Modality*>& modalities,
                               const RetrievalOptions& options) const {
  RetrievalResult all;
  VectorMemo memo;
  auto remembering = options;
  remembering.memo = &memo;
  const auto move_into = [](auto& from, auto& to) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
  };
  for (const auto& open : open_) {
    const bool prompts = open.question.protocol.kind == ProtocolKind::kPrompts;
    const auto ask = prompts ? evaluate_prompts : evaluate_retrieval;
    auto one = ask(model, *open.data, modalities, open.question, remembering);
    move_into(one.metrics, all.metrics);
    move_into(one.geometry, all.geometry);
    move_into(one.outcomes, all.outcomes);
    move_into(one.bad, all.bad);
  }
  return all;
}

double validation_score(const std::vector<Metric>& metrics, const std::string& name) {
  double sum = 0;
  int64_t count = 0;
  std::vector<std::string> known;
  for (const auto& metric : metrics) {
    known.push_back(metric.name);
    if (metric.name != name || !metric.label.empty()) continue;
    sum += metric.value;
    ++count;
  }
  if (count == 0) {
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    throw Error(ErrorCode::kConfig, "eval.metric: no metric '" + name + "'" +
                                        did_you_mean(name, known) +
                                        "; there are: " + join(known, ", "));
  }
  const double mean = sum / static_cast<double>(count);
  return name == "median_rank" ? -mean : mean;
}

}  // namespace braid
