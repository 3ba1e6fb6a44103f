#include "braid/modality/sound/spoken_files.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <fstream>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/rng.h"
#include "braid/modality/sound/encode.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr int32_t kWordsInName = 24;  // characters of the text in a file's name

// Letters and digits; what lies between them becomes one dash.
std::string words_of(const std::string& text) {
  const auto points = icu::UnicodeString::fromUTF8(text);
  icu::UnicodeString kept;
  for (int32_t i = 0; i < points.length() && kept.countChar32() < kWordsInName;
       i = points.moveIndex32(i, 1)) {
    const UChar32 c = points.char32At(i);
    if (u_isalnum(c)) {
      kept.append(c);
    } else if (!kept.isEmpty() && !kept.endsWith(u"-", 1)) {
      kept.append(u'-');
    }
  }
  if (kept.endsWith(u"-", 1)) kept.truncate(kept.length() - 1);
  std::string out;
  return kept.toUTF8String(out);
}

// A file that is there is whole. Not synced: there are thousands, and a lost one is made again.
void write_whole(const fs::path& path, const Bytes& bytes) {
  const auto temporary = fs::path(path).concat(".tmp");
  std::ofstream out(temporary, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
  out.close();
  std::error_code problem;
  if (out) fs::rename(temporary, path, problem);
  if (out && !problem) return;
  std::error_code ignored;
  fs::remove(temporary, ignored);
  throw Error(ErrorCode::kIo, path.string() + ": cannot be written" +
                                  (problem ? ": " + problem.message() : " (disk full?)"));
}

size_t drawn_voice(const std::string& kind, const std::string& text, size_t voices) {
  const auto drawn = Rng(mix(mix(0, "voice"), kind + text)).below(static_cast<int64_t>(voices));
  return static_cast<size_t>(drawn);
}

}  // namespace

SpokenFiles::SpokenFiles(const fs::path& folder) : folder_(folder) {
  make_folder(folder / "speech");
  facts_.synthesiser = "espeak-ng " + speaker_.version();
}

std::optional<SpokenText> SpokenFiles::read(const std::string& kind, const std::string& text,
                                            const std::vector<std::string>& voices) {
  return read_as(kind, text, voices.at(drawn_voice(kind, text, voices.size())));
}

std::vector<SpokenText> SpokenFiles::read_often(const std::string& kind, const std::string& text,
                                                const std::vector<std::string>& voices,
                                                size_t count) {
  std::vector<SpokenText> spoken;
  const auto first = drawn_voice(kind, text, voices.size());
  for (size_t i = 0; i < std::min(count, voices.size()); ++i) {
    if (auto one = read_as(kind, text, voices[(first + i) % voices.size()]))
      spoken.push_back(std::move(*one));
  }
  return spoken;
}

std::optional<SpokenText> SpokenFiles::read_as(const std::string& kind, const std::string& text,
                                               const std::string& voice) {
  const auto [at, is_new] = texts_.try_emplace({kind, text, voice});
  if (is_new) at->second = make(kind, text, voice);
  return at->second;
}

SpeechFacts SpokenFiles::facts() const {
  auto facts = facts_;
  facts.voices.assign(voices_.begin(), voices_.end());
  return facts;
}

std::optional<SpokenText> SpokenFiles::make(const std::string& kind, const std::string& text,
                                            const std::string& voice) {
  const auto hash = content_hash(facts_.synthesiser + '\0' + voice + '\0' + text).substr(0, 8);
  const auto name = "speech/" + kind + "-" + words_of(text) + "-" + hash + ".flac";
  if (!fs::exists(folder_ / name)) {
    const auto samples = speaker_.say(text, voice);
    if (samples.empty()) {
      ++facts_.silent;
      return std::nullopt;
    }
    write_whole(folder_ / name, encode_flac(samples, Speaker::kRate));
  }
  voices_.insert(voice);
  ++facts_.files;
  return SpokenText{name, speaker_.phonemes(text, voice)};
}

}  // namespace braid
