#include "braid/index/snapshot.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "braid/core/error.h"
#include "braid/kernel/topk.h"

namespace braid {
namespace {

std::shared_ptr<const LiveSegment> load_segment(Catalog& catalog,
                                                const std::filesystem::path& folder,
                                                const SegmentInfo& info, int64_t width,
                                                std::shared_ptr<const SegmentFile> file) {
  auto segment = std::make_shared<LiveSegment>();
  segment->info = info;
  segment->file = file ? file : std::make_shared<const SegmentFile>(folder, info, width);
  segment->ids.resize(static_cast<size_t>(info.rows));
  segment->live.resize(static_cast<size_t>(info.rows));
  for (const ItemPlace& place : catalog.items_of(info.id)) {
    if (place.row < 0 || place.row >= info.rows) {
      throw Error(ErrorCode::kInput, (folder / "index.sqlite").string() + ": damaged (item " +
                                         std::to_string(place.id) + " in row " +
                                         std::to_string(place.row) + " of " +
                                         std::to_string(info.rows) + "); rebuild the index");
    }
    segment->ids[static_cast<size_t>(place.row)] = place.id;
    segment->live[static_cast<size_t>(place.row)] = 1;
    ++segment->live_count;
  }
  return segment;
}

// Some queries against some rows of one segment: what one thread does at a time.
struct Task {
  const LiveSegment* segment;
  int64_t first_row, rows;
  int64_t first_query, queries;
  std::vector<std::vector<TopkHit>> hits;
};

std::vector<Task> split_into_tasks(const Snapshot& snapshot, int64_t query_count) {
  constexpr int64_t kQueries = 64, kProducts = 4 << 20;  // per task: about a millisecond
  std::vector<Task> tasks;
  for (int64_t query = 0; query < query_count; query += kQueries) {
    const int64_t queries = std::min(kQueries, query_count - query);
    const int64_t rows = std::max<int64_t>(kProducts / (queries * snapshot.width), 1024);
    for (const auto& segment : snapshot.segments) {
      for (int64_t row = 0; row < segment->info.rows; row += rows) {
        tasks.push_back(
            {segment.get(), row, std::min(rows, segment->info.rows - row), query, queries, {}});
      }
    }
  }
  return tasks;
}

void run_task(const std::vector<float>& queries, int64_t width, int64_t k, Task& task) {
  const TopkRows rows{task.segment->file->vectors() + task.first_row * width, task.rows, width,
                      task.segment->live.data() + task.first_row};
  task.hits = topk(queries.data() + task.first_query * width, task.queries, rows, k);
}

// Calls run(0 .. count-1), each once. The first exception comes out after all threads have ended.
template <class Run>
void share_among_threads(size_t count, int64_t threads, Run&& run) {
  std::atomic<size_t> next{0};
  std::exception_ptr problem;
  std::mutex problem_mutex;
  const auto work = [&] {
    try {
      for (size_t i = next++; i < count; i = next++) run(i);
    } catch (...) {
      const std::lock_guard lock(problem_mutex);
      if (!problem) problem = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> helpers;
    try {
      for (int64_t i = 1; i < threads; ++i) helpers.emplace_back(work);
    } catch (const std::system_error&) {
      // The system gives no more threads: those that are there do the work.
    }
    work();
  }
  if (problem) std::rethrow_exception(problem);
}

}  // namespace

std::shared_ptr<const Snapshot> load_snapshot(Catalog& catalog, const std::filesystem::path& folder,
                                              int64_t width, const Snapshot* previous) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->generation = catalog.generation();
  snapshot->width = width;
  for (const SegmentInfo& info : catalog.segments()) {
    std::shared_ptr<const LiveSegment> known;
    for (const auto& segment : previous ? previous->segments : decltype(previous->segments){}) {
      if (segment->info.id == info.id) known = segment;
    }
    if (!known || known->info.changed != info.changed) {
      known = load_segment(catalog, folder, info, width, known ? known->file : nullptr);
    }
    snapshot->size += known->live_count;
    snapshot->segments.push_back(std::move(known));
  }
  return snapshot;
}

std::vector<std::vector<Candidate>> find_candidates(const Snapshot& snapshot,
                                                    const std::vector<float>& queries, int64_t k,
                                                    int64_t threads) {
  const int64_t query_count = static_cast<int64_t>(queries.size()) / snapshot.width;
  auto tasks = split_into_tasks(snapshot, query_count);
  if (threads <= 0) threads = std::max(1u, std::thread::hardware_concurrency());
  threads = std::min<int64_t>(threads, static_cast<int64_t>(tasks.size()));
  share_among_threads(tasks.size(), threads,
                      [&](size_t i) { run_task(queries, snapshot.width, k, tasks[i]); });

  std::vector<std::vector<Candidate>> result(static_cast<size_t>(query_count));
  for (const Task& task : tasks) {
    for (size_t q = 0; q < task.hits.size(); ++q) {
      auto& candidates = result[static_cast<size_t>(task.first_query) + q];
      for (const TopkHit& hit : task.hits[q]) {
        const auto row = static_cast<size_t>(task.first_row + hit.row);
        candidates.push_back({hit.score, task.segment->ids[row]});
      }
    }
  }
  for (auto& candidates : result) {
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return a.score != b.score ? a.score > b.score : a.id < b.id;
    });
    size_t end = std::min(candidates.size(), static_cast<size_t>(k));
    while (end > 0 && end < candidates.size() &&
           candidates[end].score == candidates[end - 1].score) {
      ++end;
    }
    candidates.resize(end);
  }
  return result;
}

}  // namespace braid
