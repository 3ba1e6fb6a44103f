#include "braid/metric/classification.h"

#include <algorithm>
#include <span>

#include "braid/core/error.h"
#include "braid/metric/bootstrap.h"

namespace braid {
namespace {

constexpr int64_t kSecondCutoff = 5;

std::vector<int64_t> groups_of(const std::vector<ClassRank>& values) {
  std::vector<int64_t> groups;
  for (const auto& value : values) groups.push_back(value.group);
  return groups;
}

double share_within(const std::vector<ClassRank>& values, std::span<const int32_t> times,
                    int64_t cutoff) {
  int64_t found = 0, total = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    total += times[i];
    if (values[i].rank <= cutoff) found += times[i];
  }
  return total > 0 ? static_cast<double>(found) / static_cast<double>(total) : 0;
}

// Mean over the classes that the resample has.
double balanced(const std::vector<ClassRank>& values, std::span<const int32_t> times,
                size_t classes) {
  std::vector<int64_t> found(classes), total(classes);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto label = static_cast<size_t>(values[i].label);
    total[label] += times[i];
    if (values[i].rank == 1) found[label] += times[i];
  }
  double sum = 0;
  int64_t there = 0;
  for (size_t label = 0; label < classes; ++label) {
    if (total[label] == 0) continue;
    sum += static_cast<double>(found[label]) / static_cast<double>(total[label]);
    ++there;
  }
  return sum / static_cast<double>(there);
}

void check_values(const std::vector<ClassRank>& values, int64_t classes) {
  if (values.empty()) throw Error(ErrorCode::kInput, "classification: no value to judge");
  for (const auto& [rank, label, group] : values) {
    if (rank >= 1 && rank <= classes && label >= 0 && label < classes) continue;
    throw Error(ErrorCode::kInput, "classification: rank " + std::to_string(rank) + " of class " +
                                       std::to_string(label) + ", expected ones of " +
                                       std::to_string(classes) + " classes");
  }
}

}  // namespace

std::vector<std::string> classification_metric_names() {
  return {"accuracy", "accuracy@5", "balanced_accuracy"};
}

std::vector<Metric> classification_metrics(const std::vector<ClassRank>& values,
                                           const std::vector<std::string>& classes,
                                           const Metric& about) {
  const auto count = static_cast<int64_t>(classes.size());
  check_values(values, count);
  std::vector<Metric> metrics;
  const auto add = [&](const std::string& name, double chance, const std::string& label,
                       const std::vector<ClassRank>& of, const auto& statistic) {
    const WeightedStatistics statistics = [&](std::span<const int32_t> times) {
      return std::vector<double>{statistic(of, times)};
    };
    Metric metric = about;
    metric.name = name;
    metric.label = label;
    metric.gallery = count;
    metric.n = static_cast<int64_t>(of.size());
    metric.chance = chance;
    metric.value = statistics(std::vector<int32_t>(of.size(), 1))[0];
    const auto interval =
        bootstrap(groups_of(of), static_cast<uint64_t>(about.seed), statistics)[0];
    metric.low = interval.low;
    metric.high = interval.high;
    metrics.push_back(std::move(metric));
  };
  const auto within = [](int64_t cutoff) {
    return [cutoff](const auto& of, auto times) { return share_within(of, times, cutoff); };
  };
  const double chance = 1.0 / static_cast<double>(count);
  add("accuracy", chance, "", values, within(1));
  if (count > kSecondCutoff)
    add("accuracy@5", kSecondCutoff * chance, "", values, within(kSecondCutoff));
  add("balanced_accuracy", chance, "", values,
      [&](const auto& of, auto times) { return balanced(of, times, classes.size()); });
  for (int64_t label = 0; label < count; ++label) {
    std::vector<ClassRank> own;
    std::copy_if(values.begin(), values.end(), std::back_inserter(own),
                 [&](const ClassRank& value) { return value.label == label; });
    if (!own.empty()) add("accuracy", chance, classes[static_cast<size_t>(label)], own, within(1));
  }
  return metrics;
}

}  // namespace braid
