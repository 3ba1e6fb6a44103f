#include "braid/demo_data/emoji_speech.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "braid/core/error.h"
#include "braid/demo_data/emoji_phrases.h"

namespace braid {
namespace {

constexpr size_t kVoicesOfText = 2;
constexpr int64_t kPhraseRounds = 12;

const std::map<std::string, std::vector<std::string>>& voices_by_language() {
  static const std::map<std::string, std::vector<std::string>> voices = {
      {"en", {"en-us", "en", "en-us+f3", "en+f2", "en-us+m3"}},
      // Not plain cmn: it says pinyin as English does, "hong two".
      {"zh",
       {"cmn-latn-pinyin", "cmn-latn-pinyin+f2", "cmn-latn-pinyin+f3", "cmn-latn-pinyin+m3",
        "cmn-latn-pinyin+m7"}}};
  return voices;
}

void speak_texts(SpokenFiles& files, const std::string& language, EmojiTexts& texts) {
  const auto voices = voices_by_language().find(language);
  if (voices == voices_by_language().end()) return;
  if (!texts.name.empty()) {
    if (auto spoken = files.read(language, texts.name, voices->second))
      texts.spoken_name = std::move(spoken->file);
  }
  for (const auto& text : texts.texts) {
    if (auto spoken = files.read(language, text, voices->second))
      texts.spoken_texts.push_back(std::move(spoken->file));
  }
}

void expect_going_on(const StopFlag* stop) {
  if (stop && stop->requested())
    throw Error(ErrorCode::kInterrupted, "stopped; the same command continues");
}

std::string spoken_row(const std::string& language, const std::string& text,
                       const SpokenText& spoken) {
  nlohmann::ordered_json row{{"key", std::filesystem::path(spoken.file).stem().string()},
                             {"split", "spoken"},
                             {"language", language},
                             {"said", text},
                             {"phonemes", spoken.phonemes},
                             {"speech", spoken.file}};
  return row.dump() + "\n";
}

// A text of the training rows, or a phrase, and in how many voices it is said.
struct Line {
  std::string language, text;
  size_t voices;
};

std::vector<Line> training_lines(const std::vector<EmojiRow>& rows) {
  std::vector<Line> lines;
  for (const auto& [language, voices] : voices_by_language()) {
    const auto texts = training_texts(rows, language);
    for (const auto& text : texts) lines.push_back({language, text, kVoicesOfText});
    for (auto& phrase : training_phrases(rows, language, texts, kPhraseRounds))
      lines.push_back({language, std::move(phrase), 1});
  }
  return lines;
}

std::vector<std::string> speak_training(SpokenFiles& files, const std::vector<EmojiRow>& rows,
                                        ProgressSink progress, const StopFlag* stop) {
  const auto lines = training_lines(rows);
  std::vector<std::string> manifest;
  std::set<std::string> seen;  // a phrase may be drawn twice, or be a text
  Meter meter(std::move(progress), "speak", "line", static_cast<int64_t>(lines.size()));
  for (const auto& [language, text, voices] : lines) {
    expect_going_on(stop);
    for (const auto& spoken :
         files.read_often(language, text, voices_by_language().at(language), voices)) {
      if (seen.insert(spoken.file).second)
        manifest.push_back(spoken_row(language, text, spoken));
    }
    meter.advance(1);
  }
  meter.finish();
  return manifest;
}

}  // namespace

EmojiSpeech speak_rows(const std::filesystem::path& output, std::vector<EmojiRow>& rows,
                       ProgressSink progress, const StopFlag* stop) {
  const auto speaks = [](const auto& named) { return voices_by_language().contains(named.first); };
  if (rows.empty() || std::none_of(rows[0].languages.begin(), rows[0].languages.end(), speaks))
    throw Error(ErrorCode::kConfig, "speech: voices are there for en and zh: expected one of them "
                                    "among the languages");
  SpokenFiles files(output);
  Meter meter(progress, "speak", "emoji", static_cast<int64_t>(rows.size()));
  for (auto& row : rows) {
    expect_going_on(stop);
    for (auto& [language, texts] : row.languages) speak_texts(files, language, texts);
    meter.advance(1);
  }
  meter.finish();
  EmojiSpeech speech;
  speech.training = speak_training(files, rows, std::move(progress), stop);
  speech.files = files.facts();
  return speech;
}

}  // namespace braid
