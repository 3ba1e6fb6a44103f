#include "braid/tokenizer/decoder.h"

#include <charconv>
#include <memory>
#include <optional>

#include "braid/core/text.h"
#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/normalizer.h"
#include "braid/tokenizer/pattern.h"
#include "braid/tokenizer/text_changes.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

using Tokens = std::vector<std::string>;

constexpr const char* kUnreadable = "\xef\xbf\xbd";

std::string joined(const Tokens& tokens) { return join(tokens, ""); }

void decode_letters(Tokens& tokens) {
  std::string bytes;
  for (const auto& token : tokens) bytes += from_letters(token).value_or(token);
  tokens = {repair_utf8(bytes)};
}

// HF's "cleanup": blanks that English does not write.
std::string cleaned_up(std::string text) {
  constexpr std::pair<const char*, const char*> kEnglish[] = {
      {" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
      {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
      {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
  for (const auto& [from, to] : kEnglish) text = replaced(text, from, to);
  return text;
}

DecoderStep word_piece_step(const JsonView& json) {
  const std::string prefix = json.member("prefix").text_or("##");
  const bool cleanup = json.member("cleanup").flag(true);
  return [=](Tokens& tokens) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      if (i > 0) {
        const bool continues = tokens[i].starts_with(prefix);
        tokens[i] = continues ? tokens[i].substr(prefix.size()) : " " + tokens[i];
      }
      if (cleanup) tokens[i] = cleaned_up(tokens[i]);
    }
  };
}

DecoderStep metaspace_step(const JsonView& json) {
  std::string letter;
  append_utf8(json.member("replacement").character(), letter);
  const bool legacy = json.member("add_prefix_space").flag(true);
  const bool prepends =
      json.member("prepend_scheme").text_or(legacy ? "always" : "never") != "never";
  return [=](Tokens& tokens) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      tokens[i] = replaced(tokens[i], letter, i == 0 && prepends ? "" : " ");
    }
  };
}

DecoderStep suffix_step(const JsonView& json) {
  const std::string suffix = json.member("suffix").text_or("</w>");
  return [=](Tokens& tokens) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      tokens[i] = replaced(tokens[i], suffix, i + 1 < tokens.size() ? " " : "");
    }
  };
}

DecoderStep strip_step(const JsonView& json) {
  std::string letter;
  append_utf8(json.member("content").character(), letter);
  const JsonView start = json.member("start"), stop = json.member("stop");
  if (start.integer() < 0) start.fail("expected at least 0");
  if (stop.integer() < 0) stop.fail("expected at least 0");
  return [=, start = start.integer(), stop = stop.integer()](Tokens& tokens) {
    for (auto& token : tokens) {
      std::string_view rest = token;
      for (int64_t i = 0; i < start && rest.starts_with(letter); ++i)
        rest.remove_prefix(letter.size());
      for (int64_t i = 0; i < stop && rest.ends_with(letter); ++i)
        rest.remove_suffix(letter.size());
      token = std::string(rest);
    }
  };
}

DecoderStep replace_step(const JsonView& json) {
  const std::shared_ptr<const Pattern> pattern = read_pattern(json.member("pattern"));
  const std::string content = json.member("content").text();
  return [=](Tokens& tokens) {
    for (auto& token : tokens) {
      std::string out;
      size_t at = 0;
      pattern->find(token, [&](size_t begin, size_t end) {
        out.append(token, at, begin - at).append(content);
        at = end;
      });
      token = out.append(token, at);
    }
  };
}

void read_steps(const JsonView& json, std::vector<DecoderStep>& steps, int depth) {
  const std::string type = json.type();
  if (type == "Sequence") {
    if (depth == kDeepestNesting) json.fail("Sequences nest deeper than 8");
    const JsonView list = json.member("decoders");
    for (size_t i = 0; i < list.size(); ++i) read_steps(list.item(i), steps, depth + 1);
  } else if (type == "ByteLevel") {
    steps.push_back(decode_letters);
  } else if (type == "WordPiece") {
    steps.push_back(word_piece_step(json));
  } else if (type == "Metaspace") {
    steps.push_back(metaspace_step(json));
  } else if (type == "BPEDecoder") {
    steps.push_back(suffix_step(json));
  } else if (type == "ByteFallback") {
    steps.push_back(join_byte_tokens);
  } else if (type == "Fuse") {
    steps.push_back([](Tokens& tokens) { tokens = {joined(tokens)}; });
  } else if (type == "Strip") {
    steps.push_back(strip_step(json));
  } else if (type == "Replace") {
    steps.push_back(replace_step(json));
  } else {
    json.unsupported_type(
        "ByteLevel, WordPiece, Metaspace, BPEDecoder, ByteFallback, Fuse, Strip, Replace or "
        "Sequence");
  }
}

// "<0xE7>"
std::optional<char> byte_of(const std::string& token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(&token[3], &token[5], value, 16);
  if (error != std::errc() || end != &token[5]) return std::nullopt;
  return static_cast<char>(value);
}

}  // namespace

std::string Decoder::text(std::vector<std::string> tokens) const {
  for (const auto& step : steps) step(tokens);
  return join(tokens, between);
}

Decoder read_decoder(const JsonView& json) {
  Decoder decoder;
  if (json.is_null()) {
    decoder.between = " ";
  } else {
    read_steps(json, decoder.steps, 0);
  }
  return decoder;
}

void join_byte_tokens(std::vector<std::string>& tokens) {
  Tokens out;
  std::string bytes;
  const auto close = [&] {
    if (bytes.empty()) return;
    std::string unreadable;
    for (size_t i = 0; i < bytes.size(); ++i) unreadable += kUnreadable;
    out.push_back(valid_utf8(bytes) ? bytes : unreadable);
    bytes.clear();
  };
  for (auto& token : tokens) {
    if (const auto byte = byte_of(token)) {
      bytes += *byte;
    } else {
      close();
      out.push_back(std::move(token));
    }
  }
  close();
  tokens = std::move(out);
}

}  // namespace braid
