// Names and keywords of the demo set read aloud.
#pragma once

#include <filesystem>
#include <vector>

#include "braid/core/progress.h"
#include "braid/demo_data/emoji_rows.h"
#include "braid/modality/sound/spoken_files.h"

namespace braid {

// Writes <output>/speech/<language>-<words>-<hash>.flac for each distinct name and training text of
// English and Chinese, the voice drawn by the text, and sets spoken_name and spoken_texts of the
// rows. Throws Error(kConfig) where no language has a voice, and as SpokenFiles, make_emoji.
SpeechFacts speak_rows(const std::filesystem::path& output, std::vector<EmojiRow>& rows,
                       ProgressSink progress, const StopFlag* stop);

}  // namespace braid
