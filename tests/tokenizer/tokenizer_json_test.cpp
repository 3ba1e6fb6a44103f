#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/rng.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid {
namespace {

using nlohmann::json;

std::string good_json() {
  static const std::string text =
      train_bpe([](const TextVisitor& visit) { visit("Red apple, red apple 狗狗"); },
                {300, true, 1})
          ->file()
          .bytes;
  return text;
}

std::unique_ptr<Tokenizer> read(const std::string& text) {
  return read_tokenizer_json(text, "x.json");
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
  EXPECT_EQ(first->file().bytes, good_json());
  const std::string text = "RED apples 狗 <mask> dog";
  const auto trained = train_bpe(
      [](const TextVisitor& visit) { visit("Red apple, red apple 狗狗"); }, {300, true, 1});
  EXPECT_EQ(first->encode(text), trained->encode(text));
  EXPECT_EQ(first->special_ids().eos, 3);
}

TEST(TokenizerJson, TakesMergesAsPairsToo) {
  json root = json::parse(good_json());
  for (auto& merge : root["model"]["merges"]) {
    const auto text = merge.get<std::string>();
    merge = {text.substr(0, text.find(' ')), text.substr(text.find(' ') + 1)};
  }
  for (const char* text : {"Red apple 狗狗", "pple", "a re d"}) {
    EXPECT_EQ(read(root.dump())->encode(text), read(good_json())->encode(text));
  }
}

TEST(TokenizerJson, ReadsAFile) {
  const auto path = std::filesystem::path(testing::TempDir()) / "braid_tokenizer_test.json";
  write_atomic(path, good_json());
  EXPECT_EQ(load_tokenizer(path)->file().bytes, good_json());
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
      {"normalizer: type Foo is not supported: expected NFC",
       [](json& r) {
         r["normalizer"] = {{"type", "Foo"}};
       }},
      {"normalizer.normalizers[1]: type Foo",
       [](json& r) { r["normalizer"]["normalizers"][1]["type"] = "Foo"; }},
      {"pre_tokenizer: type UnicodeScripts",
       [](json& r) { r["pre_tokenizer"]["type"] = "UnicodeScripts"; }},
      {"pre_tokenizer.pretokenizers[0]: type FixedLength",
       [](json& r) {
         r["pre_tokenizer"] = {{"type", "Sequence"},
                               {"pretokenizers", {{{"type", "FixedLength"}}}}};
       }},
      {"pre_tokenizer.behavior: 'Dropped' is not supported",
       [](json& r) {
         r["pre_tokenizer"] = {
             {"type", "Split"}, {"pattern", {{"String", "a"}}}, {"behavior", "Dropped"}};
       }},
      {"pre_tokenizer.pattern.Regex: \\h in an expression is not supported",
       [](json& r) {
         r["pre_tokenizer"] = {
             {"type", "Split"}, {"pattern", {{"Regex", "\\h"}}}, {"behavior", "Removed"}};
       }},
      {"pre_tokenizer.pattern.Regex: '(' is no regular expression",
       [](json& r) {
         r["pre_tokenizer"] = {
             {"type", "Split"}, {"pattern", {{"Regex", "("}}}, {"behavior", "Removed"}};
       }},
      {"post_processor: type Foo",
       [](json& r) {
         r["post_processor"] = {{"type", "Foo"}};
       }},
      {"post_processor.single[0].Sequence: only sequence A",
       [](json& r) {
         r["post_processor"] = {{"type", "TemplateProcessing"},
                                {"single", {{{"Sequence", {{"id", "B"}}}}}}};
       }},
      {"decoder: type CTC",
       [](json& r) {
         r["decoder"] = {{"type", "CTC"}};
       }},
      {"model: type WordLevel", [](json& r) { r["model"]["type"] = "WordLevel"; }},
      {"model: expected an object, got null", [](json& r) { r.erase("model"); }},
      {"model.dropout: random merges", [](json& r) { r["model"]["dropout"] = 0.1; }},
      {"model.unk_token: '<unk>' is not in model.vocab",
       [](json& r) { r["model"]["unk_token"] = "<unk>"; }},
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
      {"no token has id 69", [](json& r) { r["model"]["vocab"].erase("A"); }},
      {"belongs to", [](json& r) { r["model"]["vocab"]["new"] = 5; }},
      {"model.vocab['new']: expected an integer",
       [](json& r) { r["model"]["vocab"]["new"] = "5"; }},
      {"expected an integer", [](json& r) { r["model"]["vocab"]["new"] = 5.5; }},
      {"two ids", [](json& r) { r["added_tokens"][0]["id"] = 8; }},
      {"is empty", [](json& r) { r["model"]["vocab"][""] = 5; }},
      {"model.merges[0]: 'qq' is not in model.vocab",
       [](json& r) { r["model"]["merges"][0] = "q q"; }},
      {"model.merges[1]: repeats",
       [](json& r) { r["model"]["merges"][1] = r["model"]["merges"][0]; }},
      {"expected \"a b\"", [](json& r) { r["model"]["merges"][0] = "a b c"; }},
      {"expected \"a b\"", [](json& r) { r["model"]["merges"][0] = {"a"}; }},
      {"expected \"a b\"", [](json& r) { r["model"]["merges"][0] = 7; }},
      {"model.merges: expected a list", [](json& r) { r["model"]["merges"] = 7; }},
      {"model.vocab: expected an object", [](json& r) { r["model"]["vocab"] = json::array(); }},
      {"added_tokens: expected a list", [](json& r) { r["added_tokens"] = "x"; }},
      {"added_tokens[0]: expected an object", [](json& r) { r["added_tokens"][0] = 1; }},
      {"added_tokens[0].content: expected text",
       [](json& r) { r["added_tokens"][0]["content"] = 1; }},
      {"added_tokens[0].special: expected true or false",
       [](json& r) { r["added_tokens"][0]["special"] = 1; }},
      {"normalizer: expected an object, got number", [](json& r) { r["normalizer"] = 1; }},
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
  const std::string start = good_json().substr(0, good_json().find("\"normalizer\""));
  const std::string end = good_json().substr(good_json().find(",\n  \"pre_tokenizer\""));
  EXPECT_NE(
      error_of(start + "\"normalizer\": " + deep + end).find("normalizer: expected an object"),
      std::string::npos);
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
