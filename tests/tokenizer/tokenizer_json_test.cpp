#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/rng.h"
#include "braid/tokenizer/bpe.h"

namespace braid {
namespace {

using nlohmann::json;

std::string good_json() {
  static const std::string text =
      train_bpe([](const TextVisitor& visit) { visit("Red apple, red apple 狗狗"); },
                {300, true, 1})
          ->to_json();
  return text;
}

std::unique_ptr<Tokenizer> read(const std::string& text) {
  return make_bpe(read_tokenizer_json(text, "x.json"));
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    return error.what();
  }
  return "no error";
}

std::string error_after(const std::function<void(json&)>& change) {
  json root = json::parse(good_json());
  change(root);
  return error_of(root.dump());
}

TEST(TokenizerJson, ComesBackTheSame) {
  const auto first = read(good_json());
  EXPECT_EQ(first->to_json(), good_json());
  const std::string text = "RED apples 狗 <mask> dog";
  const auto trained = train_bpe(
      [](const TextVisitor& visit) { visit("Red apple, red apple 狗狗"); }, {300, true, 1});
  EXPECT_EQ(first->encode(text), trained->encode(text));
  EXPECT_EQ(first->eos_id(), 3);
}

TEST(TokenizerJson, TakesMergesAsPairsToo) {
  json root = json::parse(good_json());
  for (auto& merge : root["model"]["merges"]) {
    const auto text = merge.get<std::string>();
    merge = {text.substr(0, text.find(' ')), text.substr(text.find(' ') + 1)};
  }
  EXPECT_EQ(read(root.dump())->to_json(), good_json());
}

TEST(TokenizerJson, ReadsAFile) {
  const auto path = std::filesystem::path(testing::TempDir()) / "braid_tokenizer_test.json";
  write_atomic(path, good_json());
  EXPECT_EQ(load_tokenizer(path)->to_json(), good_json());
  std::filesystem::remove(path);
  EXPECT_THROW(load_tokenizer(path), Error);
}

TEST(TokenizerJson, FindsAddedTokensBeforeOrAfterNormalisation) {
  json root = json::parse(good_json());
  const int64_t id = static_cast<int64_t>(root["model"]["vocab"].size());
  root["added_tokens"].push_back({{"id", id}, {"content", "XY"}, {"normalized", true}});
  root["added_tokens"].push_back({{"id", id + 1}, {"content", "ZZ"}, {"normalized", false}});
  const auto tokenizer = read(root.dump());
  EXPECT_EQ(tokenizer->encode("xY"), std::vector<int64_t>{id});
  EXPECT_EQ(tokenizer->encode("ZZ"), std::vector<int64_t>{id + 1});
  EXPECT_EQ(tokenizer->encode("zz").size(), 2u);
  EXPECT_EQ(tokenizer->decode({id + 1, id}), "ZZXY");  // added, not special
}

TEST(TokenizerJson, NamesWhatIsNotSupported) {
  const std::vector<std::pair<std::string, std::function<void(json&)>>> cases = {
      {"normalizer StripAccents",
       [](json& r) {
         r["normalizer"] = {{"type", "StripAccents"}};
       }},
      {"normalizer Sequence", [](json& r) { r["normalizer"]["normalizers"][0] = r["normalizer"]; }},
      {"pre_tokenizer Whitespace", [](json& r) { r["pre_tokenizer"]["type"] = "Whitespace"; }},
      {"add_prefix_space", [](json& r) { r["pre_tokenizer"]["add_prefix_space"] = true; }},
      {"use_regex", [](json& r) { r["pre_tokenizer"]["use_regex"] = false; }},
      {"post_processor TemplateProcessing",
       [](json& r) {
         r["post_processor"] = {{"type", "TemplateProcessing"}};
       }},
      {"decoder null", [](json& r) { r["decoder"] = nullptr; }},
      {"model WordPiece", [](json& r) { r["model"]["type"] = "WordPiece"; }},
      {"model null", [](json& r) { r.erase("model"); }},
      {"model.dropout", [](json& r) { r["model"]["dropout"] = 0.1; }},
      {"model.byte_fallback", [](json& r) { r["model"]["byte_fallback"] = true; }},
      {"model.ignore_merges", [](json& r) { r["model"]["ignore_merges"] = true; }},
      {"model.end_of_word_suffix", [](json& r) { r["model"]["end_of_word_suffix"] = "</w>"; }},
      {"lstrip", [](json& r) { r["added_tokens"][1]["lstrip"] = true; }},
  };
  for (const auto& [words, change] : cases) {
    const std::string message = error_after(change);
    EXPECT_NE(message.find(words), std::string::npos) << words << ": " << message;
    EXPECT_EQ(message.find("x.json: "), 0u) << message;
  }
}

TEST(TokenizerJson, RefusesFilesThatContradictThemselves) {
  const std::vector<std::pair<std::string, std::function<void(json&)>>> cases = {
      {"ids have a gap", [](json& r) { r["model"]["vocab"]["new"] = 9000000000; }},
      {"ids have a gap", [](json& r) { r["model"]["vocab"]["new"] = -1; }},
      {"gap", [](json& r) { r["model"]["vocab"].erase("red"), r["model"]["vocab"].erase("pl"); }},
      {"belongs to", [](json& r) { r["model"]["vocab"]["new"] = 5; }},
      {"expected an integer", [](json& r) { r["model"]["vocab"]["new"] = "5"; }},
      {"expected an integer", [](json& r) { r["model"]["vocab"]["new"] = 5.5; }},
      {"for byte 65", [](json& r) { r["model"]["vocab"].erase("A"); }},
      {"two ids", [](json& r) { r["added_tokens"][0]["id"] = 8; }},
      {"is empty", [](json& r) { r["model"]["vocab"][""] = 5; }},
      {"not in model.vocab", [](json& r) { r["model"]["merges"][0] = "q q"; }},
      {"repeats", [](json& r) { r["model"]["merges"][1] = r["model"]["merges"][0]; }},
      {"expected \"a b\"", [](json& r) { r["model"]["merges"][0] = "a b c"; }},
      {"expected \"a b\"", [](json& r) { r["model"]["merges"][0] = {"a"}; }},
      {"expected \"a b\"", [](json& r) { r["model"]["merges"][0] = 7; }},
      {"merges: expected a list", [](json& r) { r["model"]["merges"] = 7; }},
      {"vocab: expected an object", [](json& r) { r["model"]["vocab"] = json::array(); }},
      {"added_tokens: expected a list", [](json& r) { r["added_tokens"] = "x"; }},
      {"added_tokens: expected objects", [](json& r) { r["added_tokens"][0] = 1; }},
      {"content: expected text", [](json& r) { r["added_tokens"][0]["content"] = 1; }},
      {"expected true or false", [](json& r) { r["added_tokens"][0]["special"] = 1; }},
      {"normalizer: expected an object", [](json& r) { r["normalizer"] = 1; }},
      {"decoder.type: expected text", [](json& r) { r["decoder"] = json::object(); }},
  };
  for (const auto& [words, change] : cases) {
    const std::string message = error_after(change);
    EXPECT_NE(message.find(words), std::string::npos) << words << ": " << message;
  }
}

TEST(TokenizerJson, RefusesWhatIsNoJson) {
  EXPECT_NE(error_of("").find("not JSON"), std::string::npos);
  EXPECT_NE(error_of("[]").find("expected a JSON object, got array"), std::string::npos);
  EXPECT_NE(error_of(std::string(200000, '[')).find("not JSON"), std::string::npos);
  const std::string deep = std::string(200000, '[') + std::string(200000, ']');
  EXPECT_NE(error_of("{\"normalizer\": " + deep + "}").find("normalizer"), std::string::npos);
  EXPECT_NE(error_of("{\"a\": \"\xff\"}").find("not JSON"), std::string::npos);
}

TEST(TokenizerJson, SurvivesCutsAndFlippedBytes) {
  Rng rng(4);
  const std::string good = good_json();
  for (int round = 0; round < 60; ++round) {
    std::string bad =
        good.substr(0, static_cast<size_t>(rng.below(static_cast<int64_t>(good.size()) - 3)));
    EXPECT_NE(error_of(bad), "no error");
    bad = good;
    bad[static_cast<size_t>(rng.below(static_cast<int64_t>(bad.size())))] =
        static_cast<char>(rng.below(256));
    try {
      read(bad)->encode("red apple 狗");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInput);
    }
  }
}

}  // namespace
}  // namespace braid
