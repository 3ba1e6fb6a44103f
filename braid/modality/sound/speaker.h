// Text read aloud by espeak-ng, a formant synthesiser.
//
// The library is loaded when it is first needed: braid neither links it nor needs it otherwise (it
// is GPL-3.0, braid is not).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace braid {

class Speaker {
 public:
  // Throws Error(kNotFound) naming the Debian packages where library or voices are absent,
  // Error(kInternal) for a second one at a time: the library has one state for a process.
  Speaker();
  ~Speaker();
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;

  static constexpr int64_t kRate = 16000;

  // Samples at kRate without the silence before and after; none for a text that it has no sound
  // for. `voice`: a voice, and a variant: "en-us", "cmn-latn-pinyin+f3" (Mandarin; plain "cmn" says
  // pinyin as English does, "hong two"). Throws Error(kConfig) for a voice that is not there.
  std::vector<float> say(const std::string& text, const std::string& voice);

  // What `voice` says the text by: phonemes in espeak-ng's notation, blanks between, without marks
  // of stress, word ends and changes of language: "r E d aa p @L". Throws as say.
  std::string phonemes(const std::string& text, const std::string& voice);

  std::string version() const;  // "1.51"

 private:
  void take_voice(const std::string& voice);

  struct Library;
  const Library* library_;
};

}  // namespace braid
