// The demo set: colour emoji pictures with their names and keywords in many languages, made on the
// user's machine from Debian packages (fonts-noto-color-emoji, unicode-data, unicode-cldr-core).
//
// <output>/all.jsonl       one row an emoji: picture, names, keywords, training texts, split
// <output>/images/*.png    RGBA, named by code points
// <output>/speech/*.flac  with `speech`: names and training texts in English and Chinese
// <output>/facts.json      counts, versions, input hashes; beside it README.md and LICENSES.md
//
// `split` goes by *base* emoji (skin tones and equal pictures share one); `split_strict` by kin
// (genders, hair, directions too), so that not even a near copy of a training picture is tested. In
// a third of the training rows the name is withheld: `texts_<language>` then holds keywords only,
// and the name can be asked for as an unseen text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/core/progress.h"

namespace braid {

struct EmojiConfig {
  std::filesystem::path output;  // made where absent; pictures already there are kept if equal
  std::vector<std::string> languages = {"en", "zh", "zh_Hant", "ja"};
  bool tones = false;
  bool speech = false;
  int64_t side = 0;
  std::string font;
  std::string cldr;
  std::string emoji_test;
};

template <class Field>
void visit(Field&& field, EmojiConfig& c) {
  field("languages", c.languages, "CLDR locales with annotations: en, zh, zh_Hant, ja, de, ...");
  field("tones", c.tones, "also the skin-tone variants");
  field("speech", c.speech, "names and keywords read aloud too (en, zh), by espeak-ng");
  field("side", c.side, closed<int64_t>(0, 4096),
        "side of the pictures, pixels; 0: the font's own");
  field("font", c.font, "NotoColorEmoji.ttf; default: where the package puts it");
  field("cldr", c.cldr, "folder that holds annotations/; default: where the package puts it");
  field("emoji_test", c.emoji_test, "emoji-test.txt; default: where the package puts it");
}

// Writes the set. The manifest comes last: a run that was stopped leaves the old manifest or none,
// and is simply repeated. Same inputs give the same bytes.
// Throws Error(kNotFound) naming the Debian package of an absent input, Error(kInput) with file and
// line for a malformed one, Error(kConfig) for an unknown language or a side smaller than the
// font's pictures, Error(kIo), Error(kInterrupted) when `stop` was requested.
void make_emoji(const EmojiConfig& config, ProgressSink progress = {}, StopFlag* stop = nullptr);

}  // namespace braid
