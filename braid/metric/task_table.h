// The metrics of one task as columns.
#pragma once

#include <span>
#include <string>

#include "braid/metric/metric.h"

namespace braid {

// A line for each metric of all classes: value, interval, chance; or why it is absent. Below, a
// line for each class or target. 80 columns.
std::string task_table(std::span<const Metric> metrics);

}  // namespace braid
