// Names and keywords of the demo set read aloud, and what a voice for it is trained on.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/demo_data/emoji_rows.h"
#include "braid/modality/sound/spoken_files.h"

namespace braid {

struct EmojiSpeech {
  SpeechFacts files;
  std::vector<std::string> training;  // rows of spoken.jsonl: a text and its reading each
};

// Writes <output>/speech/<language>-<words>-<hash>.flac for each distinct name and text of English
// and Chinese, the voice drawn by the text, and sets spoken_name and spoken_texts of the rows; then
// the training texts again in further voices, and phrases of their words (emoji_phrases.h). Throws
// Error(kConfig) where no language has a voice, and as SpokenFiles, make_emoji.
EmojiSpeech speak_rows(const std::filesystem::path& output, std::vector<EmojiRow>& rows,
                       ProgressSink progress, const StopFlag* stop);

}  // namespace braid
