// One term of the training loss as it came out, for logs.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace braid {

struct TermValue {
  std::string name;  // "image~text", "views:image", "task:digit"
  double weight = 0;
  double loss = 0;      // nats (of alignment), unweighted; NaN where no sample of the batch has it
  double accuracy = 0;  // NaN where nothing is right or wrong (regression)
  std::vector<std::pair<std::string, double>> readings;  // of the loss: temperature, bias
};

}  // namespace braid
