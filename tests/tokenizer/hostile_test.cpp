// Any text and any file: no crash, no endless work, and text that comes back where a model allows.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/rng.h"
#include "braid/tokenizer/charsmap.h"
#include "braid/tokenizer/tokenizer.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

struct NamedTokenizer {
  std::string name;
  std::unique_ptr<Tokenizer> tokenizer;
};

// The whole tokenizers of tests/golden/tokenizer_parts.py.
const std::vector<NamedTokenizer>& tokenizers() {
  static const auto all = [] {
    const auto root = nlohmann::json::parse(
        read_text(std::filesystem::path(BRAID_SOURCE_DIR) / "tests/golden/tokenizer_parts.json"));
    std::vector<NamedTokenizer> list;
    for (const auto& row : root["tokenizers"]) {
      const auto name = row["name"].get<std::string>();
      list.push_back({name, read_tokenizer_json(row["json"].dump(), name)});
    }
    for (const auto& row : root["sentencepiece"]) {
      const auto name = "sentencepiece " + row["name"].get<std::string>();
      list.push_back(
          {name, read_sentencepiece(from_base64(row["model"].get<std::string>()), name)});
    }
    return list;
  }();
  return all;
}

std::string random_text_of(Rng& rng, int64_t most) {
  std::string text;
  for (int64_t left = rng.below(most); left > 0; --left) {
    char32_t code = static_cast<char32_t>(rng.below(rng.chance(0.5) ? 0x80 : 0x20000));
    if (code >= 0xd800 && code < 0xe000) code = 0x72d7;
    append_utf8(code, text);
  }
  return text;
}

TEST(Hostile, ArbitraryBytesGiveIdsOfTheVocabulary) {
  for (const auto& [name, tokenizer] : tokenizers()) {
    Rng rng(3);
    for (int round = 0; round < 60; ++round) {
      std::string bytes;
      for (int64_t left = rng.below(60); left > 0; --left) {
        bytes += static_cast<char>(rng.below(256));
      }
      const auto ids = tokenizer->encode(bytes);
      for (const auto id : ids) ASSERT_TRUE(id >= 0 && id < tokenizer->vocabulary()) << name;
      tokenizer->decode(ids);
      EXPECT_EQ(tokenizer->encode(repair_utf8(bytes)), ids) << name;
    }
  }
}

// What has a token for every byte gives the text back; SentencePiece makes one blank of several.
TEST(Hostile, TextComesBackWhereTheModelKeepsIt) {
  for (const auto& [name, tokenizer] : tokenizers()) {
    if (name != "sentencepiece unigram bytes") continue;
    Rng rng(4);
    for (int round = 0; round < 200; ++round) {
      std::string text = "x" + random_text_of(rng, 20) + "x";
      for (size_t at; (at = text.find("  ")) != text.npos;) text.erase(at, 1);
      EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text) << name;
    }
  }
  const auto trained =
      train_bpe([](const TextVisitor& visit) { visit("a dog 狗 runs"); }, {300, false, 1});
  Rng rng(5);
  for (int round = 0; round < 300; ++round) {
    const std::string text = random_text_of(rng, 30);
    ASSERT_EQ(trained->decode(trained->encode(text)), text);
  }
}

TEST(Hostile, LongTextTakesTimeInProportion) {
  for (const auto& [name, tokenizer] : tokenizers()) {
    for (const std::string unit : {"a", " ", "狗", "a ", "<s>", "\u0301"}) {
      std::string text;
      while (text.size() < 60000) text += unit;
      const auto begin = std::chrono::steady_clock::now();
      tokenizer->encode(text);
      EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3))
          << name << " on " << unit;
    }
  }
}

TEST(Hostile, DamagedModelsAreRefusedOrWork) {
  const auto root = nlohmann::json::parse(
      read_text(std::filesystem::path(BRAID_SOURCE_DIR) / "tests/golden/tokenizer_parts.json"));
  Rng rng(6);
  int refused = 0;
  for (const auto& row : root["sentencepiece"]) {
    const auto good = from_base64(row["model"].get<std::string>());
    for (int round = 0; round < 150; ++round) {
      std::string bad = good;
      for (int64_t flips = 1 + rng.below(4); flips > 0; --flips) {
        bad[static_cast<size_t>(rng.below(static_cast<int64_t>(bad.size())))] =
            static_cast<char>(rng.below(256));
      }
      if (rng.chance(0.3))
        bad.resize(static_cast<size_t>(rng.below(static_cast<int64_t>(bad.size()))));
      try {
        const auto tokenizer = read_sentencepiece(bad, "bad.model");
        tokenizer->decode(tokenizer->encode("a red apple 狗 ½ ab abc é\u3000™"));
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kInput);
        EXPECT_TRUE(std::string(error.what()).starts_with("bad.model: ")) << error.what();
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 100);
}

std::string model_error(const std::string& bytes) {
  try {
    read_sentencepiece(bytes, "x.model");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    return error.what();
  }
  return "no error";
}

// A field of wire type 2: key, length, bytes.
std::string field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}
std::string piece(const std::string& text, int type) {
  return field(1, field(1, text) + std::string{'\x18', static_cast<char>(type)});
}

TEST(SentencePieceFile, SaysWhatIsWrong) {
  const std::string unknown = piece("<unk>", 2), good = unknown + piece("a", 1);
  EXPECT_EQ(model_error(good), "no error");
  EXPECT_EQ(model_error(""), "x.model: has 0 pieces of type unknown: expected one");
  EXPECT_EQ(model_error("\x0a\xff"), "x.model: not a SentencePiece model: the file is no protobuf");
  EXPECT_EQ(model_error(good + unknown), "x.model: piece '<unk>' is there twice");
  EXPECT_EQ(model_error(good + piece("b", 7)), "x.model: piece 2: type 7: expected 1 .. 6");
  EXPECT_EQ(model_error(good + piece("", 1)),
            "x.model: piece 2: expected UTF-8 of 1 .. 4096 bytes");
  EXPECT_EQ(model_error(good + field(2, "\x18\x03")),
            "x.model: trainer_spec.model_type word is not supported: expected unigram or bpe");
  EXPECT_EQ(model_error(good + field(2, std::string("\x98\x02\x01"))),
            "x.model: byte_fallback without the piece <0x00>");
  EXPECT_EQ(model_error(good + field(3, field(2, "abcdef"))),
            "x.model: normalizer_spec.precompiled_charsmap: not a precompiled character map: its "
            "trie of 1684234849 bytes among 2");
  EXPECT_EQ(model_error(good + field(5, field(2, "x"))),
            "x.model: denormalizer_spec.precompiled_charsmap is not supported");
}

}  // namespace
}  // namespace braid
