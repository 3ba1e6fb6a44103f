#include "braid/modality/sound/speaker.h"

#include <dlfcn.h>
#include <soxr.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

// What we call of libespeak-ng.so.1 (its speak_lib.h): synchronous output, UTF-8 text.
constexpr int kSynchronousOutput = 2, kDoNotExit = 0x8000;
constexpr int kByCharacter = 1, kUtf8 = 1;
constexpr char kBetween = '_';            // phonemes, as asked for
constexpr int kNotation = kBetween << 8;  // espeak-ng's own
using OnSamples = int (*)(short* samples, int count, void* events);

constexpr float kSilence = 0.002f;  // samples below it are none

std::atomic<bool> speaking{false};
std::vector<float> spoken;  // of the one Speaker

int keep_samples(short* samples, int count, void*) {
  for (int i = 0; samples && i < count; ++i)
    spoken.push_back(static_cast<float>(samples[i]) / 32768.0f);
  return 0;
}

// "'", "," and ":" before a phoneme tell stress and length, "|" keeps neighbours apart, "(en)" says
// that another language goes on.
std::string without_marks(const std::string& phoneme) {
  if (phoneme.starts_with('(')) return "";
  std::string bare = phoneme.substr(std::min(phoneme.find_first_not_of("',:"), phoneme.size()));
  std::erase(bare, '|');
  return bare;
}

[[noreturn]] void fail_absent(const std::string& what) {
  throw Error(ErrorCode::kNotFound,
              what +
                  ": speech comes with the Debian packages libespeak-ng1 and espeak-ng-data "
                  "(apt-get install libespeak-ng1 espeak-ng-data)");
}

std::vector<float> without_silence(const std::vector<float>& samples) {
  const auto sounds = [](float value) { return std::abs(value) > kSilence; };
  const auto begin = std::find_if(samples.begin(), samples.end(), sounds);
  const auto end = std::find_if(samples.rbegin(), samples.rend(), sounds).base();
  return begin < end ? std::vector<float>(begin, end) : std::vector<float>();
}

std::vector<float> at_rate(const std::vector<float>& samples, double from, double to) {
  if (samples.empty()) return {};
  std::vector<float> out(
      static_cast<size_t>(std::ceil(static_cast<double>(samples.size()) * to / from)) + 1);
  size_t done = 0;
  const auto problem = soxr_oneshot(from, to, 1, samples.data(), samples.size(), nullptr,
                                    out.data(), out.size(), &done, nullptr, nullptr, nullptr);
  if (problem) throw Error(ErrorCode::kInternal, std::string("speech: soxr: ") + problem);
  out.resize(done);
  return out;
}

}  // namespace

struct Speaker::Library {
  void* handle;
  int rate = 0;
  int (*initialize)(int output, int buffer_ms, const char* path, int options);
  void (*set_callback)(OnSamples);
  int (*set_voice)(const char* name);
  int (*synthesise)(const void* text, size_t size, unsigned position, int position_type,
                    unsigned end, unsigned flags, unsigned* identifier, void* user);
  int (*synchronise)();
  const char* (*to_phonemes)(const void** text, int encoding, int notation);
  const char* (*info)(const char** data_path);

  Library() : handle(::dlopen("libespeak-ng.so.1", RTLD_NOW | RTLD_LOCAL)) {
    if (!handle) fail_absent("libespeak-ng.so.1 is not there");
    find(initialize, "espeak_Initialize");
    find(set_callback, "espeak_SetSynthCallback");
    find(set_voice, "espeak_SetVoiceByName");
    find(synthesise, "espeak_Synth");
    find(synchronise, "espeak_Synchronize");
    find(to_phonemes, "espeak_TextToPhonemes");
    find(info, "espeak_Info");
    rate = initialize(kSynchronousOutput, 0, nullptr, kDoNotExit);
    if (rate <= 0) fail_absent("espeak-ng has no voices");
    set_callback(keep_samples);
  }

  template <class Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    if (!function) fail_absent(std::string("libespeak-ng.so.1 lacks ") + name);
  }
};

Speaker::Speaker() {
  // For good: espeak_Terminate forgets, and does not free, what it kept of its voices.
  static const Library library;
  if (speaking.exchange(true)) throw Error(ErrorCode::kInternal, "speech: one speaker at a time");
  library_ = &library;
}

Speaker::~Speaker() { speaking = false; }

void Speaker::take_voice(const std::string& voice) {
  if (library_->set_voice(voice.c_str()) != 0)
    throw Error(ErrorCode::kConfig, "speech: espeak-ng has no voice '" + voice + "'");
}

std::string Speaker::phonemes(const std::string& text, const std::string& voice) {
  take_voice(voice);
  std::vector<std::string> all;
  const void* rest = text.c_str();
  while (rest) {  // a clause at a time
    const char* clause = library_->to_phonemes(&rest, kUtf8, kNotation);
    std::string phoneme;
    for (const char c : std::string(clause ? clause : "") + kBetween) {
      if (c != kBetween && c != ' ' && c != '\n') {
        phoneme += c;
      } else if (auto bare = without_marks(std::exchange(phoneme, {})); !bare.empty()) {
        all.push_back(std::move(bare));
      }
    }
  }
  return join(all, " ");
}

std::vector<float> Speaker::say(const std::string& text, const std::string& voice) {
  take_voice(voice);
  spoken.clear();
  const int problem = library_->synthesise(text.c_str(), text.size() + 1, 0, kByCharacter, 0, kUtf8,
                                           nullptr, nullptr);
  if (problem != 0 || library_->synchronise() != 0)
    throw Error(ErrorCode::kInternal, "speech: espeak-ng cannot say '" + text + "'");
  return at_rate(without_silence(spoken), library_->rate, static_cast<double>(kRate));
}

std::string Speaker::version() const {
  const std::string info = library_->info(nullptr);  // "1.51  Data at: ..."
  return info.substr(0, info.find(' '));
}

}  // namespace braid
