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

bool has_heat(const std::vector<SampleView>& samples) {
  return std::ranges::any_of(samples, [](const SampleView& sample) {
    return std::ranges::any_of(sample.inputs,
                               [](const InputView& input) { return !input.heat.bytes.empty(); });
  });
}

void add_samples(Html& page, const std::string& title, const std::string& words,
                 const std::vector<SampleView>& samples, const std::vector<std::string>& fields) {
  if (samples.empty()) return;
  const std::string heat =
      has_heat(samples) ? " Beside a picture its heat: bright is what the text rests on, the mean "
                          "over its words; what the model does not see is darker."
                        : "";
  page.leaf("h3", title).leaf("p", words + heat, {{"class", "soft"}});
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
  if (task.kind == "generation") {
    add_samples(page, "Best texts", "Nearest to a reference by chrF, each text once, best first.",
                task.best, task.fields);
    add_samples(page, "Worst texts", "Farthest from all references by chrF, worst first.",
                task.mistakes, task.fields);
    return;
  }
  const bool numbers = task.kind == "regression";
  add_samples(page, numbers ? "Largest errors" : "Worst mistakes",
              numbers ? "Rows whose answer is farthest off." : "Wrong answers, surest first.",
              task.mistakes, task.fields);
}

}  // namespace braid
