// Texts to token ids on one thread.
//
//   bench_tokens TOKENIZER TEXTS
//
// TOKENIZER as recipes name one, TEXTS one a line. One measure = all of them, with the tokenizer's
// memory of words as it is after the first. Compared: every id.
#include <fstream>
#include <vector>

#include "bench/serve.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/tokenizer/tokenizer.h"

namespace {

using namespace braid;

void run(const std::string& file, const std::string& texts_file) {
  const auto tokenizer = load_tokenizer(file);
  std::ifstream stream(texts_file);
  std::vector<std::string> texts;
  for (std::string line; std::getline(stream, line);) texts.push_back(line);
  if (texts.empty()) throw Error(ErrorCode::kInput, texts_file + ": no texts");
  bench::serve(
      [&]() -> int64_t {
        for (const auto& text : texts) tokenizer->encode(text);
        return static_cast<int64_t>(texts.size());
      },
      [&] {
        std::vector<std::vector<int64_t>> ids;
        for (const auto& text : texts) ids.push_back(tokenizer->encode(text));
        return nlohmann::json{{"ids", ids}};
      });
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: bench_tokens TOKENIZER TEXTS\n");
    return 2;
  }
  return braid::bench::guarded("bench_tokens", [&] { run(arguments[1], arguments[2]); });
}
