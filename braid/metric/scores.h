// From predictions to metrics: classes, labels, numbers. Formulas and sources: docs/metrics.md.
//
// Each family comes as statistics (for paired tests, see paired.h) and as metrics with intervals.
// Of `about` every member but name, label, gallery, n, chance and the values is copied; an empty
// `task` becomes the family's name. Where a metric does not exist (AUROC of one class), it is
// `absent` with the reason. Throw what `checked` throws (predictions.h).
#pragma once

#include <string>
#include <vector>

#include "braid/metric/predictions.h"
#include "braid/metric/statistics.h"

namespace braid {

// accuracy, accuracy@5 (of more than five classes), balanced_accuracy, macro_f1, weighted_f1, of
// two classes sensitivity, specificity, precision and f1 (the second class is the positive one),
// auroc, average_precision, nll, brier, ece; for each class that occurs (Metric::label)
// precision, recall, f1, auroc, average_precision with `n` samples of it. Of equal probabilities
// the class that comes first is the answer.
Statistics classification_statistics(const ClassPredictions& predictions, const Metric& about);
std::vector<Metric> classification_scores(const ClassPredictions& predictions, const Metric& about);

// micro_f1, macro_f1, auroc, average_precision (means over labels), subset_accuracy, hamming, nll,
// brier, ece; for each label precision, recall, f1, auroc, average_precision with `n` positives. A
// label is answered where its probability is above 0.5.
Statistics multi_label_statistics(const LabelPredictions& predictions, const Metric& about);
std::vector<Metric> multi_label_scores(const LabelPredictions& predictions, const Metric& about);

// mae, rmse, r2, pearson, spearman: of the one target, or means over targets and, with
// Metric::label, of each.
Statistics regression_statistics(const ValuePredictions& predictions, const Metric& about);
std::vector<Metric> regression_scores(const ValuePredictions& predictions, const Metric& about);

// What the figures without a label may be called, for recipes.
std::vector<std::string> classification_score_names();
std::vector<std::string> multi_label_score_names();
std::vector<std::string> regression_score_names();

// 1 where the answer is the label, else 0, of each sample with a label: what `compare` averages
// over seeds.
std::vector<double> correctness(const ClassPredictions& predictions);

}  // namespace braid
