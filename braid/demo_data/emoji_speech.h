// Names and keywords of the demo set read aloud.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/demo_data/emoji_rows.h"

namespace braid {

struct SpeechFacts {
  std::string synthesiser;  // "espeak-ng 1.51"
  std::vector<std::string> voices;
  int64_t files = 0;
  int64_t silent = 0;  // distinct texts that the voice has no sound for
};

// Writes <output>/speech/<language>-<words>-<hash>.flac for each distinct name and training text of
// English and Chinese, the voice drawn by the text, and sets spoken_name and spoken_texts of the
// rows. A file already there is kept: its name says text, voice and version. Throws Error(kConfig)
// where no language has a voice, and as Speaker, make_emoji.
SpeechFacts speak_rows(const std::filesystem::path& output, std::vector<EmojiRow>& rows,
                       ProgressSink progress, const StopFlag* stop);

}  // namespace braid
