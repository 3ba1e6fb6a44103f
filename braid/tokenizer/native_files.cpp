#include "braid/tokenizer/native_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/text_changes.h"

namespace braid {
namespace {

using nlohmann::ordered_json;

constexpr const char* kWordEnd = "</w>";
constexpr const char* kClipStart = "<|startoftext|>";
constexpr const char* kTextEnd = "<|endoftext|>";
constexpr const char* kClipWords = R"('s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+)";

[[noreturn]] void fail_at(const std::string& where, const std::string& message) {
  throw Error(ErrorCode::kInput, where + ": " + message);
}

std::vector<std::string> text_lines(const std::string& text, const std::string& where) {
  if (!valid_utf8(text)) fail_at(where, "is not UTF-8: expected a text file");
  auto lines = split(text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  for (auto& line : lines) {
    if (line.ends_with('\r')) line.pop_back();
  }
  return lines;
}

ordered_json added_token(const ordered_json& vocab, const std::string& name) {
  return {{"id", vocab.at(name)}, {"content", name},     {"single_word", false}, {"lstrip", false},
          {"rstrip", false},      {"normalized", false}, {"special", true}};
}

ordered_json around(const char* type, const ordered_json& vocab, const char* first,
                    const char* last) {
  return {{"type", type},
          {"sep", ordered_json::array({last, vocab.at(last)})},
          {"cls", ordered_json::array({first, vocab.at(first)})}};
}

ordered_json byte_level(bool use_regex) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", true},
          {"use_regex", use_regex}};
}

ordered_json bpe_model(ordered_json vocab, ordered_json merges) {
  return {{"type", "BPE"},
          {"unk_token", nullptr},
          {"end_of_word_suffix", nullptr},
          {"vocab", std::move(vocab)},
          {"merges", std::move(merges)}};
}

// `front` are the normalisers before white space is collapsed.
ordered_json clip_tokenizer(ordered_json vocab, ordered_json merges, ordered_json front) {
  front.push_back({{"type", "NFC"}});
  front.push_back({{"type", "Replace"}, {"pattern", {{"Regex", "\\s+"}}}, {"content", " "}});
  front.push_back({{"type", "Strip"}, {"strip_left", true}, {"strip_right", true}});
  front.push_back({{"type", "Lowercase"}});
  const ordered_json cut = {{"type", "Split"},
                            {"pattern", {{"Regex", kClipWords}}},
                            {"behavior", "Removed"},
                            {"invert", true}};
  const ordered_json blank = {
      {"type", "Replace"}, {"pattern", {{"String", kWordEnd}}}, {"content", " "}};
  const ordered_json strip = {{"type", "Strip"}, {"content", " "}, {"start", 0}, {"stop", 1}};
  ordered_json root = {{"version", "1.0"}};
  root["added_tokens"] = {added_token(vocab, kClipStart), added_token(vocab, kTextEnd)};
  root["normalizer"] = {{"type", "Sequence"}, {"normalizers", std::move(front)}};
  root["pre_tokenizer"] = {{"type", "Sequence"},
                           {"pretokenizers", ordered_json::array({cut, byte_level(false)})}};
  root["post_processor"] = around("BertProcessing", vocab, kClipStart, kTextEnd);
  root["decoder"] = {{"type", "Sequence"},
                     {"decoders", ordered_json::array({byte_level(true), blank, strip})}};
  root["model"] = bpe_model(std::move(vocab), std::move(merges));
  root["model"]["unk_token"] = kTextEnd;
  root["model"]["end_of_word_suffix"] = kWordEnd;
  return root;
}

ordered_json byte_level_tokenizer(ordered_json vocab, ordered_json merges) {
  ordered_json root = {{"version", "1.0"}, {"added_tokens", ordered_json::array()}};
  for (const char* name : {"<s>", "<pad>", "</s>", "<unk>", "<mask>", kTextEnd}) {
    if (!vocab.contains(name)) continue;
    root["added_tokens"].push_back(added_token(vocab, name));
    root["added_tokens"].back()["lstrip"] = std::string_view(name) == "<mask>";
  }
  root["normalizer"] = nullptr;
  root["pre_tokenizer"] = byte_level(true);
  const bool roberta = vocab.contains("<s>") && vocab.contains("</s>");
  root["post_processor"] = nullptr;
  if (roberta) root["post_processor"] = around("RobertaProcessing", vocab, "<s>", "</s>");
  root["decoder"] = byte_level(true);
  root["model"] = bpe_model(std::move(vocab), std::move(merges));
  return root;
}

ordered_json merge_list(const std::vector<std::string>& lines, size_t most) {
  auto merges = ordered_json::array();
  for (size_t i = 0; i < lines.size() && merges.size() < most; ++i) {
    const bool header = i == 0 && lines[i].find("#version") != std::string::npos;
    if (!header && !lines[i].empty()) merges.push_back(lines[i]);
  }
  return merges;
}

// A token's id is its line; of a token that is there twice the last line counts, as in BERT's own
// reader (bert-base-chinese has such). A line that counts for nothing gets a name with a blank,
// which no word can have, so that ids have no gap.
nlohmann::json word_piece_vocab(const std::vector<std::string>& lines) {
  std::vector<std::string> tokens;
  std::unordered_map<std::string, size_t> ids;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::string token = stripped(lines[i], true, true);
    if (token.empty()) token = "line " + std::to_string(i + 1);
    const auto [entry, fresh] = ids.try_emplace(token, i);
    if (!fresh) tokens[entry->second] = "line " + std::to_string(entry->second + 1);
    entry->second = i;
    tokens.push_back(std::move(token));
  }
  nlohmann::json vocab = nlohmann::json::object();
  for (size_t i = 0; i < tokens.size(); ++i) vocab.emplace(tokens[i], i);
  return vocab;
}

}  // namespace

