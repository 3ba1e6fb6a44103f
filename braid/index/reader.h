// The searching half of an index: its own connection, and the newest state it has seen.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "braid/index/candidates.h"
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
  IndexInfo info();
  bool contains(const std::string& key);
  std::string property(const std::string& name);
  void visit(const std::function<void(const IndexEntry&)>& visitor);
  std::vector<std::vector<IndexHit>> search(std::span<const float> queries,  // [Q, D]
                                            const SearchOptions& options);
  void verify();

 private:
  using Found = std::vector<std::vector<Candidate>>;
  using Hits = std::vector<std::vector<IndexHit>>;
  // What a search looks at: one state, and the rows of it that pass the filter.
  struct View {
    std::shared_ptr<const Snapshot> snapshot;
    std::shared_ptr<const RowMasks> masks;  // null: no filter
  };

  // These four: mutex_ held, inside a transaction.
  std::shared_ptr<const Snapshot> refresh();
  View view(const SearchOptions& options);
  std::shared_ptr<const RowMasks> masks_for(const std::string& where, const Snapshot& snapshot);
  std::optional<Hits> fetch(const Found& found, int64_t k);  // nothing: an item is gone by now

  Found find(const View& view, const std::vector<float>& queries, const SearchOptions& options);

  std::filesystem::path folder_;
  int64_t threads_;
  std::mutex mutex_;  // over what follows
  Catalog catalog_;
  IndexOrigin origin_;
  int64_t width_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::map<std::string, std::shared_ptr<const RowMasks>> masks_;  // of snapshot_, by filter
};

// `vectors` [N, D], each scaled to length 1. Throws Error(kInput) for a size that is no multiple of
// `width`, NaN, infinity, a zero vector; `what` names them ("query").
std::vector<float> unit_vectors(std::span<const float> vectors, int64_t width,
                                const std::string& what);

}  // namespace braid
