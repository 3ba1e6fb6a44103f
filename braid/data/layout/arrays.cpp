// Array files as tables: row i of every array is sample i.
//   IDX:  `image` (or `values`), and `label` from the file beside it that is named alike
//         (train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz)
//   .npy: `image` (or `values`);  .npz: a column an array
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/data/array_file.h"
#include "braid/data/layout/layout.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

// The file of labels that belongs to one of pictures, or "".
fs::path labels_beside(const fs::path& images) {
  std::string name = images.filename().string();
  const size_t at = name.find("images");
  if (at == name.npos) return {};
  name.replace(at, 6, "labels");
  if (const size_t axes = name.find("idx3"); axes != name.npos) name.replace(axes, 4, "idx1");
  const bool packed = name.ends_with(".gz");
  const auto other = packed ? name.substr(0, name.size() - 3) : name + ".gz";
  for (const auto& one : {name, other}) {
    std::error_code problem;
    const auto path = images.parent_path() / one;
    if (fs::is_regular_file(path, problem)) return path;
  }
  return {};
}

class Arrays final : public Table {
 public:
  explicit Arrays(const TableInput& input) : path_(input.path) {
    add_file(input.path);
    const auto labels = labels_beside(input.path);
    if (!labels.empty()) add_file(labels);
    for (const auto& column : columns_) {
      const auto& shape = column.array.shape();
      const int64_t rows = shape.empty() ? 0 : shape[0];
      if (&column == &columns_[0]) rows_ = rows;
      if (rows == rows_ && rows > 0) continue;
      throw Error(ErrorCode::kInput,
                  path_.string() + ": array '" + column.name + "' has shape " + shape_text(shape) +
                      ", expected " + std::to_string(rows_) + " rows as '" + columns_[0].name +
                      "' has (name single rows in a manifest instead: FILE#ARRAY#ROW)");
    }
  }

  int64_t size() const override { return rows_; }

  Row row(int64_t i) const override {
    Row row = Row::object();
    for (const auto& column : columns_) {
      const auto text = number_row_text(column.array, i);
      row[column.name] = text.empty() ? column.reference + std::to_string(i) : text;
    }
    return row;
  }

  std::string mark(int64_t i) const override { return "#" + std::to_string(i); }

  std::string content_hash() const override {
    std::string all;
    for (const auto& file : files_) all += file_hash(file);
    return braid::content_hash(all);
  }

 private:
  struct Column {
    std::string name;
    std::string reference;  // "train-images-idx3-ubyte.gz#"
    Array array;
  };

  void add_file(const fs::path& file) {
    files_.push_back(file);
    const auto arrays = array_file(file);
    for (const auto& [name, array] : arrays->arrays()) {
      const bool picture = is_picture_array(array);
      std::string column = name;
      if (column.empty()) column = files_.size() > 1 ? "label" : picture ? "image" : "values";
      const auto reference = file.filename().string() + "#" + (name.empty() ? "" : name + "#");
      columns_.push_back({column, reference, array});
    }
  }

  fs::path path_;
  std::vector<fs::path> files_;
  std::vector<Column> columns_;
  int64_t rows_ = 0;
};

}  // namespace

std::unique_ptr<Table> make_arrays(const TableInput& input) {
  return std::make_unique<Arrays>(input);
}

}  // namespace braid
