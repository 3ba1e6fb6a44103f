// What text goes through before it is cut into words, under the names of HF tokenizer.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

enum class NormalStep : uint8_t { kNfc, kNfd, kNfkc, kNfkd, kLowercase };

const char* normal_step_name(NormalStep step);  // "NFC", "Lowercase"
std::optional<NormalStep> find_normal_step(std::string_view name);

// Applies the steps in order. The text must be valid UTF-8. Lowercase goes character by character,
// as HF's does: no final sigma, no language.
std::string normalize(std::string_view text, const std::vector<NormalStep>& steps);

}  // namespace braid
