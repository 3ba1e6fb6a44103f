#include "braid/tokenizer/normalizer.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "braid/core/error.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

constexpr std::array<const char*, 5> kStepNames = {"NFC", "NFD", "NFKC", "NFKD", "Lowercase"};

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

std::string lowercase(std::string_view text) {
  constexpr char32_t kDottedI = 0x130;  // the one letter whose lowercase is two characters
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const char32_t code = next_code_point(text, at);
    if (code == kDottedI) {
      out += "i\xcc\x87";
    } else {
      append_utf8(static_cast<char32_t>(u_tolower(static_cast<UChar32>(code))), out);
    }
  }
  return out;
}

const icu::Normalizer2* normal_form(NormalStep step, UErrorCode& status) {
  switch (step) {
    case NormalStep::kNfc:
      return icu::Normalizer2::getNFCInstance(status);
    case NormalStep::kNfd:
      return icu::Normalizer2::getNFDInstance(status);
    case NormalStep::kNfkc:
      return icu::Normalizer2::getNFKCInstance(status);
    case NormalStep::kNfkd:
      return icu::Normalizer2::getNFKDInstance(status);
    case NormalStep::kLowercase:
      break;
  }
  return nullptr;
}

std::string apply_step(const std::string& text, NormalStep step) {
  if (step == NormalStep::kLowercase) return lowercase(text);
  if (is_ascii(text)) return text;
  if (text.size() > INT32_MAX) {
    throw Error(ErrorCode::kLimit, "text of " + std::to_string(text.size()) +
                                       " bytes: expected at most 2 GiB in one piece");
  }
  UErrorCode status = U_ZERO_ERROR;
  const auto* form = normal_form(step, status);
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  if (U_SUCCESS(status)) {
    const icu::StringPiece piece(text.data(), static_cast<int32_t>(text.size()));
    form->normalizeUTF8(0, piece, sink, nullptr, status);
  }
  if (U_FAILURE(status)) {
    throw Error(ErrorCode::kInternal,
                std::string("ICU cannot normalise text: ") + u_errorName(status));
  }
  return out;
}

}  // namespace

const char* normal_step_name(NormalStep step) { return kStepNames[static_cast<size_t>(step)]; }

std::optional<NormalStep> find_normal_step(std::string_view name) {
  const auto found = std::find(kStepNames.begin(), kStepNames.end(), name);
  if (found == kStepNames.end()) return std::nullopt;
  return static_cast<NormalStep>(found - kStepNames.begin());
}

std::string normalize(std::string_view text, const std::vector<NormalStep>& steps) {
  std::string out(text);
  for (const auto step : steps) out = apply_step(out, step);
  return out;
}

}  // namespace braid
