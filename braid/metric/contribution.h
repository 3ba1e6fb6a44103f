// What each modality adds to the answers of a task: Shapley values, and what is lost where the
// modality's values change places between samples.
//
//   worth      of an answer to one sample, larger is better: 1 where it is right, else 0; the
//              probability of what is true; minus the squared error
//   Shapley    shapley.h of the mean worths of all 2^M sets of fields. They are sums of worths, so
//              the value of a split is the mean of those of its samples
//   drop       mean worth - mean worth after the field's values changed places between samples
//              (permutation importance: Breiman 2001, section 10)
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace braid {

struct Estimate {
  double value = 0, low = 0, high = 0;  // 95 % bootstrap interval
};

// Of one field under one worth.
struct WorthShare {
  std::optional<Estimate> shapley;  // none of more fields than kMostPlayers
  std::optional<Estimate> drop;     // none where fewer than two samples carry the field
};

struct FieldContribution {
  std::string field;
  std::optional<double> alpha;     // mean weight that the fusion gives it, where it has weights
  std::vector<WorthShare> shares;  // a worth each
};

// The field that answers best alone, beside all of them, under the first worth.
struct BestSingle {
  std::string field;
  double alone = 0, together = 0;
  Estimate gain;  // together - alone
  double p = 1;   // paired bootstrap
};

struct Contribution {
  std::string protocol, split, task;
  int64_t n = 0, shuffled = 0;      // samples; those of them whose values changed places
  std::vector<std::string> worths;  // names, what is reported first: "accuracy", "probability"
  std::vector<FieldContribution> fields;
  BestSingle single;
  std::vector<std::string> warnings;  // fields that nothing depends on, and the like
};

// What answers to N samples are worth.
struct Worth {
  std::string name;
  std::map<uint64_t, std::vector<double>> sets;  // [N], by the bits of the fields seen; 0: none
  std::vector<std::vector<double>> shuffled;     // [M] of [R], of all fields with one shuffled
};

struct ContributionInput {
  std::string protocol, split, task;
  std::vector<std::string> fields;     // [M], two or more
  std::vector<double> alpha;           // [M] means, or empty
  std::vector<int64_t> shuffled_rows;  // [R] of the N
  std::vector<int64_t> group;          // [N], drawn together by intervals; empty: each by itself
  std::vector<Worth> worths;           // one or more; the last one decides what is ignored
  uint64_t seed = 0;                   // of the intervals
};

// Throws Error(kShape) for sizes that do not match, Error(kInput) for no sample or for worths that
// are not finite.
Contribution contribution_of(const ContributionInput& input);

// Shapley values of each sample, [N, M]; empty of more fields than kMostPlayers.
std::vector<double> sample_shapley(const Worth& worth, size_t fields);

// For terminals, 80 columns.
std::string contribution_tables(std::span<const Contribution> contributions);
std::string contributions_json(std::span<const Contribution> contributions);  // one JSON array

}  // namespace braid
