// A column predicts the target where, each row left out in turn, the others that have its value
// (for numbers: the nearest ones) name its target. Leaving out keeps ids and chance from looking
// good; the lower end of Wilson's interval must pass what the most frequent target gets right
// alone.
#include "braid/data/target_audit.h"

#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/data/cell.h"
#include "braid/data/dataset.h"
#include "braid/modality/tabular/cell_text.h"

namespace braid {
namespace {

constexpr double kNearlyAll = 0.95;
constexpr double kSureness = 3.29;  // standard deviations: 99.9 %, both sides
constexpr int64_t kFewest = 20;     // rows to judge by
constexpr int64_t kMostCells = int64_t{1} << 23;
constexpr int64_t kClassesOfNumber = 20;  // a number with more values is measured, not a class
constexpr int64_t kLongestId = 64;        // bytes; what is longer is text
constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

struct LeakColumn {
  std::string name;
  std::vector<uint64_t> value;  // hash of the text, 0 = missing
  std::vector<double> number;   // or kNoNumber
  int64_t present = 0, numbers = 0, fractions = 0, long_texts = 0;

  bool is_number() const { return present > 0 && numbers == present; }
};

void put(LeakColumn& column, const std::vector<std::string>& texts) {
  const auto text = texts.empty() ? "" : join(texts, "\n");
  const auto number = texts.size() == 1 ? number_of(text) : std::nullopt;
  const bool counts = number && std::isfinite(*number);
  column.value.push_back(
      text.empty() ? 0 : std::max<uint64_t>(1, XXH3_64bits(text.data(), text.size())));
  column.number.push_back(counts ? *number : kNoNumber);
  column.present += !text.empty();
  column.numbers += counts;
  column.fractions += counts && *number != std::floor(*number);
  column.long_texts += static_cast<int64_t>(text.size()) > kLongestId;
}

int64_t different(const std::vector<uint64_t>& values) {
  std::set<uint64_t> met(values.begin(), values.end());
  met.erase(0);
  return std::ssize(met);
}

// Lower end of Wilson's interval of a share.
double wilson_low(double share, double n) {
  const double z2 = kSureness * kSureness;
  const double centre = share + z2 / (2 * n);
  const double half = kSureness * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  return (centre - half) / (1 + z2 / n);
}

std::string share_text(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", share);
  return text;
}

using Counts = std::map<uint64_t, int64_t>;

uint64_t most_frequent(const Counts& counts) {
  return std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; })->first;
}

class TargetJudge {
 public:
  TargetJudge(const LeakColumn& target, TargetAudit& audit) : target_(target), audit_(audit) {
    for (const uint64_t value : target.value) ++classes_[value];
    usual_ = most_frequent(classes_);
    alone_ = static_cast<double>(classes_[usual_]) / rows();
  }

  void judge(const LeakColumn& column) {
    if (column.present < kFewest) return;
    if (judge_copy(column)) return;
    if (audit_.number ? judge_number(column) : judge_classes(column)) return;
    judge_id(column);
  }

 private:
  double rows() const { return static_cast<double>(target_.value.size()); }

  void add(const LeakColumn& column, const char* kind, int64_t rows, double right, double lowest,
           const std::string& words) {
    audit_.leaks.push_back({column.name, kind, words, rows, right, alone_, lowest});
  }

  // The same values, or others that stand for the same: each for one target, each target for one.
  bool judge_copy(const LeakColumn& column) {
    int64_t same = 0;
    std::map<uint64_t, uint64_t> there, back;
    bool one_to_one = true;
    for (size_t i = 0; i < target_.value.size(); ++i) {
      const uint64_t mine = column.value[i], wanted = target_.value[i];
      if (!mine) continue;
      same += mine == wanted || (audit_.number && column.number[i] == target_.number[i]);
      one_to_one = one_to_one && there.emplace(mine, wanted).first->second == wanted &&
                   back.emplace(wanted, mine).first->second == mine;
    }
    const double share = static_cast<double>(same) / static_cast<double>(column.present);
    const bool renamed =
        one_to_one && back.size() > 1 && std::ssize(back) * 4 <= column.present && !audit_.number;
    if (share < kNearlyAll && !renamed) return false;
    const auto n = std::to_string(column.present);
    add(column, "copy", column.present, renamed ? 1 : share,
        wilson_low(renamed ? 1 : share, rows()),
        share >= kNearlyAll ? "the same in " + share_text(share) + " of " + n + " rows"
                            : "other words for the same: " + std::to_string(back.size()) +
                                  " values, each for one target, in all " + n + " rows");
    return true;
  }

  bool judge_classes(const LeakColumn& column) {
    const bool measured = column.is_number() && different(column.value) > kClassesOfNumber;
    const auto [right, n] = measured ? by_neighbours(column) : by_value(column);
    if (n < kFewest) return false;
    const double share = static_cast<double>(right) / static_cast<double>(n);
    const double lowest = wilson_low(share, static_cast<double>(n));
    if (share < kNearlyAll || lowest <= alone_) return false;
    add(column, "predicts", n, share, lowest,
        "right in " + share_text(share) + " of " + std::to_string(n) + " rows (surely " +
            share_text(lowest) + "), the usual target in " + share_text(alone_));
    return true;
  }

