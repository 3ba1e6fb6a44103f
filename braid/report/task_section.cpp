#include <algorithm>
#include <limits>

#include "braid/report/sections.h"

namespace braid {
namespace {

double ece_of(std::span<const Metric> metrics) {
  const auto found = std::ranges::find_if(
      metrics, [](const Metric& m) { return m.name == "ece" && m.label.empty(); });
  return found == metrics.end() ? std::numeric_limits<double>::quiet_NaN() : found->value;
}

void add_samples(Html& page, const std::string& title, const std::string& words,
                 const std::vector<SampleView>& samples, const std::vector<std::string>& fields) {
  if (samples.empty()) return;
  page.leaf("h3", title).leaf("p", words, {{"class", "soft"}});
  page.open("div", {{"class", "samples"}});
  for (const auto& sample : samples) add_sample(page, sample, fields);
  page.close();
}

}  // namespace

void add_task(Html& page, const TaskReport& task) {
  if (task.contribution) add_warnings(page, task.contribution->warnings);
  if (!task.metrics.empty()) {
    page.leaf("h3", "From every set of fields");
    add_inputs(page, task.metrics);
  }
  if (task.contribution) add_contribution(page, *task.contribution);
  if (task.confusion) add_confusion(page, *task.confusion);
  if (!task.reliability.empty()) add_reliability(page, task.reliability, ece_of(task.metrics));
  add_samples(page, "Rows where one field weighs most",
              "Of each field the rows where the fusion gives it most weight, or, without weights, "
              "its Shapley value is largest.",
              task.telling, task.fields);
  const bool numbers = task.kind == "regression";
  add_samples(page, numbers ? "Largest errors" : "Worst mistakes",
              numbers ? "Rows whose answer is farthest off." : "Wrong answers, surest first.",
              task.mistakes, task.fields);
}

}  // namespace braid
