// A printed number with its protocol and 95 % bootstrap interval, and the retrieval metrics. Those
// of classes, labels and targets: scores.h.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/core/array.h"

namespace braid {

// One printed number. The names are those of `braid eval --json`.
struct Metric {
  std::string name;               // "recall@10", "median_rank", "mrr"
  std::string direction;          // "text->image"
  std::string query_field;        // "text"
  std::string gallery_field;      // "image"
  std::string language;           // "en", "" when the field has no languages
  std::string protocol;           // the recipe's name for it: "A"
  int64_t gallery = 0;            // items searched; classes or labels to tell apart
  int64_t captions_per_item = 0;  // largest number of texts of one item
  int64_t n = 0;                  // queries; samples with a label or target
  std::string split;              // split of the queries
  int64_t seed = 0;
  double value = 0;
  double low = 0;  // 95 % interval, bootstrap over query groups
  double high = 0;
  std::string label;             // the class or target that it is about, "" = all of them
  std::optional<double> chance;  // of guessing, where it is known
  std::string task;              // "classification", or as the recipe calls it; "" = retrieval
  std::string absent;            // why there is no value ("one class only"); they are then NaN
};

// Is a smaller value of the metric the better one (median_rank, nll, mae, ...)?
bool smaller_is_better(const std::string& name);

// The rank (1 = best) of each query's best true item. `queries` [Q, D], `gallery` [G, D], float32
// unit rows; `relevant[q]` lists gallery rows, at least one. Ties count against us: an item with an
// equal score ranks before the true one. Scores are made by the tile, Q x G is never held.
// Throws Error(kShape) for what does not fit, Error(kInput) for NaN or an item outside the gallery.
std::vector<int64_t> ranks(const Array& queries, const Array& gallery,
                           const std::vector<std::vector<int64_t>>& relevant, int64_t threads = 1);

// recall@1, @5, @10, median_rank, mrr from ranks. `group[q]`: queries of one item are resampled
// together (1000 resamples, keyed by protocol.seed; percentile interval, see bootstrap.h). `n` is
// the number of ranks; other members of the results are copied from `protocol`.
std::vector<Metric> retrieval_metrics(const std::vector<int64_t>& ranks,
                                      const std::vector<int64_t>& group, const Metric& protocol);

// Geometry of two sets, unit rows [N, D]: distance of the means (Liang et al. 2022), mean squared
// distance of true pairs, log mean Gaussian potential of all pairs of one set (Wang, Isola 2020).
double modality_gap(const Array& a, const Array& b);
double alignment_distance(const Array& a, const Array& b);
double uniformity(const Array& x, int64_t threads = 1);

// One metric of every ordered pair of fields: values[asks][searched].
struct MetricMatrix {
  std::string name, protocol, language;
  std::vector<std::string> fields;
  std::vector<std::vector<std::optional<double>>> values;
};

// Of recall@10, where a protocol has more than two fields: one for each of its languages, which
// pairs without a language share.
std::vector<MetricMatrix> recall_matrices(std::span<const Metric> metrics);
std::string matrix_table(const MetricMatrix& matrix);               // for terminals
std::string matrices_json(std::span<const MetricMatrix> matrices);  // one JSON array

// One JSON array of metric objects, keys as the members above. `task` and `absent` stand only where
// they say something; a value that is absent is null.
std::string metrics_json(std::span<const Metric> metrics);

// For terminals, 80 columns: a heading for each run of metrics with the same protocol, direction,
// language, gallery and n, then a line for each value with its interval. Metrics of a task stand in
// columns, those of classes or targets below, a line each and without intervals.
std::string metrics_table(std::span<const Metric> metrics);

}  // namespace braid
