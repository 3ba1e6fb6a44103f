// What text goes through before it is cut into words, under the names of HF tokenizer.json.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "braid/tokenizer/json_view.h"

namespace braid {

enum class NormalStep : uint8_t { kNfc, kNfd, kNfkc, kNfkd, kLowercase };

const char* normal_step_name(NormalStep step);  // "NFC", "Lowercase"
std::optional<NormalStep> find_normal_step(std::string_view name);

// Applies the steps in order. The text must be valid UTF-8. Lowercase goes character by character,
// as HF's does: no final sigma, no language.
std::string normalize(std::string_view text, const std::vector<NormalStep>& steps);

// One normaliser of a tokenizer.json: valid UTF-8 in and out, many threads.
using TextChange = std::function<std::string(const std::string&)>;

// Sequences within sequences are read as one list, to this depth.
inline constexpr int kDeepestNesting = 8;

// Appends what `json` asks for, nothing for null. Throws Error(kInput) naming what is not known.
void read_normalizer(const JsonView& json, std::vector<TextChange>& changes, int depth = 0);

std::string changed(std::string text, const std::vector<TextChange>& changes);

}  // namespace braid
