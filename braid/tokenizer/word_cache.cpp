#include "braid/tokenizer/word_cache.h"

namespace braid {
namespace {

constexpr size_t kMostWords = 4096;  // of a shard
constexpr size_t kLongestWord = 64;  // bytes; longer ones seldom come back

}  // namespace

bool WordCache::find(std::string_view word, std::vector<int64_t>& out) {
  if (word.size() > kLongestWord) return false;
  Shard& part = shard(word);
  const std::lock_guard lock(part.mutex);
  const auto found = part.words.find(word);
  if (found == part.words.end()) return false;
  out.insert(out.end(), found->second.begin(), found->second.end());
  return true;
}

void WordCache::put(std::string_view word, std::vector<int64_t> tokens) {
  if (word.size() > kLongestWord) return;
  Shard& part = shard(word);
  const std::lock_guard lock(part.mutex);
  if (part.words.size() < kMostWords) part.words.try_emplace(std::string(word), std::move(tokens));
}

}  // namespace braid
