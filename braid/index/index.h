// An index: vectors with keys and metadata, searched by cosine similarity; a folder on disk.
//
//   x.index/index.sqlite     items and segments: the single commit point
//   x.index/segment-N.bin    unit vectors [n, D] float32, never changed once named in SQLite
//
// A kill at any time leaves the state before or after the last call. One writer at a time, any
// number of readers in any processes; each call sees one committed state. Bound to the run whose
// encoders made its vectors. Format and guarantees: docs/index.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace braid {

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

struct IndexOptions {
  int64_t threads = 0;     // for one search; 0: as many as the machine has
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

  // One transaction: all or nothing. Of a key given twice the last counts. Throws Error(kInput)
  // naming the key for a wrong width, NaN, a zero vector, metadata that is no JSON object.
  virtual void add(std::span<const IndexItem> items) = 0;
  virtual int64_t remove(std::span<const std::string> keys) = 0;  // number removed
  virtual bool contains(const std::string& key) const = 0;

  // Best first; equal scores by key; fewer than `k` when the index holds fewer. `query` [D] need
  // not be unit. Many threads. Throws Error(kInput) for a wrong width, NaN, a zero vector, k < 1.
  virtual std::vector<IndexHit> search(std::span<const float> query, int64_t k) const = 0;
  // One list for each row of `queries` [Q, D]: what search gives for each, sooner.
  virtual std::vector<std::vector<IndexHit>> search_many(std::span<const float> queries,
                                                         int64_t k) const = 0;

  virtual void compact() = 0;       // rewrites the segments as one, without removed vectors
  virtual void verify() const = 0;  // reads everything, throws Error(kInput) for any damage
};

// Appears whole or not at all. Throws Error(kState) if `folder` exists and is not empty,
// Error(kIo), Error(kInput) for a width outside 1 .. 2^20.
std::unique_ptr<Index> create_index(const std::filesystem::path& folder, const IndexOrigin& origin,
                                    int64_t width, const IndexOptions& options = {});
// Throws Error(kNotFound), Error(kInput) for a damaged one (what, where).
std::unique_ptr<Index> open_index(const std::filesystem::path& folder,
                                  const IndexOptions& options = {});

}  // namespace braid
