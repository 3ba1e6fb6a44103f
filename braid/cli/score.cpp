// braid score
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/core/text.h"
#include "braid/data/caption_rows.h"
#include "braid/metric/paired.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

struct ScoreArguments {
  CaptionFiles files;
  std::string against, against_answer, language = "en", words;
  int64_t seed = 0;
  bool json = false;
};

// The figures below one rule of words, and how they differ from those of `against`.
struct ScoredCaptions {
  std::string protocol;
  std::vector<Metric> metrics;
  std::vector<Comparison> comparisons;
};

std::vector<WordRule> rules_for(const ScoreArguments& a) {
  if (!a.words.empty()) return {word_rule_of(a.words)};
  if (a.language == "zh") return {WordRule::kCharacters, WordRule::kIcu};
  return {WordRule::kPtb};
}

CaptionRows rows_of(const CaptionFiles& files) {
  auto rows = read_captions(files);
  if (rows.empty > 0) {
    print_notes({files.answers + ": " + std::to_string(rows.empty) + " of " +
                 std::to_string(rows.keys.size()) + " answers are empty: they score 0"});
  }
  return rows;
}

// As read_captions, of other answers to the same references.
CaptionFiles against_files(const ScoreArguments& a) {
  auto files = a.files;
  if (files.references.empty()) files.references = files.answers;
  files.answers = a.against;
  if (!a.against_answer.empty()) files.answer = a.against_answer;
  return files;
}

std::string comparison_line(const Comparison& c) {
  char text[128];
  if (!c.absent.empty()) {
    std::snprintf(text, sizeof text, "  %-20s         -   %s\n", c.name.c_str(), c.absent.c_str());
  } else {
    std::snprintf(text, sizeof text, "  %-20s%+10.3f%+13.3f .. %+.3f %12.4f\n", c.name.c_str(),
                  c.effect, c.interval.low, c.interval.high, c.p);
  }
  return text;
}

void print_scored(const ScoreArguments& a, const ScoredCaptions& scored) {
  std::fputs(metrics_table(scored.metrics).c_str(), stdout);
  if (scored.comparisons.empty()) return;
  const auto& column = a.against_answer;
  std::string text = "\n" + a.files.answers + " - " + a.against +
                     (column.empty() ? "" : " (" + column + ")") + "  " + scored.protocol +
                     "  paired bootstrap\n  " + std::string(20, ' ') +
                     "difference   95 % interval              p\n";
  for (const auto& comparison : scored.comparisons) text += comparison_line(comparison);
  std::fputs(printable(text).c_str(), stdout);
}

Json json_of(const Comparison& c) {
  Json object = {{"test", c.test}, {"name", c.name}, {"n", c.n}};
  if (!c.absent.empty()) {
    object["absent"] = c.absent;
    return object;
  }
  object["effect"] = c.effect;
  object["low"] = c.interval.low;
  object["high"] = c.interval.high;
  object["p"] = c.p;
  return object;
}

void print_json(const ScoreArguments& a, const std::vector<ScoredCaptions>& all) {
  Json metrics = Json::array(), comparisons = Json::array();
  for (const auto& scored : all) {
    for (auto& metric : Json::parse(metrics_json(scored.metrics))) metrics.push_back(metric);
    for (const auto& comparison : scored.comparisons) {
      auto object = json_of(comparison);
      object["protocol"] = scored.protocol;
      comparisons.push_back(std::move(object));
    }
  }
  Json object = {{"answers", a.files.answers},
                 {"references", a.files.references.empty() ? a.files.answers : a.files.references},
                 {"metrics", metrics}};
  if (!a.against.empty()) {
    object["against"] = a.against;
    if (!a.against_answer.empty()) object["against_answer"] = a.against_answer;
    object["comparisons"] = comparisons;
  }
  std::puts(object.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

void run_score(const ScoreArguments& a) {
  if (a.against.empty() && !a.against_answer.empty()) {
    throw Error(ErrorCode::kUsage, "--against-answer " + a.against_answer +
                                       ": it names a column of the table of --against, which is "
                                       "not given");
  }
  const auto rows = rows_of(a.files);
  CaptionRows other;
  if (!a.against.empty()) other = rows_of(against_files(a));
  std::vector<ScoredCaptions> all;
  for (const auto words : rules_for(a)) {
    const CaptionRule rule{words, a.language, static_cast<int>(this_machine().threads)};
    Metric about;
    about.language = a.language;
    about.seed = a.seed;
    about.protocol = word_rule_protocol(words);
    ScoredCaptions scored{about.protocol, caption_scores(rows.captions, rule, about), {}};
    if (!a.against.empty()) {
      scored.comparisons = paired_bootstrap(caption_statistics(rows.captions, rule, about),
                                            caption_statistics(other.captions, rule, about),
                                            static_cast<uint64_t>(a.seed));
    }
    if (!a.json) {
      if (!all.empty()) std::puts("");
      print_scored(a, scored);
    }
    all.push_back(std::move(scored));
  }
  if (a.json) print_json(a, all);
}

}  // namespace

void add_score(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "score", "Measure captions or other sentences against what people wrote: BLEU, CIDEr-D, ...");
  auto a = std::make_shared<ScoreArguments>();
  verb->add_option("answers", a->files.answers, "table with a key and one sentence a row")
      ->required();
  verb->add_option("-r,--references", a->files.references,
                   "table with the same keys and what people wrote; else columns of the answers");
  verb->add_option("--key", a->files.key, "column of both tables that joins them")
      ->capture_default_str();
  verb->add_option("--answer", a->files.answer, "column of the answers")->capture_default_str();
  verb->add_option("--reference", a->files.reference,
                   "column of the references, one text or a list")
      ->capture_default_str();
  verb->add_option("--against", a->against,
                   "other answers to the same keys: are these better, or is it chance?");
  verb->add_option("--against-answer", a->against_answer,
                   "column of those answers, where it is another");
  verb->add_option("--language", a->language,
                   "zh is measured by characters and by words")
      ->check(CLI::IsMember({"en", "zh"}))
      ->capture_default_str();
  verb->add_option("--words", a->words,
                   "how texts become words: ptb (English, as coco-caption), spaces (as they stand), "
                   "characters, icu")
      ->check(CLI::IsMember(word_rule_names()));
  verb->add_option("--seed", a->seed, "of the resamples")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n  braid score answers.jsonl --references test.jsonl --reference captions_en\n"
      "  braid score answers.jsonl -r test.jsonl --reference captions_zh --language zh\n"
      "  braid score new.jsonl -r test.jsonl --against old.jsonl --json\n"
      "  braid score p.jsonl --answer answer --reference references \\\n"
      "      --against p.jsonl --against-answer others.image\n");
  verb->callback([a] { run_score(*a); });
}

}  // namespace braid
