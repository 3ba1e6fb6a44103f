#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/tokenizer/tokenizer.h"
#include "braid/tokenizer/unicode.h"
#include "braid/tokenizer/words.h"

namespace braid {
namespace {

using Ids = std::vector<int64_t>;
using Texts = std::vector<std::string>;

constexpr int64_t kFirstMerge = 260;  // behind 4 specials and 256 bytes

TextSource source(const Texts& texts) {
  return [&](const TextVisitor& visit) {
    for (const auto& text : texts) visit(text);
  };
}

std::unique_ptr<Tokenizer> train(const Texts& texts, int64_t vocabulary, int64_t min_count,
                                 bool lowercase = false) {
  return train_bpe(source(texts), {vocabulary, lowercase, min_count});
}

int64_t byte_id(char c) { return 4 + static_cast<uint8_t>(c); }

// Words "ab", " ab", " abc": ab 3 times, then " ab" 2, then " abc" 1.
TEST(TrainBpe, MergesTheMostFrequentPairFirst) {
  const auto tokenizer = train({"ab ab abc"}, 300, 1);
  EXPECT_EQ(tokenizer->vocabulary(), kFirstMerge + 3);
  EXPECT_EQ(tokenizer->encode("ab abc"), (Ids{260, 262}));
  EXPECT_EQ(tokenizer->encode("abc"), (Ids{260, byte_id('c')}));
  EXPECT_EQ(tokenizer->encode(" abab"), (Ids{261, 260}));
}

TEST(TrainBpe, LeavesRarePairsAlone) {
  EXPECT_EQ(train({"ab ab abc"}, 300, 2)->vocabulary(), kFirstMerge + 2);
  EXPECT_EQ(train({"ab ab abc"}, 300, 4)->vocabulary(), kFirstMerge);
}

TEST(TrainBpe, StopsAtTheWantedSize) { EXPECT_EQ(train({"ab ab abc"}, 261, 1)->vocabulary(), 261); }

// " a" (36, 101), "ab" (101, 102), "ba" (102, 101) occur once each.
TEST(TrainBpe, GivesTiesToTheLowerIds) {
  const auto tokenizer = train({"ba ab"}, 300, 1);
  EXPECT_EQ(tokenizer->decode({260}), " a");
  EXPECT_EQ(tokenizer->decode({261}), "ba");  // before (260, 102)
  EXPECT_EQ(tokenizer->decode({262}), " ab");
}

TEST(TrainBpe, HasFourSpecialTokensInFront) {
  const auto tokenizer = train({"a"}, 300, 1);
  EXPECT_EQ(tokenizer->special_ids().pad, 0);
  EXPECT_EQ(tokenizer->special_ids().mask, 1);
  EXPECT_EQ(tokenizer->special_ids().bos, 2);
  EXPECT_EQ(tokenizer->special_ids().eos, 3);
  for (int64_t id = 0; id < tokenizer->vocabulary(); ++id) {
    EXPECT_EQ(tokenizer->is_special(id), id < 4);
  }
  EXPECT_EQ(tokenizer->encode("a<mask>a"), (Ids{byte_id('a'), 1, byte_id('a')}));
}

// Recounts everything after each merge.
std::vector<std::string> merge_slowly(const Texts& texts, int64_t vocabulary, int64_t min_count) {
  std::vector<std::vector<int64_t>> words;
  for (const auto& text : texts) {
    scan_words(text, [&](std::string_view word) {
      auto& ids = words.emplace_back();
      for (const char c : word) ids.push_back(byte_id(c));
    });
  }
  std::vector<std::string> tokens(4);
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  while (static_cast<int64_t>(tokens.size()) < vocabulary) {
    std::map<std::pair<int64_t, int64_t>, int64_t> counts;
    for (const auto& word : words) {
      for (size_t i = 0; i + 1 < word.size(); ++i) ++counts[{word[i], word[i + 1]}];
    }
    std::pair<int64_t, int64_t> best;
    int64_t most = min_count - 1;
    for (const auto& [pair, count] : counts) {
      if (count > most) best = pair, most = count;  // the map gives lower ids first
    }
    if (most < min_count) break;
    const std::string joined = tokens[best.first] + tokens[best.second];
    auto known = std::find(tokens.begin() + 4, tokens.end(), joined);
    const int64_t result = known - tokens.begin();
    if (known == tokens.end()) tokens.push_back(joined);
    for (auto& word : words) {
      for (size_t i = 0; i + 1 < word.size(); ++i) {
        if (word[i] != best.first || word[i + 1] != best.second) continue;
        word[i] = result;
        word.erase(word.begin() + static_cast<int64_t>(i) + 1);
      }
    }
  }
  return tokens;
}

TEST(TrainBpe, AgreesWithCountingAnewOnRandomCorpora) {
  Rng rng(9);
  for (int round = 0; round < 60; ++round) {
    Texts texts;
    const int64_t letters = 1 + rng.below(4);
    for (int line = 0; line < 12; ++line) {
      auto& text = texts.emplace_back();
      for (int64_t left = rng.below(40); left > 0; --left) {
        text += rng.chance(0.15) ? ' ' : static_cast<char>('a' + rng.below(letters));
      }
    }
    texts.push_back("a");
    const int64_t min_count = 1 + rng.below(3);
    const auto tokenizer = train(texts, 340, min_count);
    const auto expected = merge_slowly(texts, 340, min_count);
    ASSERT_EQ(tokenizer->vocabulary(), static_cast<int64_t>(expected.size()));
    for (size_t id = kFirstMerge; id < expected.size(); ++id) {
      ASSERT_EQ(tokenizer->decode({static_cast<int64_t>(id)}), expected[id]) << round;
    }
  }
}

TEST(TrainBpe, DoesNotDependOnTheOrderOfTexts) {
  Texts texts = {"red apple", "green apple", "一只狗", "一只猫", "a red dog"};
  const std::string json = train(texts, 400, 1)->file().bytes;
  std::reverse(texts.begin(), texts.end());
  EXPECT_EQ(train(texts, 400, 1)->file().bytes, json);
}

TEST(TrainBpe, LearnsAcrossAPageWithoutSpaces) {
  const std::string letters[] = {"狗", "海", "边", "跑", "红"};
  Rng rng(1);
  std::string page;
  for (int i = 0; i < 20000; ++i) page += letters[rng.below(5)];
  const auto tokenizer = train({page}, 400, 2);
  EXPECT_EQ(tokenizer->vocabulary(), 400);
  EXPECT_LT(tokenizer->encode(page).size(), 20000u / 2);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(page)), page);
}

