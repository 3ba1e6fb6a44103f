// Rows of a data set in any layout, seen through the fields of a recipe.
//
// A row is one sample: a line of a manifest, a group of members of a tar, a file of a folder. A
// field reads one or more columns (dotted paths reach into nested JSON). A cell is missing (absent,
// null, empty text), one value, or a list of values. A value of text is the text itself; a value of
// a file modality (image) is, in this order: `some.tar#member` or `array#row`; a member of the tar
// that the sample comes from; a member of the tar that the row's `<column>_shard` or `shard` names;
// a file, relative to the manifest; a member of `<manifest's stem>.tar` or `<split>.tar` beside it.
//
// Of a series, a cell may hold the value itself (JSON, lines of text, a number), and several columns
// of a source make one value; those that a row lacks are left out.
// Of a table, all columns of a source make one value: the JSON object of their cells as texts, null
// where missing; a row without any has no value. `tabular.*` stands for every cell below `tabular`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/core/file.h"
#include "braid/modality/modality.h"

namespace braid {

// `data:` of a recipe.
struct DataConfig {
  std::vector<std::string> manifest;  // files, folders, ranges; relative to the recipe
  std::string layout = "auto";        // or one of layout_names()
  std::string split_column;           // a column that names the split, or
  std::map<std::string, std::vector<std::string>> files;  // split -> manifests, or
  std::map<std::string, double> hash;                     // split -> share, by a hash of `key`
  std::string key;  // column that identifies a row; default: the row number
  std::map<std::string, std::string> rename;  // our column -> the manifest's (filepath, title)
  std::string root;                           // folder that file names start from
  std::vector<std::string> allow_roots;       // folders outside the manifest's that rows may name
  std::vector<std::string> text_files;        // text columns whose values name files
  bool keep_unpaired = false;                 // pictures without text are rows with a gap
  std::optional<int64_t> shuffle_buffer;      // rows shuffled at a time
  double max_bad = 0.01;                      // share of unreadable samples that training tolerates
  int64_t max_row_bytes = 1 << 20;            // one manifest row
  int64_t table_mb = 512;                     // cells kept in memory
  bool may_lack_columns = false;  // of fields: missing values then; no key of recipes
};

template <class Field>
void visit(Field&& field, DataConfig& c) {
  field("manifest", c.manifest,
        "files or folders of any layout, ranges (`x-{000..012}.tar`) too, relative to the recipe");
  field("layout", c.layout,
        "auto, or: manifest, shards, pairs, classes, coco, karpathy, vqa, arrays (docs/data.md)");
  field("split_column", c.split_column, "column that names a row's split");
  field("files", c.files,
        "split -> manifest, or a list of them, instead of manifest + split_column");
  field("hash", c.hash, "split -> share, drawn by a hash of the key column");
  field("key", c.key, "column that identifies a row (default: file and row number)");
  field("rename", c.rename, "our column -> the manifest's column");
  field("root", c.root, "folder that file names start from (default: the manifest's folder)");
  field("allow_roots", c.allow_roots, "folders outside the manifest's folder that rows may name");
  field("text_files", c.text_files, "columns whose values name files that hold the text");
  field("keep_unpaired", c.keep_unpaired,
        "take pictures without a text as rows with a gap, instead of refusing them");
  field("shuffle_buffer", c.shuffle_buffer,
        "rows shuffled at a time, files in random order (default: all; compressed tars: 1000)");
  field("max_bad", c.max_bad, closed(0.0, 1.0), "share of unreadable samples tolerated");
  field("max_row_bytes", c.max_row_bytes, closed<int64_t>(1, int64_t{1} << 30),
        "limit of one manifest row");
  field("table_mb", c.table_mb, at_least<int64_t>(0),
        "cells kept in memory; of a larger table they are read again when asked for");
}

// How one field of the recipe reads rows.
struct FieldSource {
  std::string field;     // "text"
  std::string modality;  // "text", "table": values inline; "image": values name files
  // Label (language) -> columns read together; label "" when the recipe names none.
  std::vector<std::pair<std::string, std::vector<std::string>>> columns;
  std::vector<std::string> missing = {};  // texts of a table's cells that stand for no value
};

// One value before decoding: inline text, or where the bytes lie.
struct ValuePart;
struct Value {
  std::string text;            // inline text, or the path as the manifest has it
  std::filesystem::path file;  // empty = inline
  std::string member;          // inside `file`: of a tar, a row of an array; empty = all of it
  // Values of several columns that make this one (modality/parts.h); else null.
  std::shared_ptr<const std::vector<ValuePart>> parts = nullptr;
};

struct ValuePart {
  std::string column;
  Value value;
};

// Rows that lie one after another in one source.
struct Stream {
  int64_t first_row = 0;
  std::string layout;  // "shards"
  std::filesystem::path path;
  bool in_order_only = false;  // files are cheap to read in the order of rows only
};

class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual int64_t size() const = 0;
  virtual std::string key(int64_t row) const = 0;           // unique, stable
  virtual const std::string& split(int64_t row) const = 0;  // "" when the data has no splits
  virtual std::vector<int64_t> rows(const std::string& split) const = 0;  // "" = all
  virtual std::vector<std::string> splits() const = 0;

  // Values of one field and source, in the order of columns and lists; empty = missing.
  // Throws Error(kInput) naming manifest and line for a path outside the allowed roots.
  virtual std::vector<Value> values(int64_t row, size_t field, size_t source) const = 0;

  // One plain column (dotted), as texts; empty = missing. For filters and metadata.
  virtual std::vector<std::string> column(int64_t row, const std::string& name) const = 0;
  virtual std::string row_json(int64_t row) const = 0;  // the whole row, one JSON object
  virtual std::string where(int64_t row) const = 0;     // "train.jsonl:17"

  virtual const std::vector<FieldSource>& fields() const = 0;
  virtual std::string fingerprint() const = 0;  // content hash of the manifests and the splits

  virtual std::vector<Stream> streams() const = 0;  // by first_row
  // Rows shuffled at a time, where training must not jump about in a stream.
  virtual std::optional<int64_t> shuffle_buffer() const = 0;
};

// Bytes of a value; `limit` as Modality::max_bytes. Throws Error(kNotFound, kLimit, kInput). Many
// threads.
Bytes fetch(const Value& value, uint64_t limit);

// What is wrong with a value, led by its name unless that is in it, or the value is inline text.
std::string naming(const Value& value, const std::string& problem);

// Hash of a value's bytes, never 0 (which stands for missing).
uint64_t value_key(std::span<const std::byte> bytes);

// `base` is the folder that relative manifest paths start from (the recipe's). Throws
// Error(kConfig) for columns that no row has (naming the nearest), Error(kInput) with file:line for
// a bad row.
std::unique_ptr<Dataset> open_dataset(const DataConfig& config,
                                      const std::vector<FieldSource>& fields,
                                      const std::filesystem::path& base);

}  // namespace braid
