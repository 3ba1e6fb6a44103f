#include "braid/study/question_score.h"

#include <algorithm>
#include <cmath>

#include "braid/core/error.h"
#include "braid/metric/scores.h"

namespace braid {
namespace {

// Rows that count, as `braid eval` counts them: with a target and a field.
std::vector<size_t> counted_rows(const KeptAnswers& a) {
  std::vector<size_t> rows;
  const auto targets = a.targets.values<double>();
  const auto columns = static_cast<size_t>(a.targets.size(1));
  for (size_t n = 0; n < a.keys.size(); ++n) {
    const auto own = targets.subspan(n * columns, columns);
    const bool known = std::any_of(own.begin(), own.end(), [](double t) { return !std::isnan(t); });
    if (known && a.carries[n]) rows.push_back(n);
  }
  return rows;
}

// Rows of [N, C], or `constant` again and again; `more` columns of zeros behind.
Array picked(const Array& all, const std::vector<size_t>& rows, const std::vector<double>& constant,
             size_t more) {
  const auto from = all.values<double>();
  const auto width = constant.empty() ? static_cast<size_t>(all.size(1)) : constant.size();
  Array out(DType::kF64, {static_cast<int64_t>(rows.size()), static_cast<int64_t>(width + more)});
  const auto to = out.mutable_values<double>();
  for (size_t i = 0; i < rows.size(); ++i) {
    const double* row = constant.empty() ? from.data() + rows[i] * width : constant.data();
    std::copy_n(row, width, to.data() + i * (width + more));
  }
  return out;
}

std::vector<double> prior_of(const TargetFacts& facts, bool multi) {
  double sum = 0;
  for (const auto count : facts.counts) sum += static_cast<double>(count);
  if (multi) sum = static_cast<double>(facts.rows);
  std::vector<double> shares;
  for (const auto count : facts.counts) shares.push_back(static_cast<double>(count) / sum);
  return shares;
}

// A mean of values, of which the root is taken where the metric is one.
void set_row_values(QuestionScore& score, std::vector<double> values, bool root) {
  if (!root) score.row_values = values;
  score.cost = static_cast<int64_t>(values.size());
  score.value = [values = std::move(values), root](std::span<const int32_t> times) {
    double sum = 0, total = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      sum += times[i] * values[i];
      total += times[i];
    }
    return root ? std::sqrt(sum / total) : sum / total;
  };
}

bool set_statistics(QuestionScore& score, Statistics statistics, const std::string& metric) {
  const bool there =
      std::any_of(statistics.metrics.begin(), statistics.metrics.end(),
                  [&](const Metric& own) { return own.name == metric && own.label.empty(); });
  if (!there) return false;
  const std::vector<std::string> name = {metric};
  auto one = only_named(std::move(statistics), name);
  size_t at = 0;
  while (!one.metrics[at].label.empty()) ++at;
  score.cost = one.cost;
  score.value = [values = std::move(one.values), at](std::span<const int32_t> times) {
    return values(times)[at];
  };
  return true;
}

bool set_classes(QuestionScore& score, ClassPredictions answers, const std::string& metric) {
  if (metric == "accuracy") {
    set_row_values(score, correctness(answers), false);
    return true;
  }
  return set_statistics(score, classification_statistics(answers, {}), metric);
}

bool set_numbers(QuestionScore& score, const ValuePredictions& answers, const std::string& metric) {
  const bool one = answers.targets.size(1) == 1;
  if (!one || (metric != "rmse" && metric != "mae"))
    return set_statistics(score, regression_statistics(answers, {}), metric);
  const auto says = answers.predictions.values<double>(), is = answers.targets.values<double>();
  std::vector<double> values;
  for (size_t i = 0; i < is.size(); ++i) {
    const double off = std::abs(says[i] - is[i]);
    values.push_back(metric == "rmse" ? off * off : off);
  }
  set_row_values(score, std::move(values), metric == "rmse");
  return true;
}

std::optional<QuestionScore> score_matching(const KeptAnswers& a, const std::string& metric,
                                            bool blind) {
  QuestionScore score{a.question, {}, {}, {}, {}, 0};
  ClassPredictions out{{}, {}, {"false", "true"}, {}, {0.5, 0.5}};
  std::vector<double> probabilities;
  const auto says = a.answers.values<double>();
  for (size_t n = 0; n < a.keys.size(); ++n) {
    if (std::isnan(says[n * 2])) continue;  // lacks a field of the pair
    for (const int truth : {1, 0}) {
      const double p = says[n * 2 + (truth ? 0 : 1)];
      if (std::isnan(p)) continue;
      const double kept = blind ? 0.5 : p;
      probabilities.insert(probabilities.end(), {1 - kept, kept});
      out.labels.push_back(truth);
      score.ids.push_back(a.keys[n] + (truth ? "\ntrue" : "\nfalse"));
      score.keys.push_back(a.keys[n]);
    }
  }
  const auto count = static_cast<int64_t>(out.labels.size());
  if (count == 0) return std::nullopt;
  out.probabilities = Array::of<double>({count, 2}, std::span<const double>(probabilities));
  if (!set_classes(score, std::move(out), metric)) return std::nullopt;
  return score;
}

std::optional<QuestionScore> score_rows(const KeptAnswers& a, const TargetFacts& facts,
                                        const std::string& metric,
                                        const std::vector<double>& constant) {
  const auto rows = counted_rows(a);
  if (rows.empty()) return std::nullopt;
  QuestionScore score{a.question, {}, {}, {}, {}, 0};
  for (const size_t n : rows) score.ids.push_back(a.keys[n]);
  score.keys = score.ids;
  const auto targets = picked(a.targets, rows, {}, 0);
  if (a.task.kind == "regression") {
    const ValuePredictions out{picked(a.answers, rows, constant, 0), targets, facts.columns, {}};
    return set_numbers(score, out, metric) ? std::optional(score) : std::nullopt;
  }
  const bool more = a.task.multi()
                        ? std::any_of(a.unseen.begin(), a.unseen.end(), [](auto u) { return u; })
                        : [&] {
                            const auto all = a.targets.values<double>();
                            return std::any_of(all.begin(), all.end(), [](double t) { return t < 0; });
                          }();
  auto names = facts.classes;
  if (more) names.push_back("(unseen in training)");
  auto answers = picked(a.answers, rows, constant, more);
  std::vector<int64_t> labels;
  const auto known = targets.values<double>();
  const auto columns = static_cast<size_t>(targets.size(1));
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t c = 0; c < columns; ++c) {
      const double label = known[i * columns + c];
      labels.push_back(!a.task.multi() && label < 0 ? static_cast<int64_t>(facts.classes.size())
                                                    : static_cast<int64_t>(label));
    }
    if (a.task.multi() && more) labels.push_back(a.unseen[rows[i]]);
  }
  bool there = false;
  if (a.task.multi()) {
    const LabelPredictions out{std::move(answers), std::move(labels), std::move(names), {}};
    there = set_statistics(score, multi_label_statistics(out, {}), metric);
  } else {
    auto prior = prior_of(facts, false);
    if (more) prior.push_back(0);
    there = set_classes(score, {std::move(answers), std::move(labels), std::move(names), {}, prior},
                        metric);
  }
  return there ? std::optional(std::move(score)) : std::nullopt;
}

}  // namespace

std::optional<QuestionScore> score_answers(const KeptAnswers& answers, const TargetFacts& facts,
                                           const std::string& metric) {
  if (answers.task.kind == "matching") return score_matching(answers, metric, false);
  return score_rows(answers, facts, metric, {});
}

std::optional<QuestionScore> score_blind(const KeptAnswers& answers, const TargetFacts& facts,
                                         const std::string& metric, const std::string& blind) {
  if (answers.task.kind == "matching")
    return blind == "prior" ? score_matching(answers, metric, true) : std::nullopt;
  const bool numbers = answers.task.kind == "regression";
  if (numbers != (blind != "prior")) return std::nullopt;
  if (numbers)
    return score_rows(answers, facts, metric, blind == "mean" ? facts.mean : facts.median);
  return score_rows(answers, facts, metric, prior_of(facts, answers.task.multi()));
}

}  // namespace braid
