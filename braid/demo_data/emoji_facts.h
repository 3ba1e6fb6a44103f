// What the demo set says of itself: facts.json, README.md, LICENSES.md, and the manifest's rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "braid/demo_data/emoji_inputs.h"
#include "braid/demo_data/emoji_rows.h"
#include "braid/demo_data/emoji_speech.h"

namespace braid {

struct EmojiFacts {
  std::string emoji_version;  // of emoji-test.txt
  int64_t side = 0;           // of the pictures, pixels
  int64_t listed = 0;         // emoji asked for
  int64_t unnamed = 0;        // of these, named in none of the languages: left out
  int64_t undrawn = 0;        // of these, not one picture in the font: left out
  int64_t distinct_pictures = 0;
  std::optional<EmojiSpeech> speech;  // where the set is read aloud
};

std::string manifest_jsonl(const std::vector<EmojiRow>& rows);
std::string facts_json(const EmojiConfig& config, const EmojiInputs& inputs,
                       const EmojiFacts& facts, const std::vector<EmojiRow>& rows);
std::string readme_markdown(const EmojiConfig& config, const EmojiFacts& facts,
                            const std::vector<EmojiRow>& rows);
std::string licenses_markdown();

}  // namespace braid
