// Random numbers that depend on what they are for, not on who draws them first.
//
// A stream is keyed by (seed, epoch, sample, purpose): the same picture gets the same crop in the
// same epoch whatever the thread count. No std:: distribution is used: their results differ between
// standard libraries. Generator: SplitMix64 (Steele, Lea, Flood 2014).
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace braid {

class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}
  // `purpose` keeps the draws of two users of one sample apart ("image.view0", "text.draw").
  Rng(uint64_t seed, uint64_t epoch, uint64_t sample, std::string_view purpose);

  uint64_t next();   // 64 uniform bits
  double uniform();  // [0, 1)
  double uniform(double low, double high);
  int64_t below(int64_t n);  // 0 .. n-1, n >= 1, without modulo bias
  bool chance(double p) { return uniform() < p; }
  double normal();  // mean 0, variance 1 (Box-Muller)

 private:
  uint64_t state_;
};

// Mixes `value` into `hash`; for keys of streams and order-dependent fingerprints.
uint64_t mix(uint64_t hash, uint64_t value);
uint64_t mix(uint64_t hash, std::string_view text);

// A permutation of 0 .. n-1 (Fisher-Yates), the same on every machine.
std::vector<int64_t> permutation(int64_t n, Rng rng);

}  // namespace braid
