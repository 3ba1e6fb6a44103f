// GPT-2's byte letters: each of the 256 bytes has a printable character that stands for it in
// tokenizer.json. Printable Latin-1 stands for itself, the other 68 bytes get U+0100 onwards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace braid {

const std::string& byte_letter(uint8_t byte);  // UTF-8

std::string to_letters(std::string_view bytes);

// Nothing when a character is no byte letter. The text must be valid UTF-8.
std::optional<std::string> from_letters(std::string_view letters);

}  // namespace braid
