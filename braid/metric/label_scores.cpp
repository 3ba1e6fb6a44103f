#include <array>
#include <memory>
#include <utility>

#include "braid/metric/calibration.h"
#include "braid/metric/ranking.h"
#include "braid/metric/score_parts.h"
#include "braid/metric/scores.h"

namespace braid {
namespace {

using namespace scoring;

constexpr double kThreshold = 0.5;

class LabelValues {
 public:
  explicit LabelValues(CheckedLabels given) : given_(std::move(given)) {
    for (size_t l = 0; l < given_.width; ++l) {
      std::vector<Scored> scored;
      for (size_t i = 0; i < given_.size(); ++i) {
        const size_t cell = i * given_.width + l;
        if (given_.labels[cell] < 0) continue;
        scored.push_back(
            {given_.probabilities[cell], static_cast<uint32_t>(i), given_.labels[cell] == 1});
      }
      rankings_.emplace_back(std::move(scored));
    }
    for (size_t cell = 0; cell < given_.labels.size(); ++cell) {
      const double p = given_.probabilities[cell];
      const bool label = given_.labels[cell] == 1;
      cells_.push_back({surprise(label ? p : 1 - p), calibration_bin(p)});
    }
  }

  std::vector<double> operator()(std::span<const int32_t> times) const {
    const auto sums = add_up(times);
    MeanOfSome macro, auroc, precision;
    double right = 0, named_or_there = 0;
    std::vector<double> own;
    for (size_t l = 0; l < given_.width; ++l) {
      const auto& count = sums.of[l];
      const auto ranked = rankings_[l](times);
      const double f = f1(count.right, count.named, count.there);
      own.insert(own.end(), {ratio(count.right, count.named), ratio(count.right, count.there), f,
                             ranked.auroc, ranked.average_precision});
      macro.add(f);
      auroc.add(ranked.auroc);
      precision.add(ranked.average_precision);
      right += count.right;
      named_or_there += count.named + count.there;
    }
    const double cells = sums.cells;
    std::vector<double> values = {ratio(2 * right, named_or_there),
                                  macro.value(),
                                  auroc.value(),
                                  precision.value(),
                                  ratio(sums.exact, sums.complete),
                                  ratio(sums.wrong, cells),
                                  ratio(sums.nll, cells),
                                  ratio(sums.brier, cells),
                                  cells > 0 ? sums.calibration.value() : kNone};
    values.insert(values.end(), own.begin(), own.end());
    return values;
  }

  const CheckedLabels& given() const { return given_; }

 private:
  struct Cell {
    double nll;
    size_t bin;
  };
  struct Count {
    double right = 0, named = 0, there = 0;
  };
  struct Sums {
    std::vector<Count> of;  // each label
    double cells = 0, wrong = 0, nll = 0, brier = 0;
    double complete = 0, exact = 0;  // samples with every label known; all of them right
    CalibrationError calibration;
  };

  Sums add_up(std::span<const int32_t> times) const {
    Sums sums;
    sums.of.resize(given_.width);
    for (size_t i = 0; i < given_.size(); ++i) {
      if (times[i] > 0) add_sample(i, times[i], &sums);
    }
    return sums;
  }

  void add_sample(size_t i, int32_t times, Sums* sums) const {
    const double w = times;
    bool complete = true, exact = true;
    for (size_t l = 0; l < given_.width; ++l) {
      const size_t cell = i * given_.width + l;
      const double p = given_.probabilities[cell];
      if (given_.labels[cell] < 0) {
        complete = false;
        continue;
      }
      const bool there = given_.labels[cell] == 1, named = p > kThreshold;
      auto& count = sums->of[l];
      if (there) count.there += w;
      if (named) count.named += w;
      if (there && named) count.right += w;
      exact &= there == named;
      sums->cells += w;
      if (there != named) sums->wrong += w;
      sums->nll += w * cells_[cell].nll;
      const double miss = p - (there ? 1 : 0);
      sums->brier += w * miss * miss;
      sums->calibration.add(cells_[cell].bin, p, there, times);
    }
    if (complete) sums->complete += w;
    if (complete && exact) sums->exact += w;
  }

