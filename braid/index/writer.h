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

 private:
  class Change;

  std::filesystem::path folder_;
  int64_t width_;
  Catalog catalog_;
  bool clean_ = false;  // no files of killed writers are left
};

}  // namespace braid
