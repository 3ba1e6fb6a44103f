#include "braid/tokenizer/pipeline.h"

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/tokenizer/byte_letters.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

std::vector<AddedToken> added_where(const std::vector<AddedToken>& tokens, bool normalized) {
  std::vector<AddedToken> chosen;
  for (const auto& token : tokens) {
    if (token.normalized == normalized) chosen.push_back(token);
  }
  return chosen;
}

std::vector<AddedToken> normalized_tokens(const PipelineParts& parts) {
  auto tokens = added_where(parts.added, true);
  for (auto& token : tokens) token.text = changed(token.text, parts.normalizer);
  return tokens;
}

// Blanks as SentencePiece writes them; control characters and halves of characters in hex.
std::string visible(std::string_view bytes) {
  const bool whole = valid_utf8(bytes);
  std::string out;
  for (const char byte : bytes) {
    const auto value = static_cast<uint8_t>(byte);
    const bool plain = value > ' ' && value != 0x7f && (value < 0x80 || whole);
    if (byte == ' ') {
      out += "\xe2\x96\x81";
    } else if (plain) {
      out += byte;
    } else {
      out += "<" + byte_token(value).substr(3);  // "<0xE7>" without "0x"
    }
  }
  return out;
}

class Pipeline final : public Tokenizer {
 public:
  explicit Pipeline(PipelineParts parts)
      : parts_(std::move(parts)),
        raw_(added_where(parts_.added, false)),
        normalized_(normalized_tokens(parts_)),
        special_(static_cast<size_t>(parts_.vocabulary->size())) {
    const SpecialIds& ids = parts_.special_ids;
    for (const int64_t id : {ids.pad, ids.mask, ids.bos, ids.eos}) mark_special(id);
    for (const int64_t id : parts_.frame.prefix) mark_special(id);
    for (const int64_t id : parts_.frame.suffix) mark_special(id);
    for (const auto& token : parts_.added) {
      if (token.special) mark_special(token.id);
    }
  }

  std::vector<int64_t> encode(std::string_view text) const override {
    const std::string whole = repair_utf8(text);
    std::vector<int64_t> ids;
    const auto on_token = [&](int64_t id) { ids.push_back(id); };
    const auto on_text = [&](std::string_view piece) {
      const std::string changed_piece = changed(std::string(piece), parts_.normalizer);
      const auto on_section = [&](std::string_view section) {
        const bool at_start =
            piece.data() == whole.data() && section.data() == changed_piece.data();
        encode_section(section, at_start, ids);
      };
      normalized_.split(changed_piece, on_section, on_token);
    };
    raw_.split(whole, on_text, on_token);
    return ids;
  }

  std::string decode(const std::vector<int64_t>& ids) const override {
    std::vector<std::string> tokens;
    for (const auto id : ids) {
      if (id < 0 || id >= vocabulary()) {
        throw Error(ErrorCode::kInput, "token id " + std::to_string(id) + ": expected 0 .. " +
                                           std::to_string(vocabulary() - 1));
      }
      if (!is_special(id)) tokens.push_back(token(id));
    }
    return parts_.decoder.text(std::move(tokens));
  }

  int64_t vocabulary() const override { return parts_.vocabulary->size(); }
  const std::string& token(int64_t id) const override { return parts_.vocabulary->token(id); }
  std::string readable(int64_t id) const override {
    const auto bytes = parts_.byte_letters ? from_letters(token(id)) : std::nullopt;
    return bytes ? visible(*bytes) : token(id);
  }
  bool is_special(int64_t id) const override { return special_.at(static_cast<size_t>(id)); }
  const SpecialIds& special_ids() const override { return parts_.special_ids; }
  const TokenFrame& frame() const override { return parts_.frame; }
  TokenizerFile file() const override { return {".json", parts_.json}; }
  std::vector<std::pair<std::string, std::string>> summary() const override {
    return parts_.summary;
  }

 private:
  void mark_special(int64_t id) {
    if (id >= 0) special_[static_cast<size_t>(id)] = true;
  }

  void encode_section(std::string_view section, bool at_start, std::vector<int64_t>& ids) const {
    if (!parts_.pre_tokenizer) return parts_.model->encode(section, ids);
    parts_.pre_tokenizer->cut(
        section, at_start, [&](std::string_view word, bool) { parts_.model->encode(word, ids); });
  }

  PipelineParts parts_;
  AddedMatcher raw_;
  AddedMatcher normalized_;
  std::vector<bool> special_;  // by id
};

}  // namespace

std::unique_ptr<Tokenizer> make_pipeline(PipelineParts parts) {
  return std::make_unique<Pipeline>(std::move(parts));
}

}  // namespace braid
