#include "braid/demo_data/emoji_speech.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "braid/core/error.h"

namespace braid {
namespace {

const std::map<std::string, std::vector<std::string>>& voices_by_language() {
  static const std::map<std::string, std::vector<std::string>> voices = {
      {"en", {"en-us", "en", "en-us+f3", "en+f2", "en-us+m3"}},
      {"zh", {"cmn", "cmn+f2", "cmn+f3", "cmn+m3", "cmn+m7"}}};
  return voices;
}

void speak_texts(SpokenFiles& files, const std::string& language, EmojiTexts& texts) {
  const auto voices = voices_by_language().find(language);
  if (voices == voices_by_language().end()) return;
  texts.spoken_name = texts.name.empty() ? std::nullopt
                                         : files.read(language, texts.name, voices->second);
  for (const auto& text : texts.texts) {
    if (auto file = files.read(language, text, voices->second))
      texts.spoken_texts.push_back(std::move(*file));
  }
}

}  // namespace

SpeechFacts speak_rows(const std::filesystem::path& output, std::vector<EmojiRow>& rows,
                       ProgressSink progress, const StopFlag* stop) {
  const auto speaks = [](const auto& named) { return voices_by_language().contains(named.first); };
  if (rows.empty() || std::none_of(rows[0].languages.begin(), rows[0].languages.end(), speaks))
    throw Error(ErrorCode::kConfig, "speech: voices are there for en and zh: expected one of them "
                                    "among the languages");
  SpokenFiles files(output);
  Meter meter(std::move(progress), "speak", "emoji", static_cast<int64_t>(rows.size()));
  for (auto& row : rows) {
    if (stop && stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped; the same command continues");
    for (auto& [language, texts] : row.languages) speak_texts(files, language, texts);
    meter.advance(1);
  }
  meter.finish();
  return files.facts();
}

}  // namespace braid