  // By the other rows of the same value; a missing cell is a value too.
  std::pair<int64_t, int64_t> by_value(const LeakColumn& column) const {
    std::unordered_map<uint64_t, Counts> targets;
    for (size_t i = 0; i < target_.value.size(); ++i) {
      ++targets[column.value[i]][target_.value[i]];
    }
    int64_t right = 0;
    for (size_t i = 0; i < target_.value.size(); ++i) {
      auto& counts = targets[column.value[i]];
      --counts[target_.value[i]];
      const uint64_t best = most_frequent(counts);
      right += (counts[best] ? best : usual_) == target_.value[i];
      ++counts[target_.value[i]];
    }
    return {right, std::ssize(target_.value)};
  }

  // By two rows on either side in the order of the numbers; the nearest decides a draw.
  std::pair<int64_t, int64_t> by_neighbours(const LeakColumn& column) const {
    std::vector<size_t> order;
    for (size_t i = 0; i < column.number.size(); ++i) {
      if (!std::isnan(column.number[i])) order.push_back(i);
    }
    std::ranges::stable_sort(order, {}, [&](size_t i) { return column.number[i]; });
    int64_t right = 0;
    for (size_t at = 0; at < order.size(); ++at) {
      Counts votes;
      double nearest = std::numeric_limits<double>::infinity();
      uint64_t next = usual_;
      for (size_t other = at < 2 ? 0 : at - 2; other < std::min(at + 3, order.size()); ++other) {
        if (other == at) continue;
        ++votes[target_.value[order[other]]];
        const double far = std::abs(column.number[order[other]] - column.number[order[at]]);
        if (far < nearest) nearest = far, next = target_.value[order[other]];
      }
      uint64_t best = most_frequent(votes);
      if (votes[best] == votes[next]) best = next;
      right += best == target_.value[order[at]];
    }
    return {right, std::ssize(order)};
  }

  // Of a measured target: how much of its variance a straight line explains.
  bool judge_number(const LeakColumn& column) {
    double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < column.number.size(); ++i) {
      if (std::isnan(column.number[i])) continue;
      ++n, x += column.number[i], y += target_.number[i];
    }
    if (n < kFewest) return false;
    x /= n, y /= n;
    for (size_t i = 0; i < column.number.size(); ++i) {
      const double a = column.number[i] - x, b = target_.number[i] - y;
      if (!std::isnan(a)) xx += a * a, yy += b * b, xy += a * b;
    }
    const double explained = xx > 0 && yy > 0 ? xy * xy / (xx * yy) : 0;
    if (!(explained >= kNearlyAll)) return false;
    const double z = std::atanh(std::min(std::sqrt(explained), 1 - 1e-12));
    const double low = std::tanh(std::max(0.0, z - kSureness / std::sqrt(n - 3)));  // Fisher
    add(column, "predicts", static_cast<int64_t>(n), explained, low * low,
        "explains " + share_text(explained) + " of the variance in " +
            std::to_string(static_cast<int64_t>(n)) + " rows (surely " + share_text(low * low) +
            ")");
    return true;
  }

  void judge_id(const LeakColumn& column) {
    const auto values = different(column.value);
    const double share = static_cast<double>(values) / static_cast<double>(column.present);
    const bool text = column.long_texts * 10 > column.present;
    if (share < kNearlyAll || text || (column.is_number() && column.fractions)) return;
    add(column, "id", column.present, share, 0,
        std::to_string(values) + " different values in " + std::to_string(column.present) + " rows");
  }

  const LeakColumn& target_;
  TargetAudit& audit_;
  Counts classes_;
  uint64_t usual_ = 0;
  double alone_ = 0;
};

std::vector<std::string> names_of_cells(const Dataset& data) {
  std::vector<std::string> names;
  std::set<std::string> known;
  for (int64_t row = 0; row < data.size(); ++row) {
    for (auto& name : cell_names(Row::parse(data.row_json(row)))) {
      if (known.insert(name).second) names.push_back(std::move(name));
    }
  }
  return names;
}

std::vector<std::string> cell_of(const Row& row, const std::string& name) {
  const Row* cell = find_cell(row, name);
  return cell ? cell_texts(*cell) : std::vector<std::string>{};
}

}  // namespace

TargetAudit audit_target(const Dataset& data, const std::string& target) {
  const auto names = names_of_cells(data);
  if (std::ranges::find(names, target) == names.end()) {
    throw Error(ErrorCode::kConfig, "--target: no row has a column '" + target + "'" +
                                        did_you_mean(target, names) +
                                        "; there are: " + join(names, ", "));
  }
  TargetAudit audit;
  audit.column = target;
  const int64_t most = std::max<int64_t>(1000, kMostCells / std::ssize(names));
  const int64_t stride = (data.size() + most - 1) / most;
  LeakColumn wanted{target, {}, {}};
  std::vector<LeakColumn> others;
  for (const auto& name : names) {
    if (name != target) others.push_back({name, {}, {}});
  }
  for (int64_t row = 0; row < data.size(); ++row) {
    const auto cells = Row::parse(data.row_json(row));
    const auto texts = cell_of(cells, target);
    if (texts.empty()) continue;
    if (audit.rows++ % stride) continue;
    put(wanted, texts);
    for (auto& column : others) put(column, cell_of(cells, column.name));
  }
  audit.compared = std::ssize(wanted.value);
  audit.classes = different(wanted.value);
  if (audit.classes < 2) {
    throw Error(ErrorCode::kInput, "--target: column '" + target + "' has " +
                                       std::to_string(audit.classes) +
                                       " different values: expected two or more");
  }
  audit.number = wanted.is_number() && audit.classes > kClassesOfNumber;
  TargetJudge judge(wanted, audit);
  for (const auto& column : others) judge.judge(column);
  return audit;
}

}  // namespace braid
