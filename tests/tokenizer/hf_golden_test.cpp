// Part by part and as a whole against HF `tokenizers` and `sentencepiece`; the numbers come from
// tests/golden/tokenizer_parts.py.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "braid/core/file.h"
#include "braid/tokenizer/charsmap.h"
#include "braid/tokenizer/decoder.h"
#include "braid/tokenizer/normalizer.h"
#include "braid/tokenizer/pre_tokenizer.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid {
namespace {

using nlohmann::json;
using Ids = std::vector<int64_t>;
using Strings = std::vector<std::string>;

const json& golden() {
  static const json root = json::parse(
      read_text(std::filesystem::path(BRAID_SOURCE_DIR) / "tests/golden/tokenizer_parts.json"));
  return root;
}

const Strings& golden_texts() {
  static const auto texts = golden()["texts"].get<Strings>();
  return texts;
}

const std::string kWhere = "golden";

TEST(HfGolden, NormalizersChangeTextAsHfDoes) {
  for (const auto& row : golden()["normalizers"]) {
    std::vector<TextChange> changes;
    read_normalizer(JsonView(row["json"], kWhere), changes);
    for (size_t i = 0; i < golden_texts().size(); ++i) {
      EXPECT_EQ(changed(golden_texts()[i], changes), row["out"][i].get<std::string>())
          << row["json"] << "\n"
          << golden_texts()[i];
    }
  }
}

TEST(HfGolden, PreTokenizersCutAsHfDoes) {
  for (const auto& row : golden()["pre_tokenizers"]) {
    const auto pre_tokenizer = read_pre_tokenizer(JsonView(row["json"], kWhere));
    for (size_t i = 0; i < golden_texts().size(); ++i) {
      Strings words;
      if (golden_texts()[i].empty()) continue;  // never asked: no piece of a text is empty
      pre_tokenizer->cut(golden_texts()[i], true,
                         [&](std::string_view word, bool) { words.emplace_back(word); });
      EXPECT_EQ(words, row["out"][i].get<Strings>()) << row["json"] << "\n" << golden_texts()[i];
    }
  }
}

TEST(HfGolden, DecodersJoinAsHfDoes) {
  for (const auto& row : golden()["decoders"]) {
    const Decoder decoder = read_decoder(JsonView(row["json"], kWhere));
    for (size_t i = 0; i < golden()["decoder_tokens"].size(); ++i) {
      const auto tokens = golden()["decoder_tokens"][i].get<Strings>();
      EXPECT_EQ(decoder.text(tokens), row["out"][i].get<std::string>())
          << row["json"] << golden()["decoder_tokens"][i];
    }
  }
}

TEST(HfGolden, WholeTokenizersEncodeFrameAndDecodeAsHfDoes) {
  for (const auto& row : golden()["tokenizers"]) {
    const auto name = row["name"].get<std::string>();
    const auto tokenizer = read_tokenizer_json(row["json"].dump(), name);
    for (size_t i = 0; i < golden_texts().size(); ++i) {
      const Ids ids = tokenizer->encode(golden_texts()[i]);
      EXPECT_EQ(ids, row["ids"][i].get<Ids>()) << name << ": " << golden_texts()[i];
      EXPECT_EQ(tokenizer->decode(ids), row["decoded"][i].get<std::string>())
          << name << ": " << golden_texts()[i];
      if (row["json"]["post_processor"].is_null() || tokenizer->frame().suffix.empty()) continue;
      Ids all = framed(ids, tokenizer->frame(), SIZE_MAX);
      const Ids wanted = row["framed"][i].get<Ids>();
      if (name == "llama") all.pop_back();  // its file puts <s> in front only; we end every text
      EXPECT_EQ(all, wanted) << name;
    }
  }
}

TEST(HfGolden, SentencePieceModelsEncodeAndDecodeAsTheLibrary) {
  for (const auto& row : golden()["sentencepiece"]) {
    const auto name = row["name"].get<std::string>();
    const auto tokenizer = read_sentencepiece(from_base64(row["model"].get<std::string>()), name);
    const SpecialIds ids = tokenizer->special_ids();
    EXPECT_EQ((Ids{ids.pad, ids.bos, ids.eos, ids.unknown}), row["special"].get<Ids>()) << name;
    for (size_t i = 0; i < golden_texts().size(); ++i) {
      const auto wanted = row["ids"][i].get<Ids>();
      EXPECT_EQ(tokenizer->encode(golden_texts()[i]), wanted) << name << ": " << golden_texts()[i];
      if (ids.mask >= 0) continue;  // we leave masks out
      EXPECT_EQ(tokenizer->decode(wanted), row["decoded"][i].get<std::string>()) << name;
    }
  }
}

}  // namespace
}  // namespace braid
