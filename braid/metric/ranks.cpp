// Ranks by counting: 1 + the number of wrong items whose score is not below the best true one's.
#include <algorithm>
#include <future>
#include <limits>
#include <string>

#include "braid/core/error.h"
#include "braid/metric/metric.h"
#include "braid/metric/rows.h"
#include "braid/metric/score_tile.h"

namespace braid {
namespace {

// The best true score of a query, and how many of its true items reach it.
struct BestTrue {
  float score = -std::numeric_limits<float>::infinity();
  int64_t items = 0;
};

std::vector<int64_t> checked_items(const std::vector<int64_t>& relevant, size_t query,
                                   int64_t gallery) {
  std::vector<int64_t> items = relevant;
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  const std::string where = "relevant items of query " + std::to_string(query);
  if (items.empty()) throw Error(ErrorCode::kInput, where + ": expected at least one, got none");
  const int64_t odd = items.front() < 0 ? items.front() : items.back();
  if (odd < 0 || odd >= gallery) {
    throw Error(ErrorCode::kInput, where + ": expected 0 .. " + std::to_string(gallery - 1) +
                                       ", got " + std::to_string(odd));
  }
  return items;
}

BestTrue best_true(const float* query, std::span<const float> gallery, int64_t width,
                   std::span<const int64_t> items) {
  using namespace score_tile;
  std::vector<float> tile(static_cast<size_t>(kColumns * width));
  std::array<const float*, kRows> rows;
  rows.fill(query);
  BestTrue best;
  while (!items.empty()) {
    const auto part = items.first(std::min<size_t>(items.size(), kColumns));
    pack(gallery, width, part, tile.data());
    const auto scores = score(rows, tile.data(), width)[0];
    for (size_t c = 0; c < part.size(); ++c) {
      if (scores[c] > best.score) best = {scores[c], 0};
      if (scores[c] == best.score) ++best.items;
    }
    items = items.subspan(part.size());
  }
  return best;
}

}  // namespace

std::vector<int64_t> ranks(const Array& queries, const Array& gallery,
                           const std::vector<std::vector<int64_t>>& relevant, int64_t threads) {
  const auto rows = finite_rows(queries, "queries");
  const auto columns = finite_rows(gallery, "gallery");
  check_same_width(queries, gallery);
  const int64_t count = queries.size(0);
  const int64_t width = queries.size(1);
  if (static_cast<int64_t>(relevant.size()) != count) {
    throw Error(ErrorCode::kShape, "relevant items: expected one list for each of " +
                                       std::to_string(count) + " queries, got " +
                                       std::to_string(relevant.size()));
  }
  std::vector<BestTrue> best;
  std::vector<int64_t> rank;
  for (size_t q = 0; q < relevant.size(); ++q) {
    const auto items = checked_items(relevant[q], q, gallery.size(0));
    best.push_back(best_true(rows.data() + static_cast<int64_t>(q) * width, columns, width, items));
    rank.push_back(1 - best.back().items);  // they are counted below as well
  }

  const auto work = [&](int64_t begin, int64_t end) {
    score_tile::for_each(rows, begin, end, columns, width,
                         [&](int64_t query, int64_t, std::span<const float> scores) {
                           const auto q = static_cast<size_t>(query);
                           // Not `>=`: a score that overflowed to NaN counts against us too.
                           for (const float score : scores) rank[q] += !(score < best[q].score);
                         });
  };
  const int64_t wanted = std::max<int64_t>(threads, 1);
  const int64_t share = std::max<int64_t>(64, (count + wanted - 1) / wanted);
  std::vector<std::future<void>> helpers;
  for (int64_t begin = share; begin < count; begin += share) {
    helpers.push_back(std::async(std::launch::async, work, begin, std::min(count, begin + share)));
  }
  work(0, std::min(count, share));
  for (auto& helper : helpers) helper.get();
  return rank;
}

}  // namespace braid
