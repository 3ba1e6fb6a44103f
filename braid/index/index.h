// An index: vectors with keys and metadata, searched by cosine similarity; a folder on disk.
//
//   x.index/index.sqlite     items and segments: the single commit point
//   x.index/segment-N.bin    unit vectors [n, D] float32, never changed once named in SQLite
//
// A kill at any time leaves the state before or after the last call. Bound to the run whose encoders
// made its vectors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
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
  std::string key;            // unique; adding it again replaces the item
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
  double score;  // cosine
};

class Index {
 public:
  virtual ~Index() = default;
  virtual const IndexOrigin& origin() const = 0;
  virtual int64_t width() const = 0;  // D
  virtual int64_t size() const = 0;   // live items

  // One transaction: all or nothing. Throws Error(kInput) for a wrong width, NaN, zero vector.
  virtual void add(std::span<const IndexItem> items) = 0;
  virtual int64_t remove(std::span<const std::string> keys) = 0;  // number removed
  virtual bool contains(const std::string& key) const = 0;

  // Best first; equal scores by key. `query` [D] need not be unit. Many threads.
  virtual std::vector<IndexHit> search(std::span<const float> query, int64_t k) const = 0;

  virtual void compact() = 0;  // rewrites segments without removed vectors
};

// Throws Error(kState) if `folder` exists and is not empty, Error(kIo).
std::unique_ptr<Index> create_index(const std::filesystem::path& folder, const IndexOrigin& origin, int64_t width);
// Throws Error(kNotFound), Error(kInput) for a damaged one (what, where).
std::unique_ptr<Index> open_index(const std::filesystem::path& folder);

}  // namespace braid
