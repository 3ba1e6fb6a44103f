// An index: vectors with keys and metadata, searched by cosine similarity; a folder on disk.
//
//   x.index/index.sqlite     items and segments: the single commit point
//   x.index/segment-N.bin    unit vectors [n, D] float32, never changed once named in SQLite
//   x.index/segment-N.ann    a graph or clusters over them, where the index is not exact
//
// A kill at any time leaves the state before or after the last call. One writer at a time, any
// number of readers in any processes; each call sees one committed state. Bound to the run whose
// encoders made its vectors. Format and guarantees: docs/index.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace braid {

// How the rows to score are found; scores and filters are exact in every kind.
enum class IndexKind {
  kExact,  // all of them
  kHnsw,   // a graph of neighbours: fastest, most memory
  kIvf,    // clusters: quicker to build, little memory
};

const char* index_kind_name(IndexKind kind);    // "exact", "hnsw", "ivf"
IndexKind index_kind(const std::string& name);  // throws Error(kUsage) naming the nearest

// Which model the vectors come from.
struct IndexOrigin {
  std::string run_id;
  std::string weights_hash;  // content hash of model.safetensors
  std::string run_path;      // relative to the index folder, or absolute
};

struct IndexItem {
  std::string key;            // unique, not empty; adding it again replaces the item
  std::string field;          // "image": which encoder made the vector
  std::string metadata;       // one JSON object (the manifest's row)
  std::string file;           // where the item's bytes are, for pictures in pages; may be empty
  std::vector<float> vector;  // [D]; normalised on entry
};

struct IndexHit {
  std::string key;
  std::string field;
  std::string metadata;
  std::string file;
  double score;  // cosine, summed in float32
};

// An item that visit() hands out, valid during the call.
struct IndexEntry {
  const std::string& key;
  const std::string& field;
  const std::string& metadata;
  const std::string& file;
  std::span<const float> vector;  // [D], unit
};

struct SearchOptions {
  int64_t k = 10;
  std::string where;   // "class = dog and year >= 2010" (index/filter.h); "" = all items
  bool exact = false;  // score every row, whatever the kind
};

struct IndexInfo {
  IndexKind kind = IndexKind::kExact;
  int64_t size = 0;  // live items
  int64_t segments = 0;
  int64_t rows = 0;        // room taken: live items and removed ones
  int64_t loose_rows = 0;  // of them under no graph or clusters yet: scored one by one
  double recall = 1;       // recall@10 against exact, as measured when it was built
  int64_t bytes = 0;       // of its files
};

struct IndexOptions {
  int64_t threads = 0;     // for one search or build; 0: as many as the machine has
  int64_t wait_ms = 5000;  // for another process's lock, then Error(kState)
};

// Any call from any thread. All throw Error(kState) when another process keeps writing past the
// wait, Error(kInput) naming the file for a damaged index, Error(kIo).
class Index {
 public:
  virtual ~Index() = default;
  virtual const IndexOrigin& origin() const = 0;
  virtual int64_t width() const = 0;  // D
  virtual int64_t size() const = 0;   // live items
  virtual IndexInfo info() const = 0;

  // One transaction: all or nothing. Of a key given twice the last counts. Throws Error(kInput)
  // naming the key for a wrong width, NaN, a zero vector, metadata that is no JSON object.
  virtual void add(std::span<const IndexItem> items) = 0;
  virtual int64_t remove(std::span<const std::string> keys) = 0;  // number removed
  virtual bool contains(const std::string& key) const = 0;
  // Every item of one committed state, in the order of keys. The visitor must not use the index.
  virtual void visit(const std::function<void(const IndexEntry&)>& visitor) const = 0;

  // For each row of `queries` [Q, D], which need not be unit: best first; equal scores by key;
  // fewer than k when fewer items pass. Many threads. Throws Error(kInput) for a wrong width, NaN,
  // a zero vector, k < 1, and for a missing or damaged graph unless `exact`; Error(kUsage) for a
  // filter that cannot be read or names a column that no item has.
  virtual std::vector<std::vector<IndexHit>> search_many(std::span<const float> queries,
                                                         const SearchOptions& options) const = 0;
  std::vector<IndexHit> search(std::span<const float> query, const SearchOptions& options) const;
  std::vector<IndexHit> search(std::span<const float> query, int64_t k) const;
  std::vector<std::vector<IndexHit>> search_many(std::span<const float> queries, int64_t k) const;

  // Rewrites the segments as one, without removed vectors, as the kind it is.
  virtual void compact() = 0;
  // The same as another kind, which it stays.
  virtual void build(IndexKind kind) = 0;
  // After many changes: brings loose rows under a graph or clusters of their own when they are many
  // (docs/index.md says when); true if it changed the index. Exact indexes need none.
  virtual bool refresh() = 0;
  virtual void verify() const = 0;  // reads everything, throws Error(kInput) for any damage

  // A word that a user of the index keeps in it; "" when it was never set.
  virtual std::string property(const std::string& name) const = 0;
  virtual void set_property(const std::string& name, const std::string& value) = 0;
};

// Appears whole or not at all. Throws Error(kState) if `folder` exists and is not empty,
// Error(kIo), Error(kInput) for a width outside 1 .. 2^20.
std::unique_ptr<Index> create_index(const std::filesystem::path& folder, const IndexOrigin& origin,
                                    int64_t width, const IndexOptions& options = {});
// Throws Error(kNotFound), Error(kInput) for a damaged one (what, where).
std::unique_ptr<Index> open_index(const std::filesystem::path& folder,
                                  const IndexOptions& options = {});

}  // namespace braid
