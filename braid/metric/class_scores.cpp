#include <memory>
#include <numeric>
#include <utility>

#include "braid/metric/calibration.h"
#include "braid/metric/ranking.h"
#include "braid/metric/score_parts.h"
#include "braid/metric/scores.h"

namespace braid {
namespace {

using namespace scoring;

constexpr size_t kPlaces = 5;  // of accuracy@5
constexpr const char* kOneClass = "one class only";

// Place of the class among the probabilities, 0 = first; equal ones in the order of classes.
size_t place_of_class(const double* row, size_t classes, size_t label) {
  size_t before = 0;
  for (size_t c = 0; c < classes; ++c) {
    before += row[c] > row[label] || (row[c] == row[label] && c < label);
  }
  return before;
}

// What one sample adds to the sums.
struct Answer {
  size_t label, answer, place, bin;
  double nll, brier, confidence;
};

// Sum over classes of (p - [true])^2; of two classes that of the second alone, which is half of it.
double brier_of(const double* row, size_t classes, size_t label) {
  if (classes == 2) {
    const double miss = row[1] - (label == 1 ? 1 : 0);
    return miss * miss;
  }
  double sum = 0;
  for (size_t c = 0; c < classes; ++c) {
    const double miss = row[c] - (c == label ? 1 : 0);
    sum += miss * miss;
  }
  return sum;
}

class ClassValues {
 public:
  explicit ClassValues(const CheckedClasses& given) : classes_(given.classes), there_(classes_) {
    for (size_t i = 0; i < given.size(); ++i) {
      const double* row = given.row(i);
      const size_t label = given.labels[i];
      const auto answer = static_cast<size_t>(std::max_element(row, row + classes_) - row);
      answers_.push_back({label, answer, place_of_class(row, classes_, label),
                          calibration_bin(row[answer]), surprise(row[label]),
                          brier_of(row, classes_, label), row[answer]});
      ++there_[label];
    }
    for (size_t c = classes_ == 2 ? 1 : 0; c < classes_; ++c) {
      std::vector<Scored> scored;
      for (size_t i = 0; i < given.size(); ++i) {
        scored.push_back({given.row(i)[c], static_cast<uint32_t>(i), given.labels[i] == c});
      }
      rankings_.emplace_back(std::move(scored));
    }
  }

  std::vector<double> operator()(std::span<const int32_t> times) const {
    const auto sums = add_up(times);
    std::vector<double> values = whole(sums);
    std::vector<RankingValues> ranked;
    MeanOfSome auroc, precision;
    for (const auto& ranking : rankings_) {
      ranked.push_back(ranking(times));
      auroc.add(ranked.back().auroc);
      precision.add(ranked.back().average_precision);
    }
    const double total = sums.total;
    values.insert(values.end(), {auroc.value(), precision.value(), sums.nll / total,
                                 sums.brier / total, sums.calibration.value()});
    for (size_t c = 0; c < classes_; ++c) {
      if (there_[c] == 0) continue;
      values.push_back(ratio(sums.right[c], sums.named[c]));
      values.push_back(ratio(sums.right[c], sums.there[c]));
      values.push_back(f1(sums.right[c], sums.named[c], sums.there[c]));
      if (classes_ == 2) continue;
      values.push_back(ranked[c].auroc);
      values.push_back(ranked[c].average_precision);
    }
    return values;
  }

  const std::vector<int64_t>& there() const { return there_; }  // samples of each class

 private:
  struct Sums {
    std::vector<double> right, named, there;  // of each class
    double total = 0, found = 0, nll = 0, brier = 0;
    CalibrationError calibration;
  };

  Sums add_up(std::span<const int32_t> times) const {
    Sums sums;
    sums.right = sums.named = sums.there = std::vector<double>(classes_);
    for (size_t i = 0; i < answers_.size(); ++i) {
      const auto& a = answers_[i];
      if (times[i] == 0) continue;
      const double w = times[i];
      sums.there[a.label] += w;
      sums.named[a.answer] += w;
      if (a.label == a.answer) sums.right[a.label] += w;
      if (a.place < kPlaces) sums.found += w;
      sums.total += w;
      sums.nll += w * a.nll;
      sums.brier += w * a.brier;
      sums.calibration.add(a.bin, a.confidence, a.label == a.answer, times[i]);
    }
    return sums;
  }

  // From accuracy to the figures of the positive class.
  std::vector<double> whole(const Sums& sums) const {
    MeanOfSome recall, macro;
    double right = 0, weighted = 0;
    for (size_t c = 0; c < classes_; ++c) {
      right += sums.right[c];
      recall.add(ratio(sums.right[c], sums.there[c]));
      const double own = f1(sums.right[c], sums.named[c], sums.there[c]);
      macro.add(own);
      if (sums.there[c] > 0) weighted += sums.there[c] * own;
    }
    std::vector<double> values = {right / sums.total};
    if (classes_ > kPlaces) values.push_back(sums.found / sums.total);
    values.insert(values.end(), {recall.value(), macro.value(), weighted / sums.total});
    if (classes_ == 2) {
      values.insert(
          values.end(),
          {ratio(sums.right[1], sums.there[1]), ratio(sums.right[0], sums.there[0]),
           ratio(sums.right[1], sums.named[1]), f1(sums.right[1], sums.named[1], sums.there[1])});
    }
    return values;
  }

