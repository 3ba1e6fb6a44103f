#include "braid/task/task_contribution.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace braid {
namespace {

using Rows = std::vector<int64_t>;

std::span<const double> answer_row(const Array& answers, int64_t row) {
  const auto width = static_cast<size_t>(answers.size(1));
  return answers.values<double>().subspan(static_cast<size_t>(row) * width, width);
}

std::vector<double> class_worth(std::span<const double> target, std::span<const double> answer) {
  if (target[0] == kUnseenClass) return {0, 0};
  const auto label = static_cast<size_t>(target[0]);
  const auto best = std::max_element(answer.begin(), answer.end()) - answer.begin();
  return {static_cast<size_t>(best) == label ? 1.0 : 0.0, answer[label]};
}

std::vector<double> labels_worth(std::span<const double> target, std::span<const double> answer) {
  double right = 0, probability = 0, known = 0;
  for (size_t c = 0; c < target.size(); ++c) {
    if (std::isnan(target[c]) || target[c] < 0) continue;
    const bool there = target[c] == 1;
    ++known;
    right += (answer[c] > 0.5) == there;
    probability += there ? answer[c] : 1 - answer[c];
  }
  if (known == 0) return {0, 0};
  return {right / known, probability / known};
}

std::vector<double> numbers_worth(std::span<const double> target, std::span<const double> answer,
                                  const std::vector<double>& deviation) {
  double sum = 0, known = 0;
  for (size_t k = 0; k < target.size(); ++k) {
    if (std::isnan(target[k])) continue;
    const double off = (answer[k] - target[k]) / deviation[k];
    sum += off * off;
    ++known;
  }
  return {-sum / known};
}

uint64_t bits_of(const FieldSet& set) {
  uint64_t bits = 0;
  for (size_t i = 0; i < set.size(); ++i) bits |= uint64_t{set[i]} << i;
  return bits;
}

Rows counted_rows(const Judged& judged) {
  Rows rows;
  for (int64_t n = 0; n < static_cast<int64_t>(judged.targets->rows.size()); ++n) {
    if (judged.targets->known(n) && judged.answers->carries(n, 0)) rows.push_back(n);
  }
  return rows;
}

// Appends the worths of one answer, each to the place that `pick` finds in its Worth.
template <class Pick>
void add_worths(const Judged& judged, int64_t n, std::span<const double> answer,
                std::vector<Worth>& worths, Pick pick) {
  const auto values = worth_of(judged, n, answer);
  for (size_t w = 0; w < values.size(); ++w) pick(worths[w]).push_back(values[w]);
}

void add_sets(const Judged& judged, const Rows& rows, std::vector<Worth>& worths) {
  const auto blind = blind_answer(*judged.task, *judged.facts);
  const auto& answers = *judged.answers;
  for (const int64_t n : rows) {
    add_worths(judged, n, blind, worths, [](Worth& w) -> auto& { return w.sets[0]; });
    for (size_t set = 0; set < answers.sets.size(); ++set) {
      const auto own = answers.carries(n, set)
                           ? answer_row(answers.answers[judged.number][set], n)
                           : std::span<const double>(blind);
      const auto bits = bits_of(answers.sets[set]);
      add_worths(judged, n, own, worths, [&](Worth& w) -> auto& { return w.sets[bits]; });
    }
  }
}

// The places among `rows` of those that were shuffled.
Rows add_shuffled(const Judged& judged, const Rows& rows, std::vector<Worth>& worths) {
  const auto& answers = *judged.answers;
  const size_t fields = answers.fields.size();
  if (answers.shuffled.empty()) return {};
  for (auto& worth : worths) worth.shuffled.resize(fields);
  Rows places;
  for (size_t r = 0; r < answers.shuffled_rows.size(); ++r) {
    const int64_t n = answers.shuffled_rows[r];
    const auto at = std::lower_bound(rows.begin(), rows.end(), n);
    if (at == rows.end() || *at != n) continue;
    places.push_back(at - rows.begin());
    for (size_t f = 0; f < fields; ++f) {
      const auto& own = answers.shuffled[judged.number][f];
      if (own.empty()) continue;
      add_worths(judged, n, answer_row(own, static_cast<int64_t>(r)), worths,
                 [&](Worth& w) -> auto& { return w.shuffled[f]; });
    }
  }
  return places;
}

std::vector<double> mean_alpha(const JointAnswers& answers, const Rows& rows) {
  if (answers.alpha.empty() || answers.alpha[0].empty()) return {};
  const size_t fields = answers.fields.size();
  const auto alpha = answers.alpha[0].values<float>();
  std::vector<double> mean(fields);
  for (const int64_t n : rows) {
    for (size_t f = 0; f < fields; ++f)
      mean[f] += double{alpha[static_cast<size_t>(n) * fields + f]} /
                 static_cast<double>(rows.size());
  }
  return mean;
}

}  // namespace

std::vector<std::string> worth_names(const TaskConfig& task) {
  if (task.kind == "regression") return {"-squared_error"};
  return {"accuracy", "probability"};
}

std::vector<double> worth_of(const Judged& judged, int64_t n, std::span<const double> answer) {
  const auto target = judged.targets->at(n);
  if (judged.task->kind == "regression")
    return numbers_worth(target, answer, judged.facts->deviation);
  return judged.task->multi() ? labels_worth(target, answer) : class_worth(target, answer);
}

std::optional<TaskContribution> task_contribution(const Judged& judged, const Metric& about) {
  const auto& answers = *judged.answers;
  const size_t fields = answers.fields.size();
  const auto rows = counted_rows(judged);
  const bool asked = answers.sets.size() >= tabled_sets(fields);
  if (fields < 2 || judged.task->kind == "matching" || judged.task->writes() || !asked || rows.empty()) return {};
  ContributionInput input;
  input.protocol = about.protocol;
  input.split = about.split;
  input.task = judged.task->name;
  input.fields = answers.fields;
  input.alpha = mean_alpha(answers, rows);
  input.seed = static_cast<uint64_t>(about.seed);
  for (auto& name : worth_names(*judged.task)) input.worths.push_back({std::move(name), {}, {}});
  if (!judged.targets->group.empty()) {
    for (const int64_t n : rows)
      input.group.push_back(judged.targets->group[static_cast<size_t>(n)]);
  }
  add_sets(judged, rows, input.worths);
  input.shuffled_rows = add_shuffled(judged, rows, input.worths);
  TaskContribution out{contribution_of(input), {}};
  const auto each = sample_shapley(input.worths.back(), fields);
  if (each.empty()) return out;
  out.shapley.assign(judged.targets->rows.size() * fields,
                     std::numeric_limits<double>::quiet_NaN());
  for (size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(each.begin() + static_cast<std::ptrdiff_t>(i * fields), fields,
                out.shapley.begin() + static_cast<std::ptrdiff_t>(
                                          static_cast<size_t>(rows[i]) * fields));
  }
  return out;
}

}  // namespace braid
