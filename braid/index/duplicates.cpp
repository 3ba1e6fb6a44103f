#include "braid/index/duplicates.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "braid/core/config.h"
#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/index/omp_threads.h"
#include "braid/kernel/matmul.h"

namespace braid {
namespace {

constexpr size_t kTile = 2048;      // items: a tile of scores is 16 MiB
constexpr float kRounding = 1e-6f;  // equal vectors must reach a threshold of 1

// Every item of the index, vectors back to back.
struct AllItems {
  std::vector<float> vectors;
  std::vector<DuplicateItem> items;
};

AllItems read_items(const Index& index) {
  AllItems all;
  index.visit([&](const IndexEntry& entry) {
    all.vectors.insert(all.vectors.end(), entry.vector.begin(), entry.vector.end());
    all.items.push_back({entry.key, entry.metadata, entry.file, -2, ""});
  });
  return all;
}

// Which items belong together, each group known by one of them.
class Groups {
 public:
  explicit Groups(size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), size_t{0});
  }
  size_t find(size_t i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(size_t a, size_t b) {
    parent_[std::max(find(a), find(b))] = std::min(find(a), find(b));
  }

 private:
  std::vector<size_t> parent_;
};

class PairFinder {
 public:
  PairFinder(AllItems& all, int64_t width, double threshold)
      : all_(all),
        width_(width),
        threshold_(static_cast<float>(threshold)),
        groups_(all.items.size()),
        nearest_(all.items.size()) {}

  // Pairs of one item of the first tile and a later one of the second.
  void compare(size_t first, size_t second) {
    const size_t n = all_.items.size();
    const size_t rows = std::min(kTile, n - first), columns = std::min(kTile, n - second);
    scores_.resize(rows * columns);
    const auto at = [&](size_t i) {
      return all_.vectors.data() + static_cast<int64_t>(i) * width_;
    };
    matmul({1, static_cast<int64_t>(rows), width_, static_cast<int64_t>(columns)},
           {at(first), width_, 1}, {at(second), 1, width_}, nullptr,
           {scores_.data(), static_cast<int64_t>(columns)});
    for (size_t i = 0; i < rows; ++i) {
      const float* line = scores_.data() + i * columns;
      for (size_t j = first == second ? i + 1 : 0; j < columns; ++j) {
        if (line[j] >= threshold_ - kRounding) note(first + i, second + j, line[j]);
      }
    }
  }

  DuplicateReport report() {
    std::map<size_t, std::vector<DuplicateItem>> groups;
    for (size_t i = 0; i < all_.items.size(); ++i) {
      if (all_.items[i].score < -1.5) continue;  // in no pair
      auto item = all_.items[i];
      item.nearest = all_.items[nearest_[i]].key;
      groups[groups_.find(i)].push_back(std::move(item));
    }
    DuplicateReport report{static_cast<int64_t>(all_.items.size()), pairs_, {}};
    for (auto& [root, group] : groups) report.groups.push_back(std::move(group));
    std::stable_sort(report.groups.begin(), report.groups.end(),
                     [](const auto& a, const auto& b) { return a.size() > b.size(); });
    return report;
  }

 private:
  void note(size_t a, size_t b, float score) {
    ++pairs_;
    groups_.join(a, b);
    for (const auto& [one, other] : {std::pair{a, b}, {b, a}}) {
      if (score <= all_.items[one].score) continue;
      all_.items[one].score = std::min(score, 1.0f);
      nearest_[one] = other;
    }
  }

  AllItems& all_;
  int64_t width_;
  float threshold_;
  Groups groups_;
  std::vector<size_t> nearest_;
  std::vector<float> scores_;
  int64_t pairs_ = 0;
};

}  // namespace

DuplicateReport find_duplicates(const Index& index, const DuplicateOptions& options) {
  if (!(options.threshold >= -1 && options.threshold <= 1)) {
    throw Error(ErrorCode::kUsage,
                "threshold is " + number_text(options.threshold) + ", expected a cosine, -1 .. 1");
  }
  const OmpThreads threads(options.threads > 0 ? options.threads : this_machine().threads);
  auto all = read_items(index);
  const size_t tiles = (all.items.size() + kTile - 1) / kTile;
  PairFinder finder(all, index.width(), options.threshold);
  Meter meter(options.sink, "compare", "tile", static_cast<int64_t>(tiles * (tiles + 1) / 2));
  for (size_t i = 0; i < tiles; ++i) {
    for (size_t j = i; j < tiles; ++j) {
      if (options.stop && options.stop->requested()) {
        throw Error(ErrorCode::kInterrupted, "stopped; nothing was written");
      }
      finder.compare(i * kTile, j * kTile);
      meter.advance(1);
    }
  }
  meter.finish();
  return finder.report();
}

}  // namespace braid
