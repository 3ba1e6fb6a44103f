// COCO captions: {"images": [{"id", "file_name", ...}], "annotations": [{"image_id", "caption"}]}.
// A row is an image: its keys, `image` (the file name) and `text`, the list of its captions in the
// order of the annotations.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/data/layout/json_lists.h"
#include "braid/data/layout/layout.h"
#include "braid/data/layout/row_pool.h"

namespace braid {
namespace {

class Coco final : public Table {
 public:
  explicit Coco(const TableInput& input)
      : path_(input.path.string()),
        max_row_bytes_(static_cast<size_t>(input.max_row_bytes)),
        keep_unpaired_(input.keep_unpaired) {
    const std::string text = read_text(input.path, kMaxJsonBytes);
    hash_ = braid::content_hash(std::string_view(text));
    visit_json_lists(text, path_, [&](const std::string& list, const Row& element) {
      if (list == "images") add_image(element);
      if (list == "annotations") add_caption(element);
      return true;
    });
    if (images_.size() == 0) refuse("no list 'images' with an image in it");
    join_captions();
  }

  int64_t size() const override { return images_.size(); }

  Row row(int64_t i) const override {
    const auto at = static_cast<size_t>(i);
    Row row = images_.row(i);
    row["text"] = Row::array();
    size_t bytes = 0;
    for (uint64_t c = begins_.at(at); c < begins_.at(at + 1); ++c) {
      bytes += captions_[order_[c]].text.size();
      row["text"].push_back(captions_[order_[c]].text);
    }
    if (bytes > max_row_bytes_) {
      throw Error(ErrorCode::kLimit, path_ + mark(i) + ": captions of " + std::to_string(bytes) +
                                         " bytes are over the limit of " +
                                         std::to_string(max_row_bytes_) + " (data.max_row_bytes)");
    }
    return row;
  }

  std::string mark(int64_t i) const override { return "#" + ids_.at(static_cast<size_t>(i)); }
  std::string content_hash() const override { return hash_; }

 private:
  struct Caption {
    std::string image, text;
  };

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::kInput, path_ + ": " + what);
  }

  std::string required(const Row& element, const char* key, const std::string& what) const {
    auto text = element_text(element, key, path_ + ": " + what);
    if (text.empty()) refuse(what + " has no '" + key + "'");
    return text;
  }

  void add_image(const Row& element) {
    const auto id = required(element, "id", "image " + std::to_string(ids_.size() + 1));
    const auto file = required(element, "file_name", "image " + id);
    if (!place_.emplace(id, ids_.size()).second) refuse("image id " + id + " stands twice");
    ids_.push_back(id);
    Row row = {{"image", file}};
    for (const auto& [key, value] : element.items()) {
      if (key != "image" && key != "text") row[key] = value;
    }
    images_.append(row);
  }

  void add_caption(const Row& element) {
    const auto what = "annotation " + std::to_string(captions_.size() + 1);
    const auto image = required(element, "image_id", what);
    if (!element.contains("caption")) {
      refuse(what + " (of image " + image +
             ") has no 'caption': expected COCO captions, not boxes or key points");
    }
    captions_.push_back({image, element_text(element, "caption", path_ + ": " + what)});
  }

  // Captions by image: a counting sort, which keeps the order of the file.
  void join_captions() {
    begins_.assign(ids_.size() + 1, 0);
    std::vector<uint32_t> owner;
    for (const auto& caption : captions_) {
      const auto found = place_.find(caption.image);
      if (found == place_.end()) {
        refuse("annotation " + std::to_string(owner.size() + 1) + " is of image id " +
               caption.image + ", which 'images' does not have");
      }
      owner.push_back(static_cast<uint32_t>(found->second));
      ++begins_[found->second + 1];
    }
    for (size_t i = 0; i < ids_.size(); ++i) {
      if (begins_[i + 1] == 0 && !keep_unpaired_) {
        refuse("image " + ids_[i] + " has no caption (data.keep_unpaired takes it with a gap)");
      }
      begins_[i + 1] += begins_[i];
    }
    auto next = begins_;
    order_.resize(captions_.size());
    for (uint32_t c = 0; c < owner.size(); ++c) order_[next[owner[c]]++] = c;
    place_.clear();
  }

  std::string path_, hash_;
  size_t max_row_bytes_;
  bool keep_unpaired_;
  RowPool images_;
  std::vector<std::string> ids_;
  std::unordered_map<std::string, size_t> place_;  // of an id, while the file is read
  std::vector<Caption> captions_;
  std::vector<uint64_t> begins_;  // in order_, of each image
  std::vector<uint32_t> order_;   // captions by image
};

}  // namespace

std::unique_ptr<Table> make_coco(const TableInput& input) { return std::make_unique<Coco>(input); }

}  // namespace braid
