// Trains byte-level BPE (Sennrich et al. 2016, algorithm 1): merge the most frequent pair of
// neighbours, again and again. Counts are kept up to date instead of taken anew, so a merge costs
// the words it touches. The heap is lazy: a count that fell is found out when its entry comes up.
#include <algorithm>
#include <numeric>
#include <queue>
#include <string>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/tokenizer.h"
#include "braid/tokenizer/trained_parts.h"
#include "braid/tokenizer/unicode.h"
#include "braid/tokenizer/words.h"

namespace braid {
namespace {

// Chinese has no spaces: a run of letters may be a whole page. Longer words are counted in parts,
// which keeps a merge cheap and loses only the pairs that straddle a cut.
constexpr size_t kLongestCounted = 96;  // bytes

constexpr const char* kSpecials[] = {"<pad>", "<mask>", "<bos>", "<eos>"};

using WordCounts = std::unordered_map<std::string, int64_t>;

void count_word(std::string_view word, WordCounts& counts) {
  while (word.size() > kLongestCounted) {
    size_t cut = kLongestCounted;
    while ((static_cast<uint8_t>(word[cut]) & 0xc0) == 0x80) --cut;  // not inside a character
    ++counts[std::string(word.substr(0, cut))];
    word.remove_prefix(cut);
  }
  ++counts[std::string(word)];
}

WordCounts count_words(const TextSource& corpus, const std::vector<NormalStep>& steps) {
  WordCounts counts;
  corpus([&](std::string_view text) {
    scan_words(normalize(repair_utf8(text), steps),
               [&](std::string_view word) { count_word(word, counts); });
  });
  return counts;
}

struct PairStats {
  int64_t count = 0;
  std::vector<uint32_t> words;  // that have or had it
};

struct RankedPair {
  int64_t count;
  uint64_t key;
  bool operator<(const RankedPair& other) const {  // the heap's top: highest count, then lowest ids
    return count != other.count ? count < other.count : key > other.key;
  }
};

// The corpus as words of tokens, and how often each pair of neighbours occurs.
class PairCounter {
 public:
  PairCounter(const WordCounts& counts, const ByteIds& bytes) {
    std::vector<const WordCounts::value_type*> order;
    for (const auto& entry : counts) order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](auto* a, auto* b) { return a->first < b->first; });
    for (const auto* entry : order) add_word(entry->first, entry->second, bytes);
    for (const auto& [key, stats] : pairs_) heap_.push({stats.count, key});
  }

  // The pair to merge next; false when none occurs `min_count` times.
  bool best(int64_t min_count, uint64_t& key) {
    while (!heap_.empty()) {
      const RankedPair top = heap_.top();
      heap_.pop();
      const auto found = pairs_.find(top.key);
      if (found == pairs_.end() || found->second.count < min_count) continue;
      key = top.key;
      if (found->second.count == top.count) return true;
      if (found->second.count < top.count) heap_.push({found->second.count, top.key});
    }
    return false;
  }

  void merge(uint64_t key, int32_t result) {
    const PairStats stats = std::move(pairs_.at(key));
    pairs_.erase(key);
    for (const auto word : stats.words) merge_in_word(word, key, result);
    std::sort(risen_.begin(), risen_.end());
    risen_.erase(std::unique(risen_.begin(), risen_.end()), risen_.end());
    for (const auto pair : risen_) {
      if (const auto found = pairs_.find(pair); found != pairs_.end()) {
        heap_.push({found->second.count, pair});
      }
    }
    risen_.clear();
  }

 private:
  struct Word {
    size_t begin;  // in symbols_
    uint32_t size;
    int64_t count;
  };

  void add_word(const std::string& word, int64_t count, const ByteIds& bytes) {
    const auto index = static_cast<uint32_t>(words_.size());
    words_.push_back({symbols_.size(), static_cast<uint32_t>(word.size()), count});
    for (const char byte : word) symbols_.push_back(bytes[static_cast<uint8_t>(byte)]);
    const int32_t* s = symbols_.data() + words_.back().begin;
    for (size_t i = 0; i + 1 < word.size(); ++i) raise(s[i], s[i + 1], count, index);
    risen_.clear();
  }