std::string word_piece_json(const std::string& text, bool lowercase, const std::string& where) {
  auto vocab = word_piece_vocab(text_lines(text, where));
  ordered_json root = {{"version", "1.0"}, {"added_tokens", ordered_json::array()}};
  root["normalizer"] = {{"type", "BertNormalizer"},
                        {"clean_text", true},
                        {"handle_chinese_chars", true},
                        {"strip_accents", lowercase},
                        {"lowercase", lowercase}};
  root["pre_tokenizer"] = {{"type", "BertPreTokenizer"}};
  root["post_processor"] = nullptr;
  if (vocab.contains("[CLS]") && vocab.contains("[SEP]")) {
    root["post_processor"] = around("BertProcessing", vocab, "[CLS]", "[SEP]");
  }
  root["decoder"] = {{"type", "WordPiece"}, {"prefix", "##"}, {"cleanup", true}};
  root["model"] = {{"type", "WordPiece"},
                   {"unk_token", "[UNK]"},
                   {"continuing_subword_prefix", "##"},
                   {"max_input_chars_per_word", 200},  // Google's; HF's is 100
                   {"vocab", std::move(vocab)}};
  return root.dump();
}

std::string clip_json(const std::string& text, const std::string& where) {
  constexpr size_t kMostMerges = 49152 - 256 - 2;  // simple_tokenizer.py reads no more
  auto merges = merge_list(text_lines(text, where), kMostMerges);
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.push_back(byte_letter(static_cast<uint8_t>(byte)));
  std::sort(tokens.begin(), tokens.end());  // the order of code points
  for (size_t i = 0; i < 256; ++i) tokens.push_back(tokens[i] + kWordEnd);
  for (const auto& merge : merges) tokens.push_back(replaced(merge.get<std::string>(), " ", ""));
  tokens.insert(tokens.end(), {kClipStart, kTextEnd});
  nlohmann::json vocab = nlohmann::json::object();
  for (size_t id = 0; id < tokens.size(); ++id) {
    if (!vocab.emplace(tokens[id], id).second)
      fail_at(where, "merges to '" + tokens[id] + "' twice");
  }
  const ordered_json unescape = {{"type", "HtmlUnescape"}};
  return clip_tokenizer(std::move(vocab), std::move(merges),
                        ordered_json::array({unescape, unescape}))
      .dump();
}

std::string bpe_folder_json(const std::string& vocab_text, const std::string& merges_text,
                            const std::string& where) {
  nlohmann::json vocab;
  try {
    vocab = nlohmann::json::parse(vocab_text);
  } catch (const nlohmann::json::exception&) {
    fail_at(where, "vocab.json is not JSON");
  }
  if (!vocab.is_object()) fail_at(where, "vocab.json: expected an object of tokens and ids");
  auto merges = merge_list(text_lines(merges_text, where + "/merges.txt"), SIZE_MAX);
  bool word_ends = false;
  for (const auto& [token, id] : vocab.items()) word_ends = word_ends || token.ends_with(kWordEnd);
  if (!word_ends) return byte_level_tokenizer(std::move(vocab), std::move(merges)).dump();
  if (!vocab.contains(kClipStart) || !vocab.contains(kTextEnd)) {
    fail_at(where,
            "words end in </w> but there is no <|startoftext|>: only CLIP's kind is known; "
            "expected a tokenizer.json");
  }
  return clip_tokenizer(std::move(vocab), std::move(merges), ordered_json::array()).dump();
}

}  // namespace braid