TEST(TrainBpe, RefusesAnEmptyCorpus) {
  for (const Texts& texts : {Texts{}, Texts{"", ""}}) {
    try {
      train(texts, 300, 1);
      FAIL() << "expected an error";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInput);
    }
  }
}

TEST(Tokenizer, GivesTextBackByteForByte) {
  const auto tokenizer = train({"the cat, the dog", "一只狗在海边跑"}, 300, 1);
  Texts texts = {"", " ", "The CAT's\t  9 lives\n", "一只狗😀 e\u0301", std::string("\0x", 2)};
  Rng rng(6);
  for (int round = 0; round < 500; ++round) {
    std::string& text = texts.emplace_back();
    for (int64_t left = rng.below(30); left > 0; --left) {
      const auto code = static_cast<char32_t>(rng.below(rng.chance(0.5) ? 0x80 : 0x30000));
      append_utf8(code >= 0xd800 && code < 0xe000 ? U' ' : code, text);
    }
  }
  for (const auto& text : texts) ASSERT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
}

TEST(Tokenizer, LowersTextWhenTrainedSo) {
  const auto tokenizer = train({"Red RED red"}, 300, 1, true);
  EXPECT_EQ(tokenizer->encode("RED"), tokenizer->encode("red"));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("CAFE\u0301")), "caf\u00e9");
}

TEST(Tokenizer, TakesAnyBytes) {
  const auto tokenizer = train({"some text", "狗"}, 300, 1);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("a\xff"
                                                "b")),
            "a\uFFFDb");
  Rng rng(2);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (int64_t left = rng.below(60); left > 0; --left) bytes += static_cast<char>(rng.below(256));
    for (const auto id : tokenizer->encode(bytes)) ASSERT_LT(id, tokenizer->vocabulary());
  }
}

TEST(Tokenizer, RefusesIdsItDoesNotHave) {
  const auto tokenizer = train({"a"}, 300, 1);
  EXPECT_THROW(tokenizer->decode({kFirstMerge}), Error);
  EXPECT_THROW(tokenizer->decode({-1}), Error);
}

TEST(Tokenizer, LeavesSpecialTokensAndHalfCharactersOutOfText) {
  const auto tokenizer = train({"a"}, 300, 1);
  EXPECT_EQ(tokenizer->decode({2, byte_id('h'), byte_id('i'), 3, 0, 0}), "hi");
  EXPECT_EQ(tokenizer->decode({byte_id('\xe7'), byte_id('a')}), "\uFFFDa");
}

}  // namespace
}  // namespace braid
