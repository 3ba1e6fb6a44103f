#include "braid/tokenizer/charsmap.h"

#include <unicode/brkiter.h>
#include <unicode/utext.h>

#include <cstring>
#include <memory>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

// A unit of the array: 31 bits of value, or label, leaf mark and offset.
uint32_t unit_label(uint32_t unit) { return unit & (uint32_t{1} << 31 | 0xff); }
uint32_t unit_offset(uint32_t unit) { return unit >> 10 << ((unit & uint32_t{1} << 9) >> 6); }
bool has_leaf(uint32_t unit) { return unit >> 8 & 1; }
uint32_t unit_value(uint32_t unit) { return unit & ~(uint32_t{1} << 31); }

bool inside_character(std::string_view text, size_t at) {
  return at < text.size() && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80;
}

void append_mapped(std::string_view text, const Charsmap& map, std::string& out) {
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    next_code_point(text, at);
    const std::string_view letter = text.substr(begin, at - begin);
    const auto match = map.shortest(letter);
    out += match.length > 0 ? match.text : letter;
  }
}

}  // namespace

Charsmap::Charsmap(std::string_view bytes, const std::string& where) {
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorCode::kInput, where + ": not a precompiled character map: " + what);
  };
  uint32_t size = 0;
  if (bytes.size() <= sizeof size) fail("only " + std::to_string(bytes.size()) + " bytes");
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  if (size % sizeof(uint32_t) != 0 || size < 256 * sizeof(uint32_t) || size >= bytes.size()) {
    fail("its trie of " + std::to_string(size) + " bytes among " + std::to_string(bytes.size()));
  }
  units_.resize(size / sizeof(uint32_t));
  std::memcpy(units_.data(), bytes.data(), size);
  forms_ = bytes.substr(size);
  if (forms_.back() != '\0') fail("its last text does not end");
  for (size_t at = 0; at < forms_.size(); at += std::strlen(&forms_[at]) + 1) {
    if (!valid_utf8(&forms_[at])) fail("a text is not UTF-8");
  }
}

Charsmap::Match Charsmap::match(std::string_view text, bool longest) const {
  Match found;
  if (units_.empty()) return found;
  size_t node = unit_offset(units_[0]);
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    node ^= byte;
    if (byte == 0 || node >= units_.size() || unit_label(units_[node]) != byte) break;
    const uint32_t unit = units_[node];
    node ^= unit_offset(unit);
    if (!has_leaf(unit) || node >= units_.size() || inside_character(text, i + 1)) continue;
    found = {i + 1, form(unit_value(units_[node]))};
    if (!longest) break;
  }
  return found;
}

std::string_view Charsmap::form(uint32_t offset) const {
  // Inside a text an offset could cut a character: only what begins at a boundary is UTF-8.
  if (offset >= forms_.size() || inside_character(forms_, offset)) return "";
  return &forms_[offset];
}

std::string precompiled_form(const std::string& text, const Charsmap& map) {
  if (text.size() > INT32_MAX) {
    throw Error(ErrorCode::kLimit, "text of " + std::to_string(text.size()) +
                                       " bytes: expected at most 2 GiB in one piece");
  }
  constexpr size_t kClusterLimit = 6;  // bytes; longer ones go character by character
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> clusters(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
  const std::unique_ptr<UText, decltype(&utext_close)> bytes(
      utext_openUTF8(nullptr, text.data(), static_cast<int64_t>(text.size()), &status),
      utext_close);
  if (U_SUCCESS(status)) clusters->setText(bytes.get(), status);
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kInternal, std::string("ICU cannot cut text: ") + u_errorName(status));
  }
  std::string out;
  for (int32_t begin = clusters->first(), end; (end = clusters->next()) != icu::BreakIterator::DONE;
       begin = end) {
    const auto cluster =
        std::string_view(text).substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
    const auto match = cluster.size() < kClusterLimit ? map.shortest(cluster) : Charsmap::Match{};
    if (match.length > 0) {
      out += match.text;
    } else {
      append_mapped(cluster, map, out);
    }
  }
  return out;
}

std::string from_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  uint32_t bits = 0;
  int held = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (const char letter : text) {
    const size_t digit = kDigits.find(letter);
    if (digit == kDigits.npos) return "";
    bits = bits << 6 | static_cast<uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out += static_cast<char>(bits >> held & 0xff);
  }
  return out;
}

}  // namespace braid
