// Would other rows say so, too? Figures and differences of systems that answered the same rows.
// Torch-free.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "braid/metric/paired.h"
#include "braid/study/question_score.h"

namespace braid {

// What a system answered: the questions that have the metric, under each seed.
using SeedScores = std::map<int64_t, std::vector<QuestionScore>>;

// Rows of a group are drawn together; a row that is not named is one of its own.
using RowGroups = std::map<std::string, std::string>;  // key -> group

struct RowTest {
  Comparison comparison;  // first - second; `n` = groups of rows, or rows
  int64_t rows = 0;       // that both answered
};

// Of the metric's mean over `seeds`, each question weighing the same, on the rows that both
// answered: paired bootstrap; McNemar's exact test where it is the accuracy of one seed, one
// question and no groups. `absent` says why there is none.
RowTest compare_rows(const SeedScores& first, const SeedScores& second,
                     const std::vector<int64_t>& seeds, const RowGroups& groups,
                     const std::string& metric);

// 95 % bootstrap interval of the mean over all its seeds, on its own rows, and how many there are.
struct RowInterval {
  double value = 0;
  Interval interval;
  int64_t rows = 0, groups = 0;
};
RowInterval row_interval(const SeedScores& scores, const RowGroups& groups);

}  // namespace braid
