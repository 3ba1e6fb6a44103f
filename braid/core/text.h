// Small text helpers shared by error messages and readers.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

// Edit distance with swaps of neighbours counted once (Damerau; optimal string alignment).
size_t edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `word`, or "" when none is near enough to be what was meant.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

// " (did you mean 'x'?)" or "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
bool valid_utf8(std::string_view text);

// For terminals: control characters but line breaks, and bytes that are not UTF-8, as \xNN. What
// foreign data put into a message must not move the cursor or change the title.
std::string printable(std::string_view text);

}  // namespace braid
