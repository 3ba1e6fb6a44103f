#include "braid/tokenizer/special_ids.h"

#include <initializer_list>

namespace braid {

SpecialIds find_special_ids(const std::function<int64_t(std::string_view)>& find) {
  const auto first = [&](std::initializer_list<std::string_view> names) {
    for (const auto name : names) {
      if (const int64_t id = find(name); id >= 0) return id;
    }
    return int64_t{-1};
  };
  SpecialIds ids;
  ids.pad = first({"<pad>", "[PAD]", "<|pad|>"});
  ids.mask = first({"<mask>", "[MASK]", "<|mask|>"});
  ids.bos =
      first({"<bos>", "<s>", "[CLS]", "<|startoftext|>", "<|begin_of_text|>", "<|endoftext|>"});
  ids.eos = first({"<eos>", "</s>", "[SEP]", "<|endoftext|>", "<|end_of_text|>", "<|im_end|>"});
  return ids;
}

}  // namespace braid
