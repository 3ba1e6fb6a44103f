// Another sampling rate, block by block, through libsoxr (its high quality: nothing audible above
// the new limit folds back).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace braid {

class RateConverter {
 public:
  // Rates in Hz, above 0.
  RateConverter(int64_t from, int64_t to);

  void push(std::span<const float> samples);

  // All that was pushed, at the new rate: ceil(n * to / from) samples, at least one for one.
  std::vector<float> finish();

 private:
  struct Free {
    void operator()(void* soxr) const;
  };

  void process(const float* samples, size_t count);

  int64_t from_, to_;
  int64_t pushed_ = 0;
  std::unique_ptr<void, Free> soxr_;  // none where the rates are the same
  std::vector<float> out_;
};

}  // namespace braid
