// Questions made of several: "dog, but no beach, and rather like this picture".
//
//   q = sum over parts of weight * v / |v|,   then q / |q|
//
// A part to be avoided has a negative weight.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace braid {

struct QueryPart {
  std::string name;           // for errors: "--minus-text beach"
  std::vector<float> vector;  // [D]; any length but zero
  double weight = 1;
};

// [D], unit. Throws Error(kInput) for no parts, widths that differ, a part that is zero or not
// finite, a weight that is zero or not finite, and parts that cancel out.
std::vector<float> compose_query(std::span<const QueryPart> parts);

}  // namespace braid
