#include "braid/index/ann_recall.h"

#include <algorithm>
#include <cmath>

#include "braid/core/parallel.h"
#include "braid/core/rng.h"

namespace braid {
namespace {

constexpr int64_t kQuestions = 256;
// Length of the noise beside a unit vector, for even and odd questions.
constexpr float kNoise[] = {0.5f, 2.0f};

struct Question {
  std::vector<float> vector;
  std::vector<TopkHit> truth;
};

std::vector<float> near_a_row(const AnnRows& rows, uint64_t number) {
  Rng rng(number);
  const float* row = rows.row(rng.below(rows.rows));
  const float scale = kNoise[number % 2] / std::sqrt(static_cast<float>(rows.width));
  std::vector<float> vector(row, row + rows.width);
  for (float& value : vector) value += scale * static_cast<float>(rng.normal());
  return vector;
}

std::vector<Question> make_questions(const AnnRows& rows, int64_t threads) {
  std::vector<Question> questions(static_cast<size_t>(std::min(kQuestions, rows.rows)));
  parallel_for(static_cast<int64_t>(questions.size()), threads, [&](int64_t i) {
    auto& question = questions[static_cast<size_t>(i)];
    question.vector = near_a_row(rows, static_cast<uint64_t>(i));
    const TopkRows all{rows.vectors, rows.rows, rows.width, nullptr};
    question.truth = topk(question.vector.data(), 1, all, kRecallDepth)[0];
  });
  return questions;
}

// A row that scores as well as the last true one is as true as that one.
double recall_of(const Ann& ann, const AnnRows& rows, const Question& question, int64_t effort) {
  const auto found =
      score_rows(question.vector.data(), rows,
                 ann.near(question.vector.data(), kRecallDepth, effort), kRecallDepth);
  const float worst = question.truth.back().score;
  const auto right = std::count_if(found.begin(), found.end(),
                                   [&](const TopkHit& hit) { return hit.score >= worst; });
  return static_cast<double>(right) / static_cast<double>(question.truth.size());
}

double mean_recall(const Ann& ann, const AnnRows& rows, const std::vector<Question>& questions,
                   int64_t effort, int64_t threads) {
  std::vector<double> each(questions.size());
  parallel_for(static_cast<int64_t>(each.size()), threads, [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    each[at] = recall_of(ann, rows, questions[at], effort);
  });
  double sum = 0;
  for (const double recall : each) sum += recall;
  return sum / static_cast<double>(each.size());
}

}  // namespace

AnnQuality tune_ann(const Ann& ann, const AnnRows& rows, int64_t threads) {
  const auto questions = make_questions(rows, threads);
  AnnQuality quality;
  quality.questions = static_cast<int64_t>(questions.size());
  for (const int64_t effort : ann.efforts()) {
    quality.effort = effort;
    quality.recall = mean_recall(ann, rows, questions, effort, threads);
    if (quality.recall >= kWantedRecall) break;
  }
  return quality;
}

std::vector<TopkHit> score_rows(const float* query, const AnnRows& rows,
                                std::vector<int64_t> candidates, int64_t k) {
  std::sort(candidates.begin(), candidates.end());  // equal scores: the lower row first
  std::vector<float> vectors;
  vectors.reserve(candidates.size() * static_cast<size_t>(rows.width));
  for (const int64_t row : candidates) {
    vectors.insert(vectors.end(), rows.row(row), rows.row(row) + rows.width);
  }
  const TopkRows near{vectors.data(), static_cast<int64_t>(candidates.size()), rows.width, nullptr};
  auto hits = topk(query, 1, near, k)[0];
  for (TopkHit& hit : hits) hit.row = candidates[static_cast<size_t>(hit.row)];
  return hits;
}

}  // namespace braid
