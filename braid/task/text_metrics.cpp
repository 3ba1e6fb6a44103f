#include "braid/task/text_metrics.h"

#include <algorithm>
#include <set>

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/metric/caption/words.h"
#include "braid/metric/error_rates.h"
#include "braid/metric/generation_scores.h"

namespace braid {
namespace {

// Figures of the answers themselves; the others are about words in a row.
bool is_of_answers(const Metric& metric) {
  return metric.name == "exact_match" || metric.name == "vqa_accuracy";
}

// Those for which `kept` is true.
template <class Kept>
Statistics only(Statistics statistics, Kept kept) {
  std::vector<std::string> names;
  for (const auto& metric : statistics.metrics) {
    if (kept(metric)) names.push_back(metric.name);
  }
  return only_named(std::move(statistics), names);
}

class TextScorer {
 public:
  TextScorer(const Judged& judged, size_t language, const Metric& about)
      : j_(judged), language_(language), about_(about) {
    about_.language = judged.facts->languages[language];
    about_.task = judged.task->name;
    about_.gallery_field = judged.task->name;
    for (int64_t n = 0; n < std::ssize(judged.targets->rows) && sample_.size() < kSample; ++n) {
      for (auto& text : references(n)) sample_.push_back(std::move(text));
    }
    rule_ = {words_of_language(about_.language, sample_), "en",
             static_cast<int>(this_machine().threads)};
    if (rule_.words != WordRule::kPtb) rule_.language = "zh";
    for (int64_t n = 0; n < std::ssize(judged.targets->rows) && one_word_; ++n) {
      one_word_ = std::ranges::all_of(references(n), [&](const std::string& text) {
        return caption_words(text, rule_.words).size() <= 1;
      });
    }
  }

  bool has_texts() const { return !sample_.empty(); }

  // The fields of a set that the task sees.
  FieldSet seen(size_t set) const {
    auto fields = j_.answers->sets[set];
    for (size_t i = 0; i < fields.size(); ++i)
      fields[i] = fields[i] && j_.task->sees(j_.answers->fields[i]);
    return fields;
  }
  std::string name(size_t set) const { return set_name(seen(set), j_.answers->fields); }

  // Rows that count for a set.
  std::vector<int64_t> rows_with(size_t set) const {
    const auto fields = seen(set);
    std::vector<int64_t> rows;
    for (int64_t n = 0; n < std::ssize(j_.targets->rows); ++n) {
      bool carries = false;
      for (size_t i = 0; i < fields.size(); ++i)
        carries |= fields[i] && j_.answers->present[static_cast<size_t>(n) * fields.size() + i];
      if (carries && !references(n).empty()) rows.push_back(n);
    }
    return rows;
  }

  // `text(n)`: what was written about row n.
  template <class TextOf>
  Statistics statistics(const std::vector<int64_t>& rows, const std::string& who,
                        TextOf text) const {
    Captions captions;
    for (const int64_t n : rows) {
      captions.candidates.push_back(text(n));
      captions.references.push_back(references(n));
      if (!j_.targets->group.empty())
        captions.group.push_back(j_.targets->group[static_cast<size_t>(n)]);
    }
    Metric about = about_;
    about.query_field = who;
    about.direction = who + "->" + j_.task->name;
    if (j_.task->transcribes()) return transcription_statistics(captions, about);
    auto all = generation_statistics(captions, rule_, about);
    if (!one_word_) return all;
    return only(std::move(all), [this](const Metric& metric) {
      return is_of_answers(metric) || metric.name == "chrf" || metric.name == j_.metric;
    });
  }

  Statistics of_set(size_t set, const std::vector<int64_t>& rows) const {
    const auto& texts = j_.answers->texts[j_.number][set][language_];
    return statistics(rows, name(set), [&](int64_t n) { return texts[static_cast<size_t>(n)]; });
  }

  Statistics usual(const std::vector<int64_t>& rows) const {
    return statistics(rows, "usual", [&](int64_t) { return j_.facts->usual[language_]; });
  }

