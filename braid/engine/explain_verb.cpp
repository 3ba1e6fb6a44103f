#include "braid/engine/explain_verb.h"

#include <algorithm>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/engine/ask_verb.h"
#include "braid/modality/picture/decode.h"
#include "braid/modality/sound/decode.h"
#include "braid/report/heat_overlay.h"
#include "braid/task/explain.h"

namespace braid {
namespace {

constexpr int64_t kWaveRate = 8000;
constexpr size_t kLongestName = 24;  // bytes of a word in a file name

// What of a word may stand in a file name.
std::string name_of_word(const std::string& word) {
  std::string name;
  for (const char c : word) {
    const auto byte = static_cast<unsigned char>(c);
    if (name.size() < kLongestName) name += byte >= 0x80 || std::isalnum(byte) ? c : '_';
  }
  while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0xc0) == 0x80 &&
         !valid_utf8(name))
    name.pop_back();
  return valid_utf8(name) ? name : "word";
}

// The given value that is explained: the field named, or the only file.
const AskRequest::Given& explained(const ExplainRunRequest& request) {
  for (const auto& given : request.sample) {
    if (request.field.empty() ? given.file : given.field == request.field) return given;
  }
  throw Error(ErrorCode::kUsage, "explain: no file" + (request.field.empty()
                                                          ? std::string()
                                                          : " for field '" + request.field + "'"));
}

class Overlay {
 public:
  Overlay(const std::string& modality, const std::string& file, uint64_t most)
      : sound_(modality == "audio") {
    const auto bytes = read_file(file, most);
    if (sound_) {
      samples_ = decode_sound(bytes, kWaveRate);
    } else {
      picture_ = decode_image(bytes);
    }
  }
  Bytes operator()(const Explanation& e, std::span<const double> heat) const {
    return sound_ ? sound_with_heat(samples_, heat)
                  : picture_with_heat(picture_, heat, e.rows, e.columns);
  }

 private:
  bool sound_;
  std::vector<float> samples_;
  Picture picture_;
};

}  // namespace

ExplainSummary explain_run(const ExplainRunRequest& request, const Watch& watch) {
  const auto run = open_run(request.run, watch.device);
  ExplainRequest asked;
  asked.task = asked_task(run, request.task);
  const auto& given = explained(request);
  asked.field = asked_field(run, given);
  const auto& modality = *run.modalities[asked.field];
  if (modality.name() != "image" && modality.name() != "audio") {
    throw Error(ErrorCode::kUsage, "explain: heat is shown over pictures and sounds, not over " +
                                       std::string(modality.name()));
  }
  asked.answer = request.answer;
  asked.method =
      request.method == "rollout" ? ExplainMethod::kRollout : ExplainMethod::kGradient;
  const auto& task = run.recipe.tasks[asked.task];
  if (task.transcribes()) {
    throw Error(ErrorCode::kUsage, "explain: task " + task.name + " is of kind transcription: " +
                                       "what it says of a moment rests on that moment");
  }
  if (task.writes()) {
    asked.write.search = asked_search(request.search, task);
    asked.write.search.best = 1;
    asked.write.language = asked_languages(request.language, run.facts[asked.task]).at(0);
  }
  const auto explanation =
      explain_sample(*run.model, field_names(run.recipe), run.modality_pointers(),
                     asked_values(run, {request.sample}), run.facts[asked.task], asked);
  const Overlay overlay(std::string(modality.name()), given.value, modality.max_bytes());
  std::filesystem::create_directories(request.out);
  ExplainSummary summary{explanation.text, explanation.rows, explanation.columns, {}, {}};
  const auto add = [&](const std::string& word, const std::vector<double>& heat,
                       const std::string& name) {
    const auto file = request.out / (std::to_string(summary.words.size()) + "-" + name + ".png");
    write_atomic(file, overlay(explanation, heat));
    summary.words.push_back({word, heat, file.string()});
  };
  if (explanation.words.empty()) summary.notes.push_back("the text is empty: nothing to explain");
  if (!explanation.words.empty()) add(explanation.text, mean_heat(explanation), "all");
  for (const auto& word : explanation.words) add(word.word, word.heat, name_of_word(word.word));
  return summary;
}

}  // namespace braid
