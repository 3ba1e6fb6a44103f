// A folder of pictures (sounds, videos), each with its text beside it in a .txt of the same name.
// Every line of the .txt that is not blank is one text.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/data/layout/file_tree.h"
#include "braid/data/layout/layout.h"
#include "braid/data/layout/sample_group.h"
#include "braid/data/layout/tree_columns.h"

namespace braid {
namespace {

constexpr uint32_t kNoText = UINT32_MAX;

class Pairs final : public Table {
 public:
  explicit Pairs(const TableInput& input) : input_(input), tree_(input.path) {
    std::unordered_map<std::string_view, uint32_t> texts;  // by stem
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      if (tree_.name(i).ends_with(".txt")) texts.emplace(stem_of(tree_.name(i)), i);
    }
    std::unordered_map<std::string_view, uint32_t> seen;
    for (uint32_t i = 0; i < tree_.size(); ++i) {
      if (media_column(tree_.name(i)).empty()) continue;
      const auto stem = stem_of(tree_.name(i));
      const auto text = texts.find(stem);
      if (const auto [first, fresh] = seen.emplace(stem, i); !fresh) {
        refuse(std::string(tree_.name(first->second)) + " and " + std::string(tree_.name(i)) +
               " share one name: which of them does the text describe?");
      }
      if (text == texts.end() && !input.keep_unpaired) {
        refuse(std::string(tree_.name(i)) + " has no " + std::string(stem) +
               ".txt beside it (data.keep_unpaired takes it with a gap)");
      }
      rows_.push_back({i, text == texts.end() ? kNoText : text->second});
    }
    check_texts(texts, seen);
    if (rows_.empty()) refuse("no picture, sound or video in it");
    by_split_ = std::all_of(rows_.begin(), rows_.end(), [&](const Pair& pair) {
      return !split_of_file(tree_.name(pair.file)).empty();
    });
  }

  int64_t size() const override { return static_cast<int64_t>(rows_.size()); }

  Row row(int64_t i) const override {
    const auto& [file, text] = rows_.at(static_cast<size_t>(i));
    Row row = Row::object();
    row[media_column(tree_.name(file))] = std::string(tree_.name(file));
    row["text"] = Row();
    if (by_split_) row["split"] = split_of_file(tree_.name(file));
    if (text == kNoText) return row;
    const auto path = input_.path / tree_.name(text);
    const auto limit = static_cast<uint64_t>(input_.max_row_bytes);
    row["text"] = text_cell(read_text(path, limit), path.string());
    return row;
  }

  std::string mark(int64_t i) const override {
    return "/" + std::string(tree_.name(rows_.at(static_cast<size_t>(i)).file));
  }

  std::string content_hash() const override {
    std::string all;
    for (int64_t i = 0; i < size(); ++i) all += braid::content_hash(row(i).dump());
    return braid::content_hash(all);
  }

  bool has_splits() const override { return by_split_; }

 private:
  struct Pair {
    uint32_t file, text;
  };

  // A text of its own is no error where the folder's texts are notes: only one that looks like the
  // other half of a pair would be missed, and a folder has no notes but at its top.
  void check_texts(const std::unordered_map<std::string_view, uint32_t>& texts,
                   const std::unordered_map<std::string_view, uint32_t>& seen) const {
    if (input_.keep_unpaired) return;
    std::string first;
    for (const auto& [stem, i] : texts) {
      const std::string name(tree_.name(i));
      if (!seen.contains(stem) && !is_note(name) && (first.empty() || name < first)) first = name;
    }
    if (first.empty()) return;
    refuse(first + " has no picture of the same name (data.keep_unpaired leaves it out)");
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::kInput, input_.path.string() + ": " + what);
  }

  TableInput input_;
  FileTree tree_;
  std::vector<Pair> rows_;
  bool by_split_ = false;
};

}  // namespace

std::unique_ptr<Table> make_pairs(const TableInput& input) {
  return std::make_unique<Pairs>(input);
}

}  // namespace braid
