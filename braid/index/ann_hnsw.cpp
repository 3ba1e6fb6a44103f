#include "braid/index/ann_hnsw.h"

#include <faiss/IndexHNSW.h>
#include <faiss/impl/DistanceComputer.h>

#include <algorithm>

#include "braid/core/error.h"
#include "braid/index/omp_threads.h"
#include "braid/kernel/topk.h"

namespace braid {
namespace {

constexpr int kLinks = 32;             // M of the paper; twice as many on the lowest level
constexpr int kBuildEffort = 120;      // efConstruction
constexpr int64_t kScoredPerKept = 8;  // rows scored for each row the walk keeps, roughly

class RowScores final : public faiss::DistanceComputer {
 public:
  explicit RowScores(const AnnRows& rows) : rows_(rows) {}

  void set_query(const float* query) override { query_ = query; }
  float operator()(int64_t row) override { return score(query_, row); }
  float symmetric_dis(int64_t a, int64_t b) override { return score(rows_.row(a), b); }

 private:
  float score(const float* query, int64_t row) const {
    float result;
    dot_rows(query, rows_.row(row), 1, rows_.width, &result);
    return result;
  }

  AnnRows rows_;
  const float* query_ = nullptr;
};

// The segment's vectors where they lie, as FAISS wants to see them.
class RowStorage final : public faiss::Index {
 public:
  explicit RowStorage(const AnnRows& rows)
      : faiss::Index(static_cast<int>(rows.width), faiss::METRIC_INNER_PRODUCT), rows_(rows) {}

  void add(int64_t count, const float*) override { ntotal += count; }
  void reset() override { ntotal = 0; }
  void search(int64_t, const float*, int64_t, float*, int64_t*,
              const faiss::SearchParameters*) const override {
    throw Error(ErrorCode::kInternal, "hnsw: the graph is searched, not the vectors");
  }
  faiss::DistanceComputer* get_distance_computer() const override { return new RowScores(rows_); }

 private:
  AnnRows rows_;
};

class Hnsw final : public Ann {
 public:
  explicit Hnsw(const AnnRows& rows) : rows_(rows), storage_(rows), index_(&storage_, kLinks) {
    index_.hnsw.efConstruction = kBuildEffort;
  }

  void build(int64_t threads) {
    const OmpThreads limit(threads);
    index_.add(rows_.rows, rows_.vectors);
  }

  std::vector<int64_t> near(const float* query, int64_t count, int64_t effort) const override {
    const OmpThreads one(1);
    const int64_t wanted = std::min(count, rows_.rows);
    faiss::SearchParametersHNSW how;
    how.efSearch = static_cast<int>(std::clamp(effort, wanted, rows_.rows));
    std::vector<float> scores(static_cast<size_t>(wanted));
    std::vector<int64_t> found(static_cast<size_t>(wanted));
    index_.search(1, query, wanted, scores.data(), found.data(), &how);
    std::erase(found, -1);
    return found;
  }

  int64_t cost(int64_t effort) const override { return effort * kScoredPerKept; }
  std::vector<int64_t> efforts() const override { return {32, 64, 128, 256, 512, 1024}; }
  TensorFile store() const override;
  void load(const TensorFile& stored);

 private:
  AnnRows rows_;
  RowStorage storage_;
  faiss::IndexHNSW index_;
};

TensorFile Hnsw::store() const {
  const auto& graph = index_.hnsw;
  const int32_t entry[] = {graph.entry_point, graph.max_level};
  return {{{"entry", Array::of<int32_t>({2}, entry)},
           {"levels", Array::of<int32_t>({rows_.rows}, {graph.levels.data(), graph.levels.size()})},
           {"links", Array::of<int32_t>({static_cast<int64_t>(graph.neighbors.size())},
                                        {graph.neighbors.data(), graph.neighbors.size()})}},
          {}};
}

std::span<const int32_t> numbers(const TensorFile& stored, const char* name) {
  const Array* array = stored.find(name);
  if (!array || array->dtype() != DType::kI32) {
    throw Error(ErrorCode::kInput, std::string("no graph: it lacks ") + name);
  }
  return array->values<int32_t>();
}

// FAISS follows the links without looking: every one must lead to a row.
void Hnsw::load(const TensorFile& stored) {
  const auto wrong = [](const char* what) {
    throw Error(ErrorCode::kInput, std::string("no graph of this segment: ") + what);
  };
  auto& graph = index_.hnsw;
  const auto levels = numbers(stored, "levels"), links = numbers(stored, "links"),
             entry = numbers(stored, "entry");
  if (entry.size() != 2 || static_cast<int64_t>(levels.size()) != rows_.rows) wrong("other rows");
  if (entry[0] < 0 || entry[0] >= rows_.rows) wrong("it begins at no row");
  graph.levels.assign(levels.begin(), levels.end());
  const int32_t top = static_cast<int32_t>(graph.cum_nneighbor_per_level.size()) - 1;
  graph.offsets.assign(1, 0);
  for (const int32_t level : levels) {
    if (level < 1 || level > top) wrong("a level out of range");
    graph.offsets.push_back(graph.offsets.back() +
                            static_cast<size_t>(graph.cum_nneighbor_per_level[level]));
  }
  if (links.size() != graph.offsets.back()) wrong("another number of links");
  if (entry[1] < 0 || entry[1] >= levels[static_cast<size_t>(entry[0])]) wrong("the top level");
  for (int64_t row = 0; row < rows_.rows; ++row) {
    for (int level = 0; level < levels[row]; ++level) {
      size_t begin = 0, end = 0;
      graph.neighbor_range(row, level, &begin, &end);
      for (; begin < end; ++begin) {
        const int32_t to = links[begin];
        if (to < -1 || to >= rows_.rows || (to >= 0 && levels[to] <= level)) wrong("a wild link");
      }
    }
  }
  graph.neighbors.resize(links.size());
  std::copy(links.begin(), links.end(), graph.neighbors.data());
  graph.entry_point = entry[0];
  graph.max_level = entry[1];
  index_.ntotal = storage_.ntotal = rows_.rows;
}

}  // namespace

std::unique_ptr<Ann> build_hnsw(const AnnRows& rows, int64_t threads) {
  auto result = std::make_unique<Hnsw>(rows);
  result->build(threads);
  return result;
}

std::unique_ptr<Ann> load_hnsw(const TensorFile& stored, const AnnRows& rows) {
  auto result = std::make_unique<Hnsw>(rows);
  result->load(stored);
  return result;
}

}  // namespace braid
