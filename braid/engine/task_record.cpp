#include "braid/engine/task_record.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numeric>
#include <set>

#include "braid/core/text.h"
#include "braid/metric/generation_scores.h"
#include "braid/task/task_contribution.h"
#include "braid/task/text_metrics.h"

namespace braid {
namespace {

constexpr size_t kMistakes = 6;  // and best ones
constexpr size_t kTellingOfField = 2;

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

// "yes (8) | no (2)": the most frequent first, of equals the first.
std::string tally(const std::vector<std::string>& texts) {
  std::vector<std::pair<std::string, int64_t>> counts;
  for (const auto& text : texts) {
    const auto found = std::ranges::find(counts, text, &std::pair<std::string, int64_t>::first);
    if (found == counts.end()) {
      counts.emplace_back(text, 1);
    } else {
      ++found->second;
    }
  }
  std::ranges::stable_sort(counts, std::greater(), &std::pair<std::string, int64_t>::second);
  std::vector<std::string> parts;
  for (const auto& [text, count] : counts)
    parts.push_back(count > 1 ? text + " (" + std::to_string(count) + ")" : text);
  return join(parts, " | ");
}

// One task's answers, row by row, in words.
class AnswerReader {
 public:
  explicit AnswerReader(const TaskPredictions& p)
      : p_(p),
        data_(*p.data),
        answers_(*p.answers),
        judged_{&p.task, &p.facts, &p.targets, p.answers.get(), p.number},
        matching_(p.task.kind == "matching"),
        numbers_(p.task.kind == "regression"),
        multi_(!matching_ && p.task.multi()) {}

  const Judged& judged() const { return judged_; }

  std::span<const double> answer(int64_t n) const {
    const auto& all = answers_.answers[p_.number][0];
    const auto width = static_cast<size_t>(all.size(1));
    return all.values<double>().subspan(static_cast<size_t>(n) * width, width);
  }

  bool counts(int64_t n) const {
    if (p_.task.writes()) return answers_.carries(n, 0) && !references_of(p_.targets, n, 0).empty();
    if (matching_) return !std::isnan(answer(n)[0]);
    return p_.targets.known(n) && answers_.carries(n, 0);
  }

  // Of the first language.
  const std::string& text(int64_t n) const {
    return answers_.texts[p_.number][0][0][static_cast<size_t>(n)];
  }

  // How bad the answer is: 0 where it is right, more for surer mistakes.
  double badness(int64_t n) const {
    if (p_.task.writes()) return 1 - sentence_chrf(text(n), references_of(p_.targets, n, 0));
    if (matching_) return std::max(0.0, 0.5 - answer(n)[0]);
    const auto worth = worth_of(judged_, n, answer(n));
    if (numbers_) return -worth[0];
    if (worth[0] == 1) return 0;
    if (multi_) return 1 - worth[1];
    const auto own = answer(n);
    return *std::max_element(own.begin(), own.end());
  }

  AnsweredSample sample(int64_t n) const {
    AnsweredSample out;
    const int64_t row = answers_.rows[static_cast<size_t>(n)];
    out.where = data_.where(row);
    describe(n, out);
    const size_t fields = answers_.fields.size();
    const auto at = static_cast<std::ptrdiff_t>(static_cast<size_t>(n) * fields);
    const auto width = static_cast<std::ptrdiff_t>(fields);
    if (!answers_.alpha.empty() && !answers_.alpha[0].empty()) {
      const auto alpha = answers_.alpha[0].values<float>();
      out.alpha.assign(alpha.begin() + at, alpha.begin() + at + width);
    }
    if (!p_.shapley.empty())
      out.shapley.assign(p_.shapley.begin() + at, p_.shapley.begin() + at + width);
    for (size_t field = 0; field < fields; ++field) add_value(row, field, out);
    return out;
  }

 private:
  void describe(int64_t n, AnsweredSample& out) const {
    if (p_.task.writes()) {
      const auto references = references_of(p_.targets, n, 0);
      out.truth = tally(references);
      out.answer = text(n);
      out.chrf = sentence_chrf(text(n), references);
      return;
    }
    const auto own = answer(n);
    if (matching_) {
      out.truth = "true pair";
      out.answer = own[0] > 0.5 ? "true pair" : "false pair";
      out.confidence = std::max(own[0], 1 - own[0]);
      return;
    }
    const auto target = p_.targets.at(n);
    if (numbers_) {
      out.truth = numbers_text(target);
      out.answer = numbers_text(own);
    } else if (multi_) {
      out.truth = labels_text(target);
      out.answer = labels_text(own);
    } else {
      const auto best = std::max_element(own.begin(), own.end()) - own.begin();
      out.truth = target[0] == kUnseenClass ? "(unseen in training)"
                                            : p_.facts.classes[static_cast<size_t>(target[0])];
      out.answer = p_.facts.classes[static_cast<size_t>(best)];
      out.confidence = own[static_cast<size_t>(best)];
    }
  }

  std::string numbers_text(std::span<const double> values) const {
    std::vector<std::string> parts;
    for (size_t k = 0; k < values.size(); ++k) {
      if (std::isnan(values[k])) continue;
      parts.push_back((values.size() > 1 ? p_.facts.columns[k] + " " : "") +
                      short_number(values[k]));
    }
    return join(parts, ", ");
  }

