#include "braid/demo_data/emoji_base.h"

#include <algorithm>
#include <array>
#include <utility>

#include "braid/demo_data/emoji_list.h"

namespace braid {
namespace {

constexpr char32_t kJoiner = 0x200D;
constexpr char32_t kPerson = 0x1F9D1;
constexpr char32_t kChild = 0x1F9D2;

// One code point that depicts the same as another, but for gender or hair.
constexpr std::array<std::pair<char32_t, char32_t>, 18> kSameThing{{
    {0x1F468, kPerson},
    {0x1F469, kPerson},  // man, woman
    {0x1F471, kPerson},
    {0x1F9D4, kPerson},  // blond hair, beard
    {0x1F466, kChild},
    {0x1F467, kChild},  // boy, girl
    {0x1F474, 0x1F9D3},
    {0x1F475, 0x1F9D3},  // old man, old woman
    {0x1F46C, 0x1F46B},
    {0x1F46D, 0x1F46B},  // men, women holding hands
    {0x1F934, 0x1FAC5},
    {0x1F478, 0x1FAC5},  // prince, princess; person with crown
    {0x1F930, 0x1FAC4},
    {0x1FAC3, 0x1FAC4},  // pregnant woman, man, person
    {0x1F57A, 0x1F483},  // man, woman dancing
    {0x1F936, 0x1F385},  // Mrs. Claus, Santa Claus
    {0x1FAF1, 0x1F91D},
    {0x1FAF2, 0x1F91D},  // the two hands of a handshake of two tones
}};

// Joined sequences (after kSameThing) that have a code point of their own.
const std::pair<std::u32string, char32_t> kJoined[] = {
    {U"\U0001F9D1\u200D\U0001F91D\u200D\U0001F9D1", 0x1F46B},              // holding hands
    {U"\U0001F9D1\u200D\u2764\u200D\U0001F48B\u200D\U0001F9D1", 0x1F48F},  // kiss
    {U"\U0001F9D1\u200D\u2764\u200D\U0001F9D1", 0x1F491},                  // couple with heart
    {U"\U0001F91D\u200D\U0001F91D", 0x1F91D},                              // handshake
    {U"\U0001F9D1\u200D\U0001F384", 0x1F385},                              // Mx Claus
    {U"\U0001F9D1\u200D\U0001F9B0", kPerson},                              // red hair
    {U"\U0001F9D1\u200D\U0001F9B1", kPerson},                              // curly hair
    {U"\U0001F9D1\u200D\U0001F9B2", kPerson},                              // bald
    {U"\U0001F9D1\u200D\U0001F9B3", kPerson},                              // white hair
};

// Joined to an emoji, these say gender (female, male) or direction (right), not another thing.
bool is_modifier(char32_t point) { return point == 0x2640 || point == 0x2642 || point == 0x27A1; }

template <class Drop>
std::u32string without(std::u32string_view points, Drop drop) {
  std::u32string out(points);
  out.erase(std::remove_if(out.begin(), out.end(), drop), out.end());
  return out;
}

bool is_family(std::u32string_view points) {
  return points.size() > 1 && std::all_of(points.begin(), points.end(), [](char32_t p) {
           return p == kPerson || p == kChild || p == kJoiner;
         });
}

}  // namespace

std::u32string without_selector(std::u32string_view points) {
  return without(points, [](char32_t p) { return p == kVariationSelector; });
}

std::u32string without_tones(std::u32string_view points) {
  return without(points, [](char32_t p) { return p == kVariationSelector || is_skin_tone(p); });
}

std::u32string kin_emoji(std::u32string_view points) {
  const std::u32string plain = without_tones(points);
  std::u32string base;
  for (size_t i = 0; i < plain.size(); ++i) {
    if (plain[i] == kJoiner && i + 1 < plain.size() && is_modifier(plain[i + 1])) {
      ++i;
      continue;
    }
    const auto same = std::find_if(kSameThing.begin(), kSameThing.end(),
                                   [&](const auto& pair) { return pair.first == plain[i]; });
    base += same == kSameThing.end() ? plain[i] : same->second;
  }
  if (base.empty()) return std::u32string(points);
  if (is_family(base)) return U"\U0001F46A";
  for (const auto& [joined, single] : kJoined) {
    if (base == joined) return std::u32string(1, single);
  }
  return base;
}

}  // namespace braid
