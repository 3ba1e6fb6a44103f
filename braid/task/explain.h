// Which parts of a picture (moments of a sound) an answer rests on: heat over the tokens that the
// field's encoder made.
//   gradient  of a text: sum over layers of the mean over heads of max(A * dy / dA, 0), A the
//             weights by which the word looked at the token, y its log odds (Chefer et al. 2021,
//             Generic Attention Explainability, eq. 5); of a class, label or number: max(sum_d
//             h_d * dy / dh_d, 0), h the token, y the log odds or the number (Selvaraju et al. 2017,
//             Grad-CAM, at each place)
//   rollout   of a text: attention alone, through the layers (Abnar, Zuidema 2020): with R = 0 at
//             first, R <- (R + A_self R) / 2, then R <- (R + A_source) / 2, rows of R are the heat
// A heat sums to 1, or is 0 everywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "braid/task/asked_samples.h"

namespace braid {

enum class ExplainMethod { kGradient, kRollout };

struct WordHeat {
  std::string word;          // of the text; the class
  std::vector<double> heat;  // [rows, columns]
};

struct Explanation {
  std::string text;
  int64_t rows = 0, columns = 0;  // places of the picture; of a sequence 1 row
  std::vector<WordHeat> words;
};

// Of all words alike; empty where there are none.
std::vector<double> mean_heat(const Explanation& explanation);

struct ExplainRequest {
  size_t task = 0;
  size_t field = 0;      // whose tokens
  std::string answer;    // class to explain; "": the one that is answered
  ExplainMethod method = ExplainMethod::kGradient;
  WriteOptions write;    // of texts
};

// Of one sample. Throws Error(kUsage) for a field without tokens or value, for a decoder that does
// not look at the field, and for rollout of what no decoder wrote.
Explanation explain_sample(Model& model, const std::vector<std::string>& fields,
                           const std::vector<const Modality*>& modalities,
                           const AskedValues& sample, const TargetFacts& facts,
                           const ExplainRequest& request);

}  // namespace braid
