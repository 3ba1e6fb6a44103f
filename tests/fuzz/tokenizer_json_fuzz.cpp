// tokenizer.json: what is accepted must encode, frame, decode and be kept without a fault.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "braid/core/error.h"
#include "braid/tokenizer/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace braid;
  const std::string json(reinterpret_cast<const char*>(data), size);
  try {
    const auto tokenizer = read_tokenizer_json(json, "x.json");
    for (const char* text : {"A red apple's 3.50 <s> [MASK]\r\n", "一只狗在海边跑。e\u0301 \xff ½",
                             "aaaaaaaaaaaaaaaaaaaa \u3000\u200b"}) {
      const auto ids = tokenizer->encode(text);
      for (const auto id : ids) {
        if (id < 0 || id >= tokenizer->vocabulary()) std::abort();
      }
      const auto all = framed(ids, tokenizer->frame(), SIZE_MAX);
      tokenizer->decode(all);
    }
    for (int64_t id = 0; id < tokenizer->vocabulary(); ++id) tokenizer->readable(id);
    if (tokenizer->file().bytes != json) std::abort();
  } catch (const Error&) {
  }
  return 0;
}
