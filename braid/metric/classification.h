// Classification metrics: accuracy among named classes, with 95 % bootstrap intervals and chance.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "braid/metric/metric.h"

namespace braid {

// One classified value: the place of its best true class, 1 = first, and the row it belongs to.
struct ClassRank {
  int64_t rank = 1;
  int64_t label = 0;  // of the classes
  int64_t group = 0;  // values of one row are resampled together
};

// accuracy, accuracy@5 (of more than five classes), balanced_accuracy (mean over the classes that
// occur) and, for each class that occurs, accuracy with Metric::label. `about.gallery` and chance
// follow from `classes`, other members are copied. Throws Error(kInput) for no value, a rank or a
// label outside the classes.
std::vector<Metric> classification_metrics(const std::vector<ClassRank>& values,
                                           const std::vector<std::string>& classes,
                                           const Metric& about);

// What the first three are called, for recipes.
std::vector<std::string> classification_metric_names();

}  // namespace braid