  std::string labels_text(std::span<const double> values) const {
    std::vector<std::string> parts;
    for (size_t c = 0; c < values.size(); ++c) {
      if (values[c] > 0.5) parts.push_back(p_.facts.classes[c]);
    }
    return parts.empty() ? "none" : join(parts, ", ");
  }

  // As the model saw it: of the first source that the row has, its first value.
  void add_value(int64_t row, size_t field, AnsweredSample& out) const {
    const auto& source = data_.fields()[field];
    for (size_t s = 0; s < source.columns.size(); ++s) {
      const auto values = data_.values(row, field, s);
      if (values.empty()) continue;
      out.values.push_back({source.field, source.modality, values[0]});
      return;
    }
  }

  const TaskPredictions& p_;
  const Dataset& data_;
  const JointAnswers& answers_;
  const Judged judged_;
  const bool matching_, numbers_, multi_;
};

// The worst answer first.
std::vector<std::pair<double, int64_t>> by_badness(const AnswerReader& reader,
                                                   const std::vector<int64_t>& rows) {
  std::vector<std::pair<double, int64_t>> order;
  for (const int64_t n : rows) order.emplace_back(reader.badness(n), n);
  std::ranges::stable_sort(order, std::greater(), &std::pair<double, int64_t>::first);
  return order;
}

std::vector<AnsweredSample> worst_of(const AnswerReader& reader,
                                     std::span<const std::pair<double, int64_t>> order,
                                     size_t most) {
  std::vector<AnsweredSample> out;
  for (const auto& [badness, n] : order.first(std::min(order.size(), most))) {
    if (badness > 0) out.push_back(reader.sample(n));
  }
  return out;
}

// The best first, a row of each text: what is written about most rows would say little six times.
std::vector<AnsweredSample> best_of(const AnswerReader& reader,
                                    std::vector<std::pair<double, int64_t>> order) {
  std::ranges::sort(order);
  std::vector<AnsweredSample> out;
  std::set<std::string> told;
  for (const auto& [badness, n] : order) {
    if (out.size() == kMistakes || badness == 1) break;  // 1: not a letter of a reference
    if (told.insert(reader.text(n)).second) out.push_back(reader.sample(n));
  }
  return out;
}

// Of each field the rows where it has the largest alpha, or Shapley value where there is none.
std::vector<AnsweredSample> telling_of(const AnswerReader& reader, const TaskPredictions& p,
                                       std::vector<int64_t> rows) {
  const auto& answers = *p.answers;
  const size_t fields = answers.fields.size();
  const bool alpha = !answers.alpha.empty() && !answers.alpha[0].empty();
  if (fields < 2 || (!alpha && p.shapley.empty())) return {};
  const auto weight = [&](int64_t n, size_t field) {
    const auto at = static_cast<size_t>(n) * fields + field;
    return alpha ? double{answers.alpha[0].values<float>()[at]} : p.shapley[at];
  };
  // Rows that lack a field say nothing about what weighs more.
  std::erase_if(rows, [&](int64_t n) {
    const auto first = answers.present.begin() +
                       static_cast<std::ptrdiff_t>(static_cast<size_t>(n) * fields);
    return std::find(first, first + static_cast<std::ptrdiff_t>(fields), 0) !=
           first + static_cast<std::ptrdiff_t>(fields);
  });
  std::vector<AnsweredSample> out;
  std::set<int64_t> taken;
  for (size_t field = 0; field < fields; ++field) {
    std::stable_sort(rows.begin(), rows.end(), [&](int64_t a, int64_t b) {
      return weight(a, field) > weight(b, field);
    });
    size_t own = 0;
    for (size_t i = 0; i < rows.size() && own < kTellingOfField; ++i) {
      if (!taken.insert(rows[i]).second) continue;
      out.push_back(reader.sample(rows[i]));
      ++own;
    }
  }
  return out;
}

}  // namespace

TaskRecord make_task_record(const TaskPredictions& p) {
  const AnswerReader reader(p);
  TaskRecord out{p.protocol, p.task.name, p.task.kind, p.answers->fields, {}, {}, {}, {}};
  std::vector<int64_t> rows;
  for (int64_t n = 0; n < std::ssize(p.answers->rows); ++n) {
    if (reader.counts(n)) rows.push_back(n);
  }
  if (const auto classes = class_predictions(reader.judged())) {
    out.confusion = confusion(*classes);
    out.reliability = reliability(*classes);
  } else if (const auto labels = label_predictions(reader.judged())) {
    out.reliability = reliability(*labels);
  }
  const auto order = by_badness(reader, rows);
  if (p.task.writes()) {
    // No row of few is both.
    const size_t half = order.size() / 2;
    out.mistakes = worst_of(reader, order, std::min(kMistakes, half));
    out.best = best_of(reader, {order.begin() + static_cast<std::ptrdiff_t>(half), order.end()});
  } else {
    out.mistakes = worst_of(reader, order, kMistakes);
  }
  out.telling = telling_of(reader, p, rows);
  return out;
}

}  // namespace braid
