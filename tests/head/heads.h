// Heads as the tests of this folder make them.
#pragma once

#include <string>

#include "braid/head/head.h"

namespace braid::test {

// Classes a, b, c, ... with so many rows each.
inline TargetFacts class_facts(const std::vector<int64_t>& counts, int64_t rows = 0) {
  TargetFacts facts;
  for (size_t i = 0; i < counts.size(); ++i) {
    facts.classes.push_back(std::string(1, static_cast<char>('a' + i)));
    facts.counts.push_back(counts[i]);
    facts.rows += counts[i];
  }
  if (rows > 0) facts.rows = rows;
  return facts;
}

inline TargetFacts number_facts(const std::vector<double>& mean,
                                const std::vector<double>& deviation) {
  TargetFacts facts;
  facts.rows = 4;
  for (size_t i = 0; i < mean.size(); ++i) facts.columns.push_back("x" + std::to_string(i));
  facts.mean = facts.median = mean;
  facts.deviation = deviation;
  return facts;
}

inline std::shared_ptr<Head> head(const std::string& yaml, const TargetFacts& facts,
                                  int64_t width = 4) {
  return make_head(ConfigNode::parse(yaml, "r.yaml"), {width, "t", facts});
}

inline at::Tensor row(std::vector<double> values) {
  const auto columns = static_cast<int64_t>(values.size());
  return at::tensor(values, at::kDouble).view({1, columns});
}

}  // namespace braid::test
