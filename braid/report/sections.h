// The parts of report.html. Each adds itself to the page, or nothing when there is nothing to show.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "braid/report/html.h"
#include "braid/report/report.h"

namespace braid {

using Facts = std::vector<std::pair<std::string, std::string>>;

// A heading that the navigation can reach.
void add_heading(Html& page, std::string_view id, std::string_view title);

void add_facts(Html& page, const Facts& facts);
void add_tiles(Html& page, std::span<const Metric> metrics);  // recall@10 at a glance
void add_metrics(Html& page,
                 std::span<const Metric> metrics);  // a table for each protocol and split
// A line for each set of fields that a task was answered from, with the metrics that say most.
void add_inputs(Html& page, std::span<const Metric> metrics);
void add_task(Html& page, const TaskReport& task);
void add_contribution(Html& page, const Contribution& contribution);
void add_confusion(Html& page, const Confusion& confusion);
void add_reliability(Html& page, std::span<const ReliabilityBin> bins, double ece);
void add_sample(Html& page, const SampleView& sample, std::span<const std::string> fields);
void add_warnings(Html& page, std::span<const std::string> warnings);
void add_curves(Html& page, std::span<const Curve> curves);
void add_example(Html& page, const RetrievalExample& example);
void add_problems(Html& page, std::span<const std::string> problems);
void add_commands(Html& page, std::span<const std::string> commands);

std::string decimal(double value, int digits);  // "0.250"; "not a number" is a dash

}  // namespace braid
