// Answers and what they are held against, from two tables joined by a key.
#pragma once

#include <string>
#include <vector>

#include "braid/metric/caption/captions.h"

namespace braid {

struct CaptionFiles {
  std::string answers;     // any source of one table: JSONL, CSV, COCO JSON, ...
  std::string references;  // "": columns of the same rows
  std::string key = "key";
  std::string answer = "caption";      // column of answers: one text
  std::string reference = "captions";  // column of references: one text or more
};

struct CaptionRows {
  std::vector<std::string> keys;  // in the order of the references
  Captions captions;
  int64_t empty = 0;  // answers without text
};

// Both sides must have the same keys. Throws Error(kInput) with file and line for a row without a
// key or a column, a key twice, no reference, several answers, bytes that are no UTF-8; and for
// keys that one side alone has, naming the first. Error(kNotFound, kIo, kLimit) as make_table.
CaptionRows read_captions(const CaptionFiles& files);

}  // namespace braid
