// What every tokenizer that was read from foreign bytes must stand.
#pragma once

#include <cstdlib>
#include <string>

#include "braid/tokenizer/tokenizer.h"

namespace braid {

// Encodes, frames, decodes and shows; aborts on ids out of range and on bytes that were not kept.
inline void exercise(const Tokenizer& tokenizer, const std::string& bytes) {
  for (const char* text : {"A red apple's 3.50 <s> [MASK]\r\n", "一只狗在海边跑。e\u0301 \xff ½",
                           "aaaaaaaaaaaaaaaaaaaa \u3000\u200b"}) {
    const auto ids = tokenizer.encode(text);
    for (const auto id : ids) {
      if (id < 0 || id >= tokenizer.vocabulary()) std::abort();
    }
    tokenizer.decode(framed(ids, tokenizer.frame(), SIZE_MAX));
  }
  for (int64_t id = 0; id < tokenizer.vocabulary(); ++id) tokenizer.readable(id);
  if (tokenizer.file().bytes != bytes) std::abort();
}

}  // namespace braid
