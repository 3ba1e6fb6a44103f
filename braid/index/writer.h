// The changing half of an index: each call is one SQLite transaction, segment files before commit.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "braid/index/catalog.h"

namespace braid {

// One thread at a time.
class IndexWriter {
 public:
  IndexWriter(const std::filesystem::path& folder, int64_t width, const IndexOptions& options);

  void add(std::span<const IndexItem> items);
  int64_t remove(std::span<const std::string> keys);
  void compact();
  void build(IndexKind kind);
  bool refresh();
  void set_property(const std::string& name, const std::string& value);

 private:
  class Change;

  bool is_whole(const SegmentInfo& segment, IndexKind kind);

  std::filesystem::path folder_;
  int64_t width_;
  int64_t threads_;
  Catalog catalog_;
  bool clean_ = false;  // no files of killed writers are left
};

}  // namespace braid
