#include "braid/task/task_metrics.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "braid/core/error.h"
#include "braid/metric/scores.h"
#include "braid/task/text_metrics.h"

namespace braid {
namespace {

constexpr const char* kUnseenName = "(unseen in training)";

// Rows [n] of an array [N, C] of doubles.
Array picked_answers(const Array& all, const std::vector<int64_t>& rows, int64_t more = 0) {
  const auto width = static_cast<size_t>(all.size(1)), wide = width + static_cast<size_t>(more);
  Array out(DType::kF64, {static_cast<int64_t>(rows.size()), static_cast<int64_t>(wide)});
  const auto from = all.values<double>();
  const auto to = out.mutable_values<double>();
  for (size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(from.data() + static_cast<size_t>(rows[i]) * width, width, to.data() + i * wide);
  }
  return out;
}

// The same row again and again.
Array repeated(const std::vector<double>& row, size_t times) {
  Array out(DType::kF64, {static_cast<int64_t>(times), static_cast<int64_t>(row.size())});
  const auto to = out.mutable_values<double>();
  for (size_t i = 0; i < times; ++i)
    std::copy(row.begin(), row.end(), to.begin() + static_cast<std::ptrdiff_t>(i * row.size()));
  return out;
}

bool is_matching(const TaskConfig& task) { return task.kind == "matching"; }

// Is there something to judge the row's answer by?
bool is_known(const Judged& judged, int64_t n) {
  if (!is_matching(*judged.task)) return judged.targets->known(n);
  const auto answers = judged.answers->answers[judged.number][0].values<double>();
  return !std::isnan(answers[static_cast<size_t>(n) * 2]);
}

// Answers to some rows, as the metrics of each kind of task want them.
class Scorer {
 public:
  explicit Scorer(const Judged& judged) : j_(judged) {
    for (const bool unseen : judged.targets->has_unseen) more_ |= unseen;
  }

  // Of matching each row counts twice where it has a false pair: as that, and as its true one.
  ClassPredictions matches(const std::vector<int64_t>& rows, bool blind) const {
    const auto all = j_.answers->answers[j_.number][0].values<double>();
    std::vector<double> probabilities;
    ClassPredictions out{{}, {}, {"false", "true"}, {}, {0.5, 0.5}};
    for (const int64_t n : rows) {
      for (const int64_t truth : {1, 0}) {
        const double p = blind ? 0.5 : all[static_cast<size_t>(n * 2 + 1 - truth)];
        if (std::isnan(all[static_cast<size_t>(n * 2 + 1 - truth)])) continue;
        probabilities.insert(probabilities.end(), {1 - p, p});
        out.labels.push_back(truth);
        out.group.push_back(j_.targets->group.empty() ? n : j_.targets->group[static_cast<size_t>(n)]);
      }
    }
    const auto count = static_cast<int64_t>(out.labels.size());
    out.probabilities = Array::of<double>({count, 2}, std::span<const double>(probabilities));
    return out;
  }
  Statistics match_statistics(const std::vector<int64_t>& rows, const Metric& about,
                              bool blind) const {
    return classification_statistics(matches(rows, blind), about);
  }

  Statistics statistics(Array answers, const std::vector<int64_t>& rows,
                        const Metric& about) const {
    if (j_.task->kind == "regression")
      return regression_statistics(
          {std::move(answers), targets(rows), j_.task->target, groups(rows)}, about);
    if (j_.task->multi()) return multi_label_statistics(labels(std::move(answers), rows), about);
    return classification_statistics(classes(std::move(answers), rows), about);
  }

  // Places in the table of rows that count for a set.
  std::vector<int64_t> rows_with(size_t set) const {
    std::vector<int64_t> rows;
    for (int64_t n = 0; n < static_cast<int64_t>(j_.targets->rows.size()); ++n) {
      if (is_known(j_, n) && j_.answers->carries(n, set)) rows.push_back(n);
    }
    return rows;
  }

  Array answers(size_t set, const std::vector<int64_t>& rows) const {
    return picked_answers(j_.answers->answers[j_.number][set], rows, more_);
  }

  std::vector<double> prior() const {
    auto shares = blind_answer(*j_.task, *j_.facts);
    if (more_) shares.push_back(0);
    return shares;
  }

  ClassPredictions classes(Array answers, const std::vector<int64_t>& rows) const {
    ClassPredictions out{std::move(answers), {}, j_.facts->classes, groups(rows), prior()};
    if (more_) out.names.push_back(kUnseenName);
    for (const int64_t n : rows) {
      const double label = j_.targets->at(n)[0];
      out.labels.push_back(label == kUnseenClass ? static_cast<int64_t>(j_.facts->classes.size())
                                                 : static_cast<int64_t>(label));
    }
    return out;
  }

