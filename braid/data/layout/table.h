// Rows of one source, whatever its layout: a manifest, a shard, a folder of pictures.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "braid/data/cell.h"

namespace braid {

struct TableInput {
  std::filesystem::path path;  // as data.manifest names it, from the working folder
  int64_t max_row_bytes = 1 << 20;
  bool keep_unpaired = false;  // a picture without its text is a row with a gap, not an error
};

// What is wrong with the source as a whole is thrown at opening. Methods are const and may be
// called from many threads.
class Table {
 public:
  virtual ~Table() = default;

  virtual int64_t size() const = 0;

  // Throws Error(kInput) with path and place for a row that is not what it should be.
  virtual Row row(int64_t i) const = 0;

  // Where row `i` stands, to be put behind the source's name: ":17" a line, "#000017" a sample.
  // Unique in the table.
  virtual std::string mark(int64_t i) const = 0;

  virtual std::string content_hash() const = 0;  // of rows, not of the files they name

  // File values are members of the source itself: of the tar that it is.
  virtual bool holds_files() const { return false; }
  // Files are cheap to read in the order of rows only: a compressed tar.
  virtual bool in_order_only() const { return false; }
  // Every row has a column `split` that the layout itself gives.
  virtual bool has_splits() const { return false; }
};

}  // namespace braid
