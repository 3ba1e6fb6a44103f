// The metrics of a task by what the answers were made from: all fields, other sets of them,
// nothing.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "braid/metric/metric.h"

namespace braid {

// Without those of a task whose inputs (Metric::query_field) are not the first ones of its
// protocol.
std::vector<Metric> first_inputs(std::span<const Metric> metrics);

// Up to three names of the metrics that say most, of those that the first inputs of a task have.
std::vector<std::string> telling_metrics(std::span<const Metric> metrics);

// For terminals, 80 columns: for each protocol and task a line for each of its inputs, with up to
// three of the metrics that say most and the interval of the first. "" where a task has one only.
std::string inputs_tables(std::span<const Metric> metrics);

}  // namespace braid
