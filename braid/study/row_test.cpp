#include "braid/study/row_test.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "braid/core/error.h"

namespace braid {
namespace {

constexpr uint64_t kTestSeed = 0;
constexpr int64_t kAffordable = 4'000'000'000;  // numbers that all resamples of a test may look at
constexpr int kLeastTestResamples = 1000;

// One answered thing of the rows that are drawn, and where it stands in a question.
struct Element {
  size_t question;
  std::vector<size_t> places;  // of each system
};

struct Elements {
  std::vector<Element> all;
  std::vector<int64_t> group;       // of each
  std::vector<std::string> asked;  // questions
};

const std::vector<QuestionScore>& questions_of(const SeedScores& scores) {
  return scores.begin()->second;
}

const QuestionScore* find_question(const std::vector<QuestionScore>& scores,
                                   const std::string& question) {
  for (const auto& score : scores) {
    if (score.question == question) return &score;
  }
  return nullptr;
}

// What all systems answered, in the order of the first.
Elements shared_elements(const std::vector<const SeedScores*>& systems, const RowGroups& groups) {
  Elements out;
  std::unordered_map<std::string, int64_t> numbers;  // of groups, or of rows
  for (const auto& first : questions_of(*systems[0])) {
    std::vector<std::unordered_map<std::string, size_t>> places;
    for (const auto* system : systems) {
      const auto* own = find_question(questions_of(*system), first.question);
      auto& at = places.emplace_back();
      for (size_t i = 0; own && i < own->ids.size(); ++i) at.emplace(own->ids[i], i);
    }
    const size_t question = out.asked.size(), before = out.all.size();
    for (size_t i = 0; i < first.ids.size(); ++i) {
      Element element{question, {}};
      for (const auto& at : places) {
        const auto found = at.find(first.ids[i]);
        if (found != at.end()) element.places.push_back(found->second);
      }
      if (element.places.size() < systems.size()) continue;
      const auto known = groups.find(first.keys[i]);
      const auto name = known == groups.end() ? "row " + first.keys[i] : "group " + known->second;
      out.group.push_back(
          numbers.try_emplace(name, static_cast<int64_t>(numbers.size())).first->second);
      out.all.push_back(std::move(element));
    }
    if (out.all.size() > before) out.asked.push_back(first.question);
  }
  return out;
}

// The mean over seeds and questions of one of the systems, as a function of how often elements
// count.
WeightedStatistics mean_score(const SeedScores& scores, const std::vector<int64_t>& seeds,
                              const Elements& elements, size_t system) {
  struct Asked {
    std::vector<const QuestionScore*> seeds;
    std::vector<int32_t> times;  // of its own rows
  };
  std::vector<Asked> asked;
  for (const auto& question : elements.asked) {
    auto& one = asked.emplace_back();
    for (const int64_t seed : seeds) {
      const auto* own = find_question(scores.at(seed), question);
      if (!own || own->ids != find_question(questions_of(scores), question)->ids)
        throw Error(ErrorCode::kState, "seed " + std::to_string(seed) + " answered other rows of " +
                                           question + " than seed " +
                                           std::to_string(scores.begin()->first));
      one.seeds.push_back(own);
    }
    one.times.resize(one.seeds[0]->ids.size());
  }
  return [asked, &elements, system](std::span<const int32_t> times) mutable {
    for (auto& one : asked) std::fill(one.times.begin(), one.times.end(), 0);
    for (size_t e = 0; e < elements.all.size(); ++e) {
      const auto& element = elements.all[e];
      asked[element.question].times[element.places[system]] = times[e];
    }
    double sum = 0;
    for (const auto& one : asked) {
      double own = 0;
      for (const auto* seed : one.seeds) own += seed->value(one.times);
      sum += own / static_cast<double>(one.seeds.size());
    }
    return std::vector<double>{sum / static_cast<double>(asked.size())};
  };
}

Statistics statistics_of(const SeedScores& scores, const std::vector<int64_t>& seeds,
                         const Elements& elements, size_t system, const std::string& metric) {
  Statistics out;
  out.metrics.emplace_back();
  out.metrics[0].name = metric;
  out.metrics[0].absent = "the metric does not exist for these rows";
  out.group = elements.group;
  out.values = mean_score(scores, seeds, elements, system);
  for (const auto& question : questions_of(scores))
    out.cost += question.cost * static_cast<int64_t>(seeds.size());
  return out;
}

std::vector<double> values_at(const SeedScores& scores, int64_t seed, const Elements& elements,
                              size_t system) {
  const auto& rows = find_question(scores.at(seed), elements.asked[0])->row_values;
  std::vector<double> values;
  for (const auto& element : elements.all) values.push_back(rows[element.places[system]]);
  return values;
}

RowTest absent_test(const std::string& why) {
  RowTest test;
  test.comparison.absent = why;
  return test;
}

}  // namespace

RowTest compare_rows(const SeedScores& first, const SeedScores& second,
                     const std::vector<int64_t>& seeds, const RowGroups& groups,
                     const std::string& metric) {
  if (first.empty() || second.empty() || questions_of(first).empty() ||
      questions_of(second).empty())
    return absent_test("answers to single rows are not kept");
  if (seeds.empty()) return absent_test("no seed in common");
  const auto elements = shared_elements({&first, &second}, groups);
  if (elements.all.empty()) return absent_test("no row in common");
  RowTest test;
  test.rows = static_cast<int64_t>(elements.all.size());
  if (metric == "accuracy" && seeds.size() == 1 && elements.asked.size() == 1 && groups.empty()) {
    const auto a = values_at(first, seeds[0], elements, 0);
    const auto b = values_at(second, seeds[0], elements, 1);
    const auto exact = mcnemar(a, b);
    test.comparison = {"mcnemar", metric, "", exact.effect, exact.interval, exact.p, exact.n, ""};
    return test;
  }
  const auto a = statistics_of(first, seeds, elements, 0, metric);
  const auto b = statistics_of(second, seeds, elements, 1, metric);
  const auto resamples = std::clamp<int64_t>(kAffordable / std::max<int64_t>(a.cost + b.cost, 1),
                                             kLeastTestResamples, kTestResamples);
  test.comparison = paired_bootstrap(a, b, kTestSeed, static_cast<int>(resamples))[0];
  test.comparison.name = metric;
  return test;
}

RowInterval row_interval(const SeedScores& scores, const RowGroups& groups) {
  RowInterval out;
  out.value = std::numeric_limits<double>::quiet_NaN();
  out.interval = {out.value, out.value};
  if (scores.empty() || questions_of(scores).empty()) return out;
  std::vector<int64_t> seeds;
  for (const auto& [seed, questions] : scores) seeds.push_back(seed);
  const auto elements = shared_elements({&scores}, groups);
  out.rows = static_cast<int64_t>(elements.all.size());
  out.groups = elements.group.empty()
                   ? 0
                   : 1 + *std::max_element(elements.group.begin(), elements.group.end());
  const auto metric = measured(statistics_of(scores, seeds, elements, 0, ""))[0];
  out.value = metric.value;
  out.interval = {metric.low, metric.high};
  return out;
}

}  // namespace braid