  void raise(int32_t left, int32_t right, int64_t count, uint32_t word) {
    const uint64_t key = pair_key(left, right);
    PairStats& stats = pairs_[key];
    stats.count += count;
    if (stats.words.empty() || stats.words.back() != word) stats.words.push_back(word);
    risen_.push_back(key);
  }

  void lower(int32_t left, int32_t right, int64_t count) {
    const auto found = pairs_.find(pair_key(left, right));
    if (found == pairs_.end()) return;  // "aaa": the pair that is being merged, already gone
    found->second.count -= count;
    if (found->second.count == 0) pairs_.erase(found);
  }

  void merge_in_word(uint32_t index, uint64_t key, int32_t result) {
    Word& word = words_[index];
    int32_t* s = symbols_.data() + word.begin;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < word.size; ++i) {
      if (i + 1 == word.size || pair_key(s[i], s[i + 1]) != key) {
        s[kept++] = s[i];
        continue;
      }
      if (kept > 0) {
        lower(s[kept - 1], s[i], word.count);
        raise(s[kept - 1], result, word.count, index);
      }
      if (i + 2 < word.size) {
        lower(s[i + 1], s[i + 2], word.count);
        raise(result, s[i + 2], word.count, index);
      }
      s[kept++] = result;
      ++i;
    }
    word.size = kept;
  }

  std::vector<int32_t> symbols_;
  std::vector<Word> words_;
  std::unordered_map<uint64_t, PairStats, PairHash> pairs_;
  std::priority_queue<RankedPair> heap_;
  std::vector<uint64_t> risen_;  // keys whose counts rose since the heap last heard of them
};

BpeParts start_parts(const BpeConfig& config) {
  BpeParts parts;
  if (config.lowercase) parts.normalizer = {NormalStep::kNfc, NormalStep::kLowercase};
  for (const auto* name : kSpecials) {
    parts.added.push_back({name, static_cast<int64_t>(parts.tokens.size())});
    parts.tokens.push_back(name);
  }
  for (int byte = 0; byte < 256; ++byte) {
    parts.bytes[byte] = static_cast<int32_t>(parts.tokens.size());
    parts.tokens.push_back(byte_letter(static_cast<uint8_t>(byte)));
  }
  return parts;
}

}  // namespace

std::unique_ptr<Tokenizer> train_bpe(const TextSource& corpus, const BpeConfig& config,
                                     const ProgressSink& progress) {
  BpeParts parts = start_parts(config);
  const WordCounts counts = count_words(corpus, parts.normalizer);
  if (counts.empty()) {
    throw Error(ErrorCode::kInput, "no text to train a tokenizer on: expected at least one word");
  }
  PairCounter pairs(counts, parts.bytes);
  std::unordered_map<std::string, int32_t> ids;
  for (size_t id = 0; id < parts.tokens.size(); ++id)
    ids[parts.tokens[id]] = static_cast<int32_t>(id);
  uint64_t key = 0;
  Meter meter(progress, "merge", "token", config.vocabulary,
              static_cast<int64_t>(parts.tokens.size()));
  while (static_cast<int64_t>(parts.tokens.size()) < config.vocabulary &&
         pairs.best(config.min_count, key)) {
    const auto left = static_cast<int32_t>(key >> 32), right = static_cast<int32_t>(key);
    std::string joined = parts.tokens[left] + parts.tokens[right];
    // Two ways may lead to one token (ab+c, a+bc): it has one id and two merges.
    const auto [entry, fresh] = ids.try_emplace(joined, static_cast<int32_t>(parts.tokens.size()));
    if (fresh) parts.tokens.push_back(std::move(joined)), meter.advance(1);
    parts.merges.push_back({left, right, entry->second});
    pairs.merge(key, entry->second);
  }
  meter.finish();
  return read_tokenizer_json(write_tokenizer_json(parts), "trained tokenizer");
}

}  // namespace braid
