// The searching half of an index: its own connection, and the newest state it has seen.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "braid/index/catalog.h"
#include "braid/index/snapshot.h"

namespace braid {

// Any call from any thread.
class IndexReader {
 public:
  IndexReader(const std::filesystem::path& folder, const IndexOptions& options);

  const IndexOrigin& origin() const { return origin_; }
  int64_t width() const { return width_; }
  int64_t size();
  bool contains(const std::string& key);
  std::vector<std::vector<IndexHit>> search(std::span<const float> queries, int64_t k);  // [Q, D]
  void verify();

 private:
  using Found = std::vector<std::vector<Candidate>>;
  using Hits = std::vector<std::vector<IndexHit>>;

  std::shared_ptr<const Snapshot> refresh();                 // mutex_ held, inside a transaction
  std::optional<Hits> fetch(const Found& found, int64_t k);  // nothing: an item is gone by now
  std::shared_ptr<const Snapshot> newest();

  std::filesystem::path folder_;
  int64_t threads_;
  std::mutex mutex_;  // over catalog_ and snapshot_
  Catalog catalog_;
  IndexOrigin origin_;
  int64_t width_;
  std::shared_ptr<const Snapshot> snapshot_;
};

// `vectors` [N, D], each scaled to length 1. Throws Error(kInput) for a size that is no multiple of
// `width`, NaN, infinity, a zero vector; `what` names them ("query").
std::vector<float> unit_vectors(std::span<const float> vectors, int64_t width,
                                const std::string& what);

}  // namespace braid
