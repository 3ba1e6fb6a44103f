// Karpathy splits: {"images": [{"filename", "filepath"?, "split", "sentences": [{"raw"}], ...}]}.
// A row is an image: `image` (filepath/filename), `text` (its raw sentences), `split`, and the
// plain keys. As everybody does, `restval` counts as train.
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/data/layout/json_lists.h"
#include "braid/data/layout/layout.h"
#include "braid/data/layout/row_pool.h"

namespace braid {
namespace {

class Karpathy final : public Table {
 public:
  explicit Karpathy(const TableInput& input)
      : path_(input.path.string()), keep_unpaired_(input.keep_unpaired) {
    const std::string text = read_text(input.path, kMaxJsonBytes);
    hash_ = braid::content_hash(std::string_view(text));
    visit_json_lists(text, path_, [&](const std::string& list, const Row& element) {
      if (list == "images") add_image(element);
      return true;
    });
    if (rows_.size() == 0) refuse("no list 'images' with an image in it");
  }

  int64_t size() const override { return rows_.size(); }
  Row row(int64_t i) const override { return rows_.row(i); }
  std::string mark(int64_t i) const override {
    return "#" + rows_.row(i).at("image").get<std::string>();
  }
  std::string content_hash() const override { return hash_; }
  bool has_splits() const override { return true; }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::kInput, path_ + ": " + what);
  }

  void add_image(const Row& element) {
    const auto what = "image " + std::to_string(rows_.size() + 1);
    const auto text_of = [&](const char* key) {
      return element_text(element, key, path_ + ": " + what);
    };
    const auto folder = text_of("filepath"), name = text_of("filename"), split = text_of("split");
    if (name.empty()) refuse(what + " has no 'filename'");
    if (split.empty()) refuse(what + " (" + name + ") has no 'split'");
    Row row = Row::object();
    row["image"] = folder.empty() ? name : folder + "/" + name;
    if (!files_.insert(row["image"].get<std::string>()).second)
      refuse(row["image"].get<std::string>() + " stands twice");
    row["text"] = sentences(element, what + " (" + name + ")");
    row["split"] = split == "restval" ? "train" : split;
    for (const auto& [key, value] : element.items()) {
      if (!value.is_structured() && !row.contains(key)) row[key] = value;
    }
    rows_.append(row);
  }

  Row sentences(const Row& element, const std::string& what) const {
    Row texts = Row::array();
    const auto found = element.find("sentences");
    if (found != element.end() && found->is_array()) {
      for (const auto& sentence : *found) {
        if (!sentence.is_object() || !sentence.contains("raw"))
          refuse(what + ": a sentence without 'raw'");
        texts.push_back(element_text(sentence, "raw", path_ + ": " + what));
      }
    }
    if (texts.empty() && !keep_unpaired_)
      refuse(what + " has no sentences (data.keep_unpaired takes it with a gap)");
    return texts;
  }

  std::string path_, hash_;
  bool keep_unpaired_;
  RowPool rows_;
  std::unordered_set<std::string> files_;
};

}  // namespace

std::unique_ptr<Table> make_karpathy(const TableInput& input) {
  return std::make_unique<Karpathy>(input);
}

}  // namespace braid