  CheckedLabels given_;
  std::vector<Cell> cells_;
  std::vector<Ranking> rankings_;
};

// Of answering each label's share: as a probability, and yes or no by the majority.
struct ShareFigures {
  std::vector<int64_t> positives, known;
  MeanOfSome average_precision;
  double hamming = 0, nll = 0, brier = 0;
};

ShareFigures share_figures(const CheckedLabels& given) {
  ShareFigures out;
  out.positives.resize(given.width);
  out.known.resize(given.width);
  for (size_t cell = 0; cell < given.labels.size(); ++cell) {
    const size_t l = cell % given.width;
    out.known[l] += given.labels[cell] >= 0;
    out.positives[l] += given.labels[cell] == 1;
  }
  double cells = 0;
  for (size_t l = 0; l < given.width; ++l) {
    const auto known = static_cast<double>(out.known[l]);
    if (known == 0) continue;
    const double share = static_cast<double>(out.positives[l]) / known;
    cells += known;
    out.hamming += known * std::min(share, 1 - share);
    out.brier += known * share * (1 - share);
    if (share == 0 || share == 1) continue;
    out.nll += known * (share * surprise(share) + (1 - share) * surprise(1 - share));
    out.average_precision.add(share);
  }
  out.hamming /= cells;
  out.nll /= cells;
  out.brier /= cells;
  return out;
}

std::optional<double> if_number(double value) {
  return std::isnan(value) ? std::nullopt : std::optional(value);
}

std::vector<Metric> label_metrics(const CheckedLabels& given, const std::vector<std::string>& names,
                                  const Metric& about) {
  MetricList list(about, "multi_label", given.width, given.size());
  const auto shares = share_figures(given);
  const double prevalence = shares.average_precision.value();
  const char* one_sided = "every label is one-sided";
  list.add("micro_f1", {}, "no label and no answer");
  list.add("macro_f1", {}, "no label and no answer");
  list.add("auroc", std::isnan(prevalence) ? std::nullopt : std::optional(0.5), one_sided);
  list.add("average_precision", if_number(prevalence), one_sided);
  list.add("subset_accuracy", {}, "no sample with all labels");
  list.add("hamming", shares.hamming);
  list.add("nll", shares.nll);
  list.add("brier", shares.brier);
  list.add("ece", {});
  for (size_t l = 0; l < given.width; ++l) {
    const int64_t positives = shares.positives[l], known = shares.known[l];
    const bool ranked = positives > 0 && positives < known;
    const double share =
        known > 0 ? static_cast<double>(positives) / static_cast<double>(known) : 0;
    const auto chance = [&](double value) { return ranked ? std::optional(value) : std::nullopt; };
    const std::string sides = known == 0       ? "not known"
                              : positives == 0 ? "never there"
                                               : "always there";
    list.of(names[l], positives);
    list.add("precision", chance(share), known == 0 ? sides : "never answered");
    list.add("recall", {}, sides);
    list.add("f1", {}, known == 0 ? sides : "never there, never answered");
    list.add("auroc", chance(0.5), sides);
    list.add("average_precision", chance(share), sides);
  }
  return list.take();
}

}  // namespace

Statistics multi_label_statistics(const LabelPredictions& predictions, const Metric& about) {
  const auto values = std::make_shared<const LabelValues>(checked(predictions));
  const auto& given = values->given();
  Statistics statistics;
  statistics.metrics = label_metrics(given, predictions.names, about);
  statistics.group = given.group;
  statistics.values = [values](std::span<const int32_t> times) { return (*values)(times); };
  statistics.cost = static_cast<int64_t>(given.labels.size());
  return statistics;
}

std::vector<Metric> multi_label_scores(const LabelPredictions& predictions, const Metric& about) {
  return measured(multi_label_statistics(predictions, about));
}

std::vector<std::string> multi_label_score_names() {
  return {"micro_f1", "macro_f1", "auroc", "average_precision", "subset_accuracy", "hamming",
          "nll",      "brier",    "ece"};
}

}  // namespace braid
