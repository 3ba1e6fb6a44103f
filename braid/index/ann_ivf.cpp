#include "braid/index/ann_ivf.h"

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>

#include <algorithm>
#include <cmath>

#include "braid/core/error.h"
#include "braid/index/omp_threads.h"
#include "braid/kernel/topk.h"

namespace braid {
namespace {

constexpr int kRounds = 12;  // of k-means

class Ivf final : public Ann {
 public:
  Ivf(const AnnRows& rows, Array centres, Array begins, Array members)
      : rows_(rows),
        centres_(std::move(centres)),
        begins_(std::move(begins)),
        members_(std::move(members)) {}

  std::vector<int64_t> near(const float* query, int64_t, int64_t effort) const override {
    const TopkRows centres{centres_.values<float>().data(), clusters(), rows_.width, nullptr};
    const auto nearest = topk(query, 1, centres, std::min(effort, clusters()));
    const auto begins = begins_.values<int64_t>();
    const auto members = members_.values<int64_t>();
    std::vector<int64_t> found;
    for (const TopkHit& cluster : nearest[0]) {
      const auto at = static_cast<size_t>(cluster.row);
      found.insert(found.end(), members.begin() + begins[at], members.begin() + begins[at + 1]);
    }
    return found;
  }

  int64_t cost(int64_t effort) const override {
    return clusters() + std::min(effort, clusters()) * rows_.rows / clusters();
  }
  std::vector<int64_t> efforts() const override {
    std::vector<int64_t> result;
    for (int64_t n = 1; n < clusters(); n += std::max<int64_t>(n / 2, 1)) result.push_back(n);
    result.push_back(clusters());
    return result;
  }
  TensorFile store() const override {
    return {{{"centres", centres_}, {"begins", begins_}, {"members", members_}}, {}};
  }

 private:
  int64_t clusters() const { return centres_.size(0); }

  AnnRows rows_;
  Array centres_;  // [C, width]
  Array begins_;   // [C + 1]: where each cluster's members start
  Array members_;  // [rows]
};

Array find_centres(const AnnRows& rows, int64_t count) {
  faiss::ClusteringParameters how;
  how.niter = kRounds;
  how.spherical = true;
  how.min_points_per_centroid = 1;  // fewer than it likes are worth no line on standard error
  faiss::Clustering clustering(static_cast<int>(rows.width), static_cast<int>(count), how);
  faiss::IndexFlatIP assigner(static_cast<int>(rows.width));
  clustering.train(rows.rows, rows.vectors, assigner);
  return Array::of<float>({count, rows.width},
                          {clustering.centroids.data(), clustering.centroids.size()});
}

std::vector<int64_t> assign_rows(const AnnRows& rows, const Array& centres) {
  faiss::IndexFlatIP assigner(static_cast<int>(rows.width));
  assigner.add(centres.size(0), centres.values<float>().data());
  std::vector<int64_t> nearest(static_cast<size_t>(rows.rows));
  assigner.assign(rows.rows, rows.vectors, nearest.data());
  return nearest;
}

}  // namespace

std::unique_ptr<Ann> build_ivf(const AnnRows& rows, int64_t threads) {
  const OmpThreads limit(threads);
  const auto root = static_cast<int64_t>(std::sqrt(static_cast<double>(rows.rows)));
  const int64_t count = std::clamp<int64_t>(2 * root, 1, rows.rows);
  auto centres = find_centres(rows, count);
  const auto nearest = assign_rows(rows, centres);
  std::vector<int64_t> begins(static_cast<size_t>(count) + 1), members(nearest.size());
  for (const int64_t cluster : nearest) ++begins[static_cast<size_t>(cluster) + 1];
  for (size_t c = 1; c < begins.size(); ++c) begins[c] += begins[c - 1];
  auto next = begins;
  for (size_t row = 0; row < nearest.size(); ++row) {
    members[static_cast<size_t>(next[static_cast<size_t>(nearest[row])]++)] =
        static_cast<int64_t>(row);
  }
  return std::make_unique<Ivf>(rows, std::move(centres), Array::of<int64_t>({count + 1}, begins),
                               Array::of<int64_t>({rows.rows}, members));
}

std::unique_ptr<Ann> load_ivf(const TensorFile& stored, const AnnRows& rows) {
  const auto wrong = [](const char* what) {
    throw Error(ErrorCode::kInput, std::string("no clusters of this segment: ") + what);
  };
  const Array *centres = stored.find("centres"), *begins = stored.find("begins"),
              *members = stored.find("members");
  if (!centres || !begins || !members || centres->dtype() != DType::kF32 ||
      begins->dtype() != DType::kI64 || members->dtype() != DType::kI64) {
    wrong("an array is lacking");
  }
  if (centres->shape().size() != 2 || centres->size(1) != rows.width ||
      begins->count() != centres->size(0) + 1 || members->count() != rows.rows) {
    wrong("other sizes");
  }
  const auto starts = begins->values<int64_t>(), all = members->values<int64_t>();
  if (starts.front() != 0 || starts.back() != rows.rows ||
      !std::is_sorted(starts.begin(), starts.end())) {
    wrong("clusters that do not follow each other");
  }
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  if (all.empty() || *least < 0 || *most >= rows.rows) wrong("a row out of range");
  return std::make_unique<Ivf>(rows, *centres, *begins, *members);
}

}  // namespace braid
