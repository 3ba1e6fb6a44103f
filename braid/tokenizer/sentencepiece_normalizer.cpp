#include "braid/tokenizer/sentencepiece_normalizer.h"

#include "braid/tokenizer/text_changes.h"
#include "braid/tokenizer/unicode.h"

namespace braid {

SentencePieceNormalizer::SentencePieceNormalizer(const SentencePieceParts& parts,
                                                 const std::string& where)
    : blank_(parts.escape_blanks ? kBlankLetter : " "),
      dummy_prefix_(parts.add_dummy_prefix && !parts.blank_as_suffix),
      dummy_suffix_(parts.add_dummy_prefix && parts.blank_as_suffix),
      remove_extra_blanks_(parts.remove_extra_blanks) {
  if (!parts.charsmap.empty()) {
    map_ = Charsmap(parts.charsmap, where + ": normalizer_spec.precompiled_charsmap");
  }
  std::vector<std::pair<std::string, int32_t>> keys;
  for (const auto& piece : parts.pieces) {
    if (piece.type == PieceType::kUserDefined) keys.emplace_back(piece.text, 0);
  }
  kept_ = PrefixTrie(std::move(keys));
}

Charsmap::Match SentencePieceNormalizer::next(std::string_view text) const {
  if (const auto kept = kept_.longest(text); kept.length > 0) {
    return {kept.length, text.substr(0, kept.length)};
  }
  if (const auto mapped = map_.longest(text); mapped.length > 0) return mapped;
  size_t end = 0;
  next_code_point(text, end);
  return {end, text.substr(0, end)};
}

std::string SentencePieceNormalizer::apply(std::string_view text) const {
  while (remove_extra_blanks_ && !text.empty()) {
    const auto first = next(text);
    if (first.text != " ") break;
    text.remove_prefix(first.length);
  }
  if (text.empty()) return "";
  std::string out(dummy_prefix_ ? blank_ : "");
  bool after_blank = remove_extra_blanks_;
  while (!text.empty()) {
    auto [length, form] = next(text);
    while (after_blank && form.starts_with(' ')) form.remove_prefix(1);
    if (!form.empty()) {
      out += replaced(form, " ", blank_);
      after_blank = remove_extra_blanks_ && form.ends_with(' ');
    }
    text.remove_prefix(length);
  }
  if (remove_extra_blanks_) out = without_trailing_blanks(std::move(out));
  return dummy_suffix_ ? out.append(blank_) : out;
}

std::string SentencePieceNormalizer::without_trailing_blanks(std::string text) const {
  while (text.ends_with(blank_)) text.resize(text.size() - blank_.size());
  return text;
}

}  // namespace braid
