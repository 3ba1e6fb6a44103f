#include "braid/demo_data/emoji_speech.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/rng.h"
#include "braid/demo_data/speaker.h"
#include "braid/modality/sound/encode.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr int32_t kWordsInName = 24;  // characters of the text in a file's name

const std::map<std::string, std::vector<std::string>>& voices_by_language() {
  static const std::map<std::string, std::vector<std::string>> voices = {
      {"en", {"en-us", "en", "en-us+f3", "en+f2", "en-us+m3"}},
      {"zh", {"cmn", "cmn+f2", "cmn+f3", "cmn+m3", "cmn+m7"}}};
  return voices;
}

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

class Reader {
 public:
  explicit Reader(const fs::path& output) : output_(output) {
    make_folder(output / "speech");
    facts_.synthesiser = "espeak-ng " + speaker_.version();
  }

  // The file of a text, relative to the output; none where it has no sound.
  std::optional<std::string> read(const std::string& language, const std::string& text) {
    const auto [at, is_new] = files_.try_emplace({language, text});
    if (is_new) at->second = make(language, text);
    return at->second;
  }

  SpeechFacts facts() const {
    auto facts = facts_;
    facts.voices.assign(voices_.begin(), voices_.end());
    return facts;
  }

 private:
  std::optional<std::string> make(const std::string& language, const std::string& text) {
    const auto& voices = voices_by_language().at(language);
    const auto drawn = Rng(mix(mix(0, "emoji voice"), language + text))
                           .below(static_cast<int64_t>(voices.size()));
    const auto& voice = voices[static_cast<size_t>(drawn)];
    const auto hash = content_hash(facts_.synthesiser + '\0' + voice + '\0' + text).substr(0, 8);
    const auto name = "speech/" + language + "-" + words_of(text) + "-" + hash + ".flac";
    if (!fs::exists(output_ / name)) {
      const auto samples = speaker_.say(text, voice);
      if (samples.empty()) {
        ++facts_.silent;
        return std::nullopt;
      }
      write_whole(output_ / name, encode_flac(samples, Speaker::kRate));
    }
    voices_.insert(voice);
    ++facts_.files;
    return name;
  }

  fs::path output_;
  Speaker speaker_;
  SpeechFacts facts_;
  std::set<std::string> voices_;
  std::map<std::pair<std::string, std::string>, std::optional<std::string>> files_;
};

}  // namespace

SpeechFacts speak_rows(const fs::path& output, std::vector<EmojiRow>& rows, ProgressSink progress,
                       const StopFlag* stop) {
  const auto speaks = [](const auto& named) { return voices_by_language().contains(named.first); };
  if (rows.empty() || std::none_of(rows[0].languages.begin(), rows[0].languages.end(), speaks))
    throw Error(ErrorCode::kConfig, "speech: voices are there for en and zh: expected one of them "
                                    "among the languages");
  Reader reader(output);
  Meter meter(std::move(progress), "speak", "emoji", static_cast<int64_t>(rows.size()));
  for (auto& row : rows) {
    if (stop && stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped; the same command continues");
    for (auto& [language, texts] : row.languages) {
      if (!voices_by_language().contains(language)) continue;
      texts.spoken_name = texts.name.empty() ? std::nullopt : reader.read(language, texts.name);
      for (const auto& text : texts.texts) {
        if (auto file = reader.read(language, text)) texts.spoken_texts.push_back(std::move(*file));
      }
    }
    meter.advance(1);
  }
  meter.finish();
  return reader.facts();
}

}  // namespace braid