  size_t classes_;
  std::vector<int64_t> there_;
  std::vector<Answer> answers_;
  std::vector<Ranking> rankings_;  // of each class; of two, of the second
};

// What answering the prior gives: its largest class, its shares as probabilities.
struct PriorFigures {
  double accuracy, found, balanced, macro_f1, weighted_f1, average_precision, nll = 0, brier = 0;
};

PriorFigures prior_figures(const std::vector<double>& prior, const std::vector<double>& share) {
  const size_t classes = prior.size();
  std::vector<size_t> order(classes);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return prior[a] > prior[b]; });
  const size_t answer = order[0];
  PriorFigures out{share[answer], 0, 0, 0, 0, 0};
  for (size_t place = 0; place < std::min(kPlaces, classes); ++place) {
    out.found += share[order[place]];
  }
  double occur = 0;
  for (size_t c = 0; c < classes; ++c) {
    occur += share[c] > 0;
    if (share[c] == 0) continue;
    out.nll += share[c] * surprise(prior[c]);
    out.brier += share[c] * brier_of(prior.data(), classes, c);
  }
  const double own = f1(share[answer], 1, share[answer]);
  out.balanced = share[answer] > 0 ? 1 / occur : 0;
  out.macro_f1 = own / (share[answer] > 0 ? occur : occur + 1);
  out.weighted_f1 = share[answer] * own;
  out.average_precision = classes == 2 ? share[1] : 1 / occur;  // shares of all classes: mean 1 / K
  return out;
}

void add_ranked(MetricList& list, bool exists, double prevalence) {
  const std::string absent = exists ? "" : kOneClass;
  list.add("auroc", exists ? std::optional(0.5) : std::nullopt, absent);
  list.add("average_precision", exists ? std::optional(prevalence) : std::nullopt, absent);
}

std::vector<Metric> class_metrics(const ClassPredictions& predictions, const CheckedClasses& given,
                                  const std::vector<int64_t>& there, const Metric& about) {
  MetricList list(about, "classification", given.classes, given.size());
  std::vector<double> share;
  size_t occur = 0;
  for (const int64_t count : there) {
    share.push_back(static_cast<double>(count) / static_cast<double>(given.size()));
    occur += count > 0;
  }
  const auto prior = prior_figures(given.prior, share);
  list.add("accuracy", prior.accuracy);
  if (given.classes > kPlaces) list.add("accuracy@5", prior.found);
  list.add("balanced_accuracy", prior.balanced);
  list.add("macro_f1", prior.macro_f1);
  list.add("weighted_f1", prior.weighted_f1);
  const auto no_sample = [&](size_t c) { return "no sample of " + predictions.names[c]; };
  if (given.classes == 2) {
    list.add("sensitivity", {}, no_sample(1));
    list.add("specificity", {}, no_sample(0));
    list.add("precision", share[1], "no answer " + predictions.names[1]);
    list.add("f1", {}, "no sample and no answer " + predictions.names[1]);
  }
  add_ranked(list, occur > 1, prior.average_precision);
  list.add("nll", prior.nll);
  list.add("brier", prior.brier);
  list.add("ece", {});
  for (size_t c = 0; c < given.classes; ++c) {
    if (there[c] == 0) continue;
    list.of(predictions.names[c], there[c]);
    list.add("precision", share[c], "never answered");
    list.add("recall", {});
    list.add("f1", {});
    if (given.classes > 2) add_ranked(list, occur > 1, share[c]);
  }
  return list.take();
}

}  // namespace

Statistics classification_statistics(const ClassPredictions& predictions, const Metric& about) {
  const auto given = checked(predictions);
  const auto values = std::make_shared<const ClassValues>(given);
  Statistics statistics;
  statistics.metrics = class_metrics(predictions, given, values->there(), about);
  statistics.group = given.group;
  statistics.values = [values](std::span<const int32_t> times) { return (*values)(times); };
  statistics.cost = static_cast<int64_t>(given.size() * given.classes);
  return statistics;
}

std::vector<Metric> classification_scores(const ClassPredictions& predictions,
                                          const Metric& about) {
  return measured(classification_statistics(predictions, about));
}

std::vector<std::string> classification_score_names() {
  return {"accuracy", "accuracy@5", "balanced_accuracy", "macro_f1",  "weighted_f1",
          "auroc",    "nll",        "average_precision", "precision", "sensitivity",
          "f1",       "brier",      "specificity",       "ece"};
}

std::vector<double> correctness(const ClassPredictions& predictions) {
  const auto given = checked(predictions);
  std::vector<double> right;
  for (size_t i = 0; i < given.size(); ++i) {
    right.push_back(place_of_class(given.row(i), given.classes, given.labels[i]) == 0);
  }
  return right;
}

}  // namespace braid
