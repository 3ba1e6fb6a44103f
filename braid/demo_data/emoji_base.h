// Which emoji are variants of one thing: variants must not straddle splits.
#pragma once

#include <string>
#include <string_view>

namespace braid {

inline constexpr char32_t kVariationSelector = 0xFE0F;

// Without U+FE0F: what CLDR keys annotations by.
std::u32string without_selector(std::u32string_view points);

// The base emoji: without U+FE0F and skin tones, the picture whose toned copies this one is among.
std::u32string without_tones(std::u32string_view points);

// The kin of an emoji: without tones, gender signs and directions; man, woman and person as one,
// their hair and professions kept together ("woman technologist" -> person + laptop); all families,
// couples, kisses and hand-holders one kin each. Other emoji are their own kin.
std::u32string kin_emoji(std::u32string_view points);

}  // namespace braid
