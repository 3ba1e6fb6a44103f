#include "braid/index/candidates.h"

#include <algorithm>
#include <thread>

#include "braid/core/parallel.h"
#include "braid/index/ann_recall.h"

namespace braid {
namespace {

// What may be found in one segment, and how it is looked for.
struct SegmentSearch {
  const LiveSegment* segment;
  const uint8_t* allowed;  // [rows]; nullptr: every row
  int64_t wanted;          // hits: k, or fewer where fewer are allowed
  int64_t depth;           // nearest rows among which they are looked for; 0: row by row
};

// Some queries against some rows of one segment: what one thread does at a time.
struct Task {
  const SegmentSearch* search;
  int64_t first_row, rows;
  int64_t first_query, queries;
  std::vector<std::vector<TopkHit>> hits;
};

int64_t effort_at(const LiveSegment& segment, int64_t depth) {
  return segment.info.ann.effort * depth / kRecallDepth;
}

bool is_worth_it(const LiveSegment& segment, int64_t depth) {
  return depth < segment.info.rows &&
         segment.ann->cost(effort_at(segment, depth)) < segment.info.rows;
}

// How many of the nearest rows hold `wanted` allowed ones where these lie evenly.
int64_t first_depth(const LiveSegment& segment, int64_t allowed, int64_t wanted) {
  const auto depth =
      static_cast<int64_t>(static_cast<double>(wanted) * static_cast<double>(segment.info.rows) /
                           static_cast<double>(allowed));
  const int64_t least = std::max(depth, kRecallDepth);
  return is_worth_it(segment, least) ? least : 0;
}

std::vector<SegmentSearch> plan(const Snapshot& snapshot, const Questions& questions) {
  std::vector<SegmentSearch> searches;
  for (size_t i = 0; i < snapshot.segments.size(); ++i) {
    const LiveSegment& segment = *snapshot.segments[i];
    const auto* masks = questions.masks;
    const int64_t count = masks ? masks->counts[i] : segment.live_count;
    if (count == 0) continue;
    const auto& allowed = masks ? masks->rows[i] : segment.live;
    const int64_t wanted = std::min(questions.k, count);
    const bool by_ann = segment.ann && !questions.exact;
    searches.push_back({&segment, count == segment.info.rows ? nullptr : allowed.data(), wanted,
                        by_ann ? first_depth(segment, count, wanted) : 0});
  }
  return searches;
}

std::vector<Task> split_into_tasks(const std::vector<SegmentSearch>& searches, int64_t width,
                                   int64_t query_count) {
  constexpr int64_t kQueries = 64, kProducts = 4 << 20;  // per task: about a millisecond
  constexpr int64_t kAnnQueries = 8;
  std::vector<Task> tasks;
  for (const auto& search : searches) {
    const int64_t all = search.segment->info.rows;
    const int64_t most = search.depth > 0 ? kAnnQueries : kQueries;
    for (int64_t query = 0; query < query_count; query += most) {
      const int64_t queries = std::min(most, query_count - query);
      const int64_t rows =
          search.depth > 0 ? all : std::max<int64_t>(kProducts / (queries * width), 1024);
      for (int64_t row = 0; row < all; row += rows) {
        tasks.push_back({&search, row, std::min(rows, all - row), query, queries, {}});
      }
    }
  }
  return tasks;
}

std::vector<TopkHit> ask_ann(const SegmentSearch& search, const AnnRows& rows, const float* query) {
  const auto& segment = *search.segment;
  for (int64_t depth = search.depth; is_worth_it(segment, depth); depth *= 2) {
    auto hits =
        score_rows(query, rows, segment.ann->near(query, depth, effort_at(segment, depth)), depth);
    if (search.allowed) {
      std::erase_if(hits, [&](const TopkHit& hit) { return search.allowed[hit.row] == 0; });
    }
    if (std::ssize(hits) < search.wanted) continue;
    hits.resize(static_cast<size_t>(search.wanted));
    return hits;
  }
  return topk(query, 1, {rows.vectors, rows.rows, rows.width, search.allowed}, search.wanted)[0];
}

void run_task(const Questions& questions, int64_t width, Task& task) {
  const auto& search = *task.search;
  const float* vectors = search.segment->file->vectors();
  const float* queries = questions.queries.data() + task.first_query * width;
  if (search.depth == 0) {
    const uint8_t* allowed = search.allowed ? search.allowed + task.first_row : nullptr;
    const TopkRows rows{vectors + task.first_row * width, task.rows, width, allowed};
    task.hits = topk(queries, task.queries, rows, questions.k);
    return;
  }
  const AnnRows rows{vectors, search.segment->info.rows, width};
  for (int64_t q = 0; q < task.queries; ++q) {
    task.hits.push_back(ask_ann(search, rows, queries + q * width));
  }
}

void keep_best(std::vector<Candidate>& candidates, int64_t k) {
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.id < b.id;
  });
  size_t end = std::min(candidates.size(), static_cast<size_t>(k));
  while (end > 0 && end < candidates.size() && candidates[end].score == candidates[end - 1].score) {
    ++end;
  }
  candidates.resize(end);
}

}  // namespace

std::vector<std::vector<Candidate>> find_candidates(const Snapshot& snapshot,
                                                    const Questions& questions) {
  const int64_t query_count = static_cast<int64_t>(questions.queries.size()) / snapshot.width;
  const auto searches = plan(snapshot, questions);
  auto tasks = split_into_tasks(searches, snapshot.width, query_count);
  const int64_t threads = questions.threads > 0
                              ? questions.threads
                              : std::max<int64_t>(1, std::thread::hardware_concurrency());
  parallel_for(static_cast<int64_t>(tasks.size()), threads, [&](int64_t i) {
    run_task(questions, snapshot.width, tasks[static_cast<size_t>(i)]);
  });

  std::vector<std::vector<Candidate>> result(static_cast<size_t>(query_count));
  for (const Task& task : tasks) {
    for (size_t q = 0; q < task.hits.size(); ++q) {
      auto& candidates = result[static_cast<size_t>(task.first_query) + q];
      for (const TopkHit& hit : task.hits[q]) {
        const auto row = static_cast<size_t>(task.first_row + hit.row);
        candidates.push_back({hit.score, task.search->segment->ids[row]});
      }
    }
  }
  for (auto& candidates : result) keep_best(candidates, questions.k);
  return result;
}

}  // namespace braid
