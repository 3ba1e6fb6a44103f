#include "braid/recipe/eval_checks.h"

#include <algorithm>

#include "braid/core/text.h"
#include "braid/metric/classification.h"

namespace braid {

void check_field(const Recipe& recipe, const std::string& name, const ConfigNode& at) {
  std::vector<std::string> known;
  for (const auto& [field, config] : recipe.fields) {
    if (field == name) return;
    known.push_back(field);
  }
  at.fail("no field '" + name + "'" + did_you_mean(name, known) + "; fields: " + join(known, ", "));
}

void check_protocols(const ConfigNode& node, Recipe& recipe) {
  const auto* list = node.find("protocols");
  for (size_t i = 0; i < recipe.eval.protocols.size(); ++i) {
    auto& protocol = recipe.eval.protocols[i];
    const auto& at = list->kind() == ConfigNode::Kind::kList ? list->items()[i] : *list;
    if (protocol.split.empty())
      at.fail("a protocol needs `split`, by which `braid eval --split` asks for it");
    if (protocol.name.empty()) protocol.name = protocol.split;
    for (const auto& name : {protocol.query, protocol.against, protocol.of}) {
      if (!name.empty()) check_field(recipe, name, at);
    }
    if (!protocol.from.is_null()) parse_sources(protocol.from);
    check_protocol_kind(protocol, at);
  }
}

namespace {

// Some protocol that chooses weights must measure what they are chosen by.
void check_metric_is_measured(const ConfigNode& node, const EvalConfig& eval) {
  const auto prompts = classification_metric_names();
  const bool of_prompts = std::find(prompts.begin(), prompts.end(), eval.metric) != prompts.end();
  bool chooses = eval.protocols.empty(), measured = eval.protocols.empty() && !of_prompts;
  for (const auto& protocol : eval.protocols) {
    if (protocol.split != eval.validation) continue;
    chooses = true;
    measured |= (protocol.kind == ProtocolKind::kPrompts) == of_prompts;
  }
  if (measured || !chooses) return;
  const auto* at = node.find("metric");
  (at ? *at : node)
      .fail("eval.metric: no protocol of split '" + eval.validation + "' measures " + eval.metric +
            "; there " +
            (of_prompts ? "must be one of kind prompts, or set recall@10"
                        : "are those of kind prompts only: set accuracy"));
}

}  // namespace

void check_metric(const ConfigNode& node, const Recipe& recipe) {
  std::vector<std::string> known;
  for (const auto& metric : retrieval_metrics({1}, {0}, {})) known.push_back(metric.name);
  for (const auto& name : classification_metric_names()) known.push_back(name);
  const auto& wanted = recipe.eval.metric;
  if (std::find(known.begin(), known.end(), wanted) != known.end())
    return check_metric_is_measured(node, recipe.eval);
  node.find("metric")->fail("eval.metric: no metric '" + wanted + "'" +
                            did_you_mean(wanted, known) + "; there are: " + join(known, ", "));
}

}  // namespace braid
