// Samples of a tar as WebDataset has it: members that follow each other and share their name up to
// the first dot (of the last part of the path) are one sample; the rest of the name is the column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "braid/data/cell.h"

namespace braid {

struct MemberName {
  std::string_view key;     // "cat/000017"
  std::string_view column;  // "jpg", "seg.png"
};

// Throws Error(kInput) for a name without a dot in its last part.
MemberName split_member_name(std::string_view name, const std::string& tar);

// May the member be left out of samples? Names that begin with a dot: traces of file managers.
bool is_hidden_member(std::string_view name);

// Does a member of this column become text in the row (json, txt, cls), not the name of a file?
bool is_inline_column(std::string_view column);

bool is_picture_column(std::string_view column);

struct SampleMember {
  std::string name;
  std::string content;  // of an inline member
};

// The row of a sample: the keys of its .json, `__key__`, every other member by its column; `image`
// is the first picture and `text` the .txt, where the .json has no such key. Throws as parse_row.
Row sample_row(const std::vector<SampleMember>& members, const std::string& tar);

// Lines of a text file that are not blank: one as a text, several as a list, none as null.
Row text_cell(std::string_view content, const std::string& where);

// Watches over the samples of one tar. Throws Error(kInput) for a member that stands twice, a
// sample that is torn apart, and, unless `keep_unpaired`, a sample without the picture or the text
// that others have.
class SampleChecker {
 public:
  SampleChecker(std::string tar, bool keep_unpaired)
      : tar_(std::move(tar)), keep_unpaired_(keep_unpaired) {}

  bool starts_sample(const MemberName& member);  // of the next member; notes it
  void finish();

 private:
  void close_sample();

  const std::string tar_;
  const bool keep_unpaired_;
  std::unordered_set<std::string> keys_;
  std::unordered_set<std::string> columns_;  // of the sample that is open
  std::string key_;
  std::string without_picture_, without_text_;  // first sample of the kind
  bool any_picture_ = false, any_text_ = false;
};

}  // namespace braid