  // With the field's values shuffled, of the rows for which that was done.
  std::optional<Statistics> shuffled(size_t field) const {
    const auto& answers = *j_.answers;
    if (answers.shuffled_texts.empty() || !j_.task->sees(answers.fields[field])) return {};
    const auto& texts = answers.shuffled_texts[j_.number][field];
    if (texts.empty()) return {};
    const auto count = rows_with(0);
    std::vector<int64_t> rows;
    std::vector<std::string> written(j_.targets->rows.size());
    for (size_t r = 0; r < answers.shuffled_rows.size(); ++r) {
      const int64_t n = answers.shuffled_rows[r];
      if (!std::binary_search(count.begin(), count.end(), n)) continue;
      rows.push_back(n);
      written[static_cast<size_t>(n)] = texts[language_][r];
    }
    if (rows.empty()) return {};
    const auto who = name(0) + ", " + answers.fields[field] + " shuffled";
    return statistics(rows, who, [&](int64_t n) { return written[static_cast<size_t>(n)]; });
  }

 private:
  static constexpr size_t kSample = 200;  // texts that tell the language

  std::vector<std::string> references(int64_t n) const {
    return references_of(*j_.targets, n, static_cast<int64_t>(language_));
  }

  const Judged& j_;
  size_t language_;
  Metric about_;
  std::vector<std::string> sample_;
  CaptionRule rule_;
  bool one_word_ = true;  // every reference: what is said of sentences would say nothing
};

void add(std::vector<Metric> from, std::vector<Metric>& to) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

[[noreturn]] void nothing_to_judge(const Judged& judged, const Metric& about) {
  throw Error(ErrorCode::kInput, "protocol " + about.protocol +
                                     ": no row has both a text of task '" + judged.task->name +
                                     "' and a field that could be read");
}

}  // namespace

std::vector<std::string> references_of(const TargetTable& targets, int64_t n, int64_t language) {
  std::vector<std::string> texts;
  for (const auto& own : targets.texts[static_cast<size_t>(n)]) {
    if (own.language == language) texts.push_back(own.text);
  }
  return texts;
}

std::vector<Metric> text_metrics(const Judged& judged, const Metric& about) {
  std::vector<Metric> all;
  const auto& answers = *judged.answers;
  for (size_t language = 0; language < judged.facts->languages.size(); ++language) {
    const TextScorer scorer(judged, language, about);
    if (!scorer.has_texts()) continue;
    const auto rows = scorer.rows_with(0);
    if (rows.empty()) continue;
    const auto shown = std::min(answers.sets.size(), tabled_sets(answers.fields.size()));
    std::set<std::string> told;
    for (size_t set = 0; set < shown; ++set) {
      const auto who = scorer.name(set);
      if (who.empty() || !told.insert(who).second) continue;
      const auto own = scorer.rows_with(set);
      if (!own.empty()) add(measured(scorer.of_set(set, own)), all);
    }
    for (const auto& [kind, own] : rows_by_kind(*judged.targets, rows)) {
      auto some = measured(only(scorer.of_set(0, own), is_of_answers));
      for (auto& one : some) one.label = kind;
      add(std::move(some), all);
    }
    for (size_t field = 0; field < answers.fields.size(); ++field) {
      if (const auto shuffled = scorer.shuffled(field)) add(measured(*shuffled), all);
    }
    add(measured(scorer.usual(rows)), all);
  }
  if (all.empty()) nothing_to_judge(judged, about);
  return all;
}

std::vector<Metric> brief_text_metrics(const Judged& judged, const Metric& about) {
  std::vector<Metric> all;
  for (size_t language = 0; language < judged.facts->languages.size(); ++language) {
    const TextScorer scorer(judged, language, about);
    const auto rows = scorer.has_texts() ? scorer.rows_with(0) : std::vector<int64_t>();
    if (rows.empty()) continue;
    auto statistics = scorer.of_set(0, rows);
    const auto values = statistics.values(std::vector<int32_t>(statistics.group.size(), 1));
    for (size_t i = 0; i < statistics.metrics.size(); ++i) {
      auto& metric = statistics.metrics[i];
      metric.value = metric.low = metric.high = values[i];
      all.push_back(std::move(metric));
    }
  }
  if (all.empty()) nothing_to_judge(judged, about);
  return all;
}

}  // namespace braid
