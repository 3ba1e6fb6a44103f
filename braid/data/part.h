// One source of a data set - a table - with the folders that its rows may name and the tars beside
// it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "braid/data/dataset.h"
#include "braid/data/layout/layout.h"
#include "braid/data/path_guard.h"

namespace braid {

class Part {
 public:
  // `split` as data.files names it, or "". `root` is where file names start; empty = the source's
  // own folder. Throws as make_table and PathGuard.
  Part(std::string split, Source source, const TableInput& input, const std::filesystem::path& root,
       const std::vector<std::filesystem::path>& more_roots);

  const std::string& split() const { return split_; }
  const Source& source() const { return source_; }
  const Table& table() const { return *table_; }
  std::string where(int64_t i) const { return source_.name + table_->mark(i); }
  std::string place_of(int64_t i) const;  // "/data/train.jsonl:17", for errors at opening

  // Looks for `<stem>.tar` and `<split>.tar` beside the manifest; before the first locate().
  void find_tars(const std::vector<std::string>& splits);

  // Turns the text of a file value into where its bytes lie: `tar#member` or `array#row`, a member
  // of `shard` ("" = none), a member of the source itself, a file, or a member of the tar beside
  // the manifest. Throws Error(kInput) for a path outside the allowed folders. Many threads.
  void locate(std::string_view shard, const std::string& split, Value& value) const;

 private:
  std::string split_;
  Source source_;
  std::unique_ptr<Table> table_;
  PathGuard guard_;
  std::map<std::string, std::filesystem::path> tars_;  // by split
};

}  // namespace braid
