// Reads a text column of a data set aloud: a new manifest, a row for each text, with its sound.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/dataset.h"
#include "braid/modality/sound/spoken_files.h"

namespace braid {

struct SpeakConfig {
  DataConfig data;
  std::filesystem::path base;  // as open_dataset
  std::string split;           // rows of one split; "" = all
  std::string column;          // whose texts are read
  int64_t most = 0;            // texts of a row, the first ones; 0 = all
  std::vector<std::string> voices = {"en-us", "en", "en-us+f3", "en+f2", "en-us+m3"};
  std::vector<std::string> files;  // columns that name files; empty = guessed as `inspect` does
  std::filesystem::path output;    // folder
};

struct SpeakSummary {
  int64_t rows = 0;
  SpeechFacts speech;
};

// Writes <output>/spoken.jsonl, at last, and <output>/speech/*.flac. A row has the cells of the one
// its text is from, but: `column` holds the one text, `speech` its sound, `phonemes` what it is said
// by; columns that name files name them from <output>. A text without sound has no row. Again,
// sounds that are there are kept. Throws as open_dataset and SpokenFiles; Error(kUsage) for rows or
// texts that are not there; Error(kInterrupted).
SpeakSummary speak(const SpeakConfig& config, const ProgressSink& progress = {},
                   const StopFlag* stop = nullptr);

}  // namespace braid
