#include "braid/index/reader.h"

#include <algorithm>
#include <cmath>

#include "braid/core/error.h"

namespace braid {

IndexReader::IndexReader(const std::filesystem::path& folder, const IndexOptions& options)
    : folder_(folder), threads_(options.threads), catalog_(folder, options.wait_ms) {
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  origin_ = catalog_.origin();
  width_ = catalog_.width();
  refresh();
}

std::shared_ptr<const Snapshot> IndexReader::refresh() {
  if (!snapshot_ || snapshot_->generation != catalog_.generation()) {
    snapshot_ = load_snapshot(catalog_, folder_, width_, snapshot_.get());
  }
  return snapshot_;
}

std::shared_ptr<const Snapshot> IndexReader::newest() {
  const std::lock_guard lock(mutex_);
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  return refresh();
}

int64_t IndexReader::size() { return newest()->size; }

bool IndexReader::contains(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return catalog_.contains(key);
}

std::vector<std::vector<IndexHit>> IndexReader::search(std::span<const float> queries, int64_t k) {
  if (k < 1) {
    throw Error(ErrorCode::kInput, "search: k is " + std::to_string(k) + ", expected at least 1");
  }
  const auto unit = unit_vectors(queries, width_, "query");
  // The vectors are compared without a lock, so that many can search while one writes. A hit that
  // was removed meanwhile shows by its id being gone: then the newer state is searched instead.
  constexpr int kFreeAttempts = 3;
  for (int attempt = 0; attempt < kFreeAttempts; ++attempt) {
    const auto found = find_candidates(*newest(), unit, k, threads_);
    const std::lock_guard lock(mutex_);
    const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
    if (auto hits = fetch(found, k)) return *std::move(hits);
  }
  // A writer that replaces the best hits faster than we search waits for this one.
  const std::lock_guard lock(mutex_);
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  auto hits = fetch(find_candidates(*refresh(), unit, k, threads_), k);
  if (!hits) throw Error(ErrorCode::kInternal, folder_.string() + ": an item left during a search");
  return *std::move(hits);
}

std::optional<IndexReader::Hits> IndexReader::fetch(const Found& found, int64_t k) {
  Hits result;
  for (const auto& candidates : found) {
    auto& hits = result.emplace_back();
    for (const Candidate& candidate : candidates) {
      auto hit = catalog_.item(candidate.id);
      if (!hit) return std::nullopt;
      hit->score = candidate.score;
      hits.push_back(*std::move(hit));
    }
    std::sort(hits.begin(), hits.end(), [](const IndexHit& a, const IndexHit& b) {
      return a.score != b.score ? a.score > b.score : a.key < b.key;
    });
    if (hits.size() > static_cast<size_t>(k)) hits.resize(static_cast<size_t>(k));
  }
  return result;
}

void IndexReader::verify() {
  const std::lock_guard lock(mutex_);
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  catalog_.check_integrity();
  for (const auto& segment : refresh()->segments) segment->file->verify();
}

std::vector<float> unit_vectors(std::span<const float> vectors, int64_t width,
                                const std::string& what) {
  const auto size = static_cast<size_t>(width);
  if (vectors.size() % size != 0 || vectors.empty()) {
    throw Error(ErrorCode::kInput, what + " has " + std::to_string(vectors.size()) +
                                       " values, the index has width " + std::to_string(width));
  }
  std::vector<float> result(vectors.begin(), vectors.end());
  for (size_t begin = 0; begin < result.size(); begin += size) {
    double square = 0;
    for (size_t d = begin; d < begin + size; ++d) {
      if (!std::isfinite(result[d])) {
        throw Error(ErrorCode::kInput, what + " holds " +
                                           (std::isnan(result[d]) ? "NaN" : "infinity") +
                                           " at position " + std::to_string(d - begin));
      }
      square += double{result[d]} * result[d];
    }
    if (square == 0) throw Error(ErrorCode::kInput, what + " is zero: it has no direction");
    const double scale = 1 / std::sqrt(square);
    for (size_t d = begin; d < begin + size; ++d) result[d] = static_cast<float>(result[d] * scale);
  }
  return result;
}

}  // namespace braid
