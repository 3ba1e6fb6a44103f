// A folder of folders of pictures: the first folder's name is the class, deeper ones are no matter.
// Where the first folders are named as splits are (train, val, test), the second are the classes.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/data/layout/file_tree.h"
#include "braid/data/layout/layout.h"
#include "braid/data/layout/tree_columns.h"

namespace braid {
namespace {

class Classes final : public Table {
 public:
  explicit Classes(const TableInput& input) : path_(input.path), tree_(input.path) {
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      if (!media_column(tree_.name(i)).empty()) rows_.push_back(i);
    }
    if (rows_.empty()) refuse("no picture, sound or video in it");
    by_split_ = std::all_of(rows_.begin(), rows_.end(),
                            [&](uint32_t i) { return !split_of_file(tree_.name(i)).empty(); });
    for (const uint32_t i : rows_) {
      if (class_of(tree_.name(i)).empty()) {
        refuse(std::string(tree_.name(i)) + " lies in no class folder, expected CLASS/name" +
               std::string(by_split_ ? " below the folder of a split" : ""));
      }
    }
  }

  int64_t size() const override { return static_cast<int64_t>(rows_.size()); }

  Row row(int64_t i) const override {
    const auto name = name_of(i);
    const std::string label(class_of(name));
    std::string words = label;
    std::replace(words.begin(), words.end(), '_', ' ');
    std::replace(words.begin(), words.end(), '-', ' ');
    Row row = Row::object();
    row[media_column(name)] = std::string(name);
    row["label"] = label;
    row["text"] = words;
    if (by_split_) row["split"] = split_of_file(name);
    return row;
  }

  std::string mark(int64_t i) const override { return "/" + std::string(name_of(i)); }

  std::string content_hash() const override {
    std::string all;
    for (int64_t i = 0; i < size(); ++i) all += std::string(name_of(i)) + "\n";
    return braid::content_hash(all);
  }

  bool has_splits() const override { return by_split_; }

 private:
  // Up to the first slash; "" where there is none.
  static std::string_view first_part(std::string_view name) {
    const size_t slash = name.find('/');
    return slash == name.npos ? std::string_view() : name.substr(0, slash);
  }

  std::string_view class_of(std::string_view name) const {
    return first_part(by_split_ ? name.substr(name.find('/') + 1) : name);
  }

  std::string_view name_of(int64_t i) const { return tree_.name(rows_.at(static_cast<size_t>(i))); }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::kInput, path_.string() + ": " + what);
  }

  std::filesystem::path path_;
  FileTree tree_;
  std::vector<uint32_t> rows_;  // files of the tree
  bool by_split_ = false;
};

}  // namespace

std::unique_ptr<Table> make_classes(const TableInput& input) {
  return std::make_unique<Classes>(input);
}

}  // namespace braid
