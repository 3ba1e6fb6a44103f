// Texts read aloud into sound files, each distinct text and voice once.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "braid/modality/sound/speaker.h"

namespace braid {

struct SpeechFacts {
  std::string synthesiser;  // "espeak-ng 1.51"
  std::vector<std::string> voices;
  int64_t files = 0;
  int64_t silent = 0;  // readings, distinct by text and voice, that have no sound
};

struct SpokenText {
  std::string file;      // "speech/<kind>-<words>-<hash>.flac" below the folder
  std::string phonemes;  // as Speaker::phonemes
};

class SpokenFiles {
 public:
  // Makes <folder>/speech. Throws as Speaker, Error(kIo).
  explicit SpokenFiles(const std::filesystem::path& folder);

  // By one of `voices`, drawn by the text; none for a text without sound. A file already there is
  // kept: its name says text, voice and version. Throws as Speaker::say, Error(kIo).
  std::optional<SpokenText> read(const std::string& kind, const std::string& text,
                                 const std::vector<std::string>& voices);

  // The same of up to `count` voices: the drawn one, then those behind it in turn.
  std::vector<SpokenText> read_often(const std::string& kind, const std::string& text,
                                     const std::vector<std::string>& voices, size_t count);

  SpeechFacts facts() const;

 private:
  std::optional<SpokenText> read_as(const std::string& kind, const std::string& text,
                                    const std::string& voice);
  std::optional<SpokenText> make(const std::string& kind, const std::string& text,
                                 const std::string& voice);

  std::filesystem::path folder_;
  Speaker speaker_;
  SpeechFacts facts_;
  std::set<std::string> voices_;
  std::map<std::array<std::string, 3>, std::optional<SpokenText>> texts_;  // kind, text, voice
};

}  // namespace braid