  LabelPredictions labels(Array answers, const std::vector<int64_t>& rows) const {
    LabelPredictions out{std::move(answers), {}, j_.facts->classes, groups(rows)};
    if (more_) out.names.push_back(kUnseenName);
    for (const int64_t n : rows) {
      for (const double cell : j_.targets->at(n)) out.labels.push_back(static_cast<int64_t>(cell));
      if (more_) out.labels.push_back(j_.targets->has_unseen[static_cast<size_t>(n)]);
    }
    return out;
  }

 private:
  std::vector<int64_t> groups(const std::vector<int64_t>& rows) const {
    std::vector<int64_t> out;
    if (j_.targets->group.empty()) return out;
    for (const int64_t n : rows) out.push_back(j_.targets->group[static_cast<size_t>(n)]);
    return out;
  }

  Array targets(const std::vector<int64_t>& rows) const {
    Array out(DType::kF64, {static_cast<int64_t>(rows.size()), j_.targets->columns});
    auto to = out.mutable_values<double>().begin();
    for (const int64_t n : rows) {
      const auto own = j_.targets->at(n);
      to = std::copy(own.begin(), own.end(), to);
    }
    return out;
  }

  const Judged& j_;
  bool more_ = false;  // some row's class is unseen in training
};

Metric about_set(const Judged& judged, Metric about, const std::string& inputs) {
  about.task = judged.task->name;
  about.query_field = inputs;
  about.gallery_field = judged.task->name;
  about.direction = inputs + "->" + judged.task->name;
  return about;
}

std::string name_of(const Judged& judged, size_t set) {
  return set_name(judged.answers->sets[set], judged.answers->fields);
}

void expect_rows(const Judged& judged, const std::vector<int64_t>& rows, const Metric& about) {
  if (!rows.empty()) return;
  throw Error(ErrorCode::kInput, "protocol " + about.protocol +
                                     ": no row has both a target of task '" + judged.task->name +
                                     "' and a field that could be read");
}

// Those of all classes or targets together.
void add_main(std::vector<Metric> from, std::vector<Metric>& to) {
  for (auto& metric : from) {
    if (metric.label.empty()) to.push_back(std::move(metric));
  }
}

// Accuracy of each kind of rows.
void add_kinds(const Judged& judged, const Scorer& scorer, const std::vector<int64_t>& rows,
               const Metric& about, std::vector<Metric>& all) {
  if (judged.task->kind != "classification" || judged.task->multi()) return;
  const std::vector<std::string> names = {"accuracy"};
  for (const auto& [kind, own] : rows_by_kind(*judged.targets, rows)) {
    const auto described = about_set(judged, about, name_of(judged, 0));
    auto one = measured(only_named(scorer.statistics(scorer.answers(0, own), own, described), names));
    one.at(0).label = kind;
    all.push_back(std::move(one[0]));
  }
}

// Pairs need both of their fields: there is one set of them.
std::vector<Metric> matching_metrics(const Judged& judged, const Metric& about) {
  const Scorer scorer(judged);
  const auto rows = scorer.rows_with(0);
  expect_rows(judged, rows, about);
  const auto inputs = judged.task->between[0] + "+" + judged.task->between[1];
  auto all = measured(scorer.match_statistics(rows, about_set(judged, about, inputs), false));
  add_main(measured(scorer.match_statistics(rows, about_set(judged, about, "prior"), true)), all);
  return all;
}

}  // namespace

std::map<std::string, std::vector<int64_t>> rows_by_kind(const TargetTable& targets,
                                                         const std::vector<int64_t>& rows) {
  std::map<std::string, std::vector<int64_t>> kinds;
  if (targets.kind.empty()) return kinds;
  for (const int64_t n : rows) {
    const auto& kind = targets.kind[static_cast<size_t>(n)];
    if (!kind.empty()) kinds[kind].push_back(n);
  }
  return kinds;
}

std::vector<double> blind_answer(const TaskConfig& task, const TargetFacts& facts) {
  if (task.kind == "regression") return facts.mean;
  std::vector<double> shares;
  double sum = 0;
  for (const auto count : facts.counts) {
    shares.push_back(static_cast<double>(count));
    sum += shares.back();
  }
  if (task.multi()) sum = static_cast<double>(facts.rows);
  for (auto& share : shares) share /= sum;
  return shares;
}

std::vector<Metric> task_metrics(const Judged& judged, const Metric& about) {
  if (judged.task->writes()) return text_metrics(judged, about);
  if (is_matching(*judged.task)) return matching_metrics(judged, about);
  const Scorer scorer(judged);
  std::vector<Metric> all;
  const auto shown =
      std::min(judged.answers->sets.size(), tabled_sets(judged.answers->fields.size()));
  for (size_t set = 0; set < shown; ++set) {
    const auto rows = scorer.rows_with(set);
    if (set == 0) expect_rows(judged, rows, about);
    if (rows.empty()) continue;  // a field that no row has
    auto own = measured(scorer.statistics(scorer.answers(set, rows), rows,
                                          about_set(judged, about, name_of(judged, set))));
    if (set == 0) {
      all = std::move(own);
      add_kinds(judged, scorer, rows, about, all);
    } else {
      add_main(std::move(own), all);
    }
  }
  const auto rows = scorer.rows_with(0);
  const auto blind = [&](const std::string& name, const std::vector<double>& answer) {
    add_main(measured(scorer.statistics(repeated(answer, rows.size()), rows,
                                        about_set(judged, about, name))),
             all);
  };
  if (judged.task->kind == "regression") {
    blind("mean", judged.facts->mean);
    blind("median", judged.facts->median);
  } else {
    blind("prior", scorer.prior());
  }
  return all;
}

std::vector<Metric> brief_task_metrics(const Judged& judged, const Metric& about) {
  if (judged.task->writes()) return brief_text_metrics(judged, about);
  const Scorer scorer(judged);
  const auto rows = scorer.rows_with(0);
  expect_rows(judged, rows, about);
  const auto described = about_set(judged, about, name_of(judged, 0));
  auto statistics = is_matching(*judged.task)
                        ? scorer.match_statistics(rows, described, false)
                        : scorer.statistics(scorer.answers(0, rows), rows, described);
  const std::vector<int32_t> once(statistics.group.size(), 1);
  const auto values = statistics.values(once);
  std::vector<Metric> all;
  for (size_t i = 0; i < statistics.metrics.size(); ++i) {
    auto& metric = statistics.metrics[i];
    if (!metric.label.empty()) continue;
    metric.value = metric.low = metric.high = values[i];
    all.push_back(std::move(metric));
  }
  return all;
}

std::optional<ClassPredictions> class_predictions(const Judged& judged) {
  if (judged.task->writes()) return {};
  const Scorer scorer(judged);
  const auto rows = scorer.rows_with(0);
  if (is_matching(*judged.task)) return scorer.matches(rows, false);
  if (judged.task->kind == "regression" || judged.task->multi()) return {};
  return scorer.classes(scorer.answers(0, rows), rows);
}

std::optional<LabelPredictions> label_predictions(const Judged& judged) {
  if (judged.task->writes() || is_matching(*judged.task) || !judged.task->multi()) return {};
  const Scorer scorer(judged);
  const auto rows = scorer.rows_with(0);
  return scorer.labels(scorer.answers(0, rows), rows);
}

std::vector<std::string> task_notes(const Judged& judged, const Metric& about) {
  const auto head = "task " + judged.task->name + ", protocol " + about.protocol + ": ";
  const auto all = std::to_string(judged.targets->rows.size());
  std::vector<std::string> notes;
  if (is_matching(*judged.task)) {
    int64_t lonely = 0;
    for (int64_t n = 0; n < static_cast<int64_t>(judged.targets->rows.size()); ++n)
      lonely += !is_known(judged, n);
    if (lonely > 0) {
      notes.push_back(head + std::to_string(lonely) + " of " + all +
                      " rows lack a field of the pair: left out");
    }
    return notes;
  }
  if (const auto missing = judged.targets->missing(); missing > 0) {
    notes.push_back(head + std::to_string(missing) + " of " + all +
                    " rows have no target: left out");
  }
  int64_t nothing = 0;
  for (int64_t n = 0; n < static_cast<int64_t>(judged.targets->rows.size()); ++n)
    nothing += judged.targets->known(n) && !judged.answers->carries(n, 0);
  if (nothing > 0) {
    notes.push_back(head + std::to_string(nothing) + " of " + all +
                    " rows have a target but no field that could be read: left out");
  }
  for (const auto& unseen : judged.targets->unseen) {
    notes.push_back(head + "no training row has class '" + unseen.label + "', " +
                    std::to_string(unseen.rows) + " rows have, the first at " + unseen.where +
                    ": counted as wrong");
  }
  return notes;
}

}  // namespace braid
