// What the measuring programs of kernels share: clocks, medians, noise, peak memory, numbers of the
// command line.
#pragma once

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/rng.h"

namespace braid::timing {

inline double seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Medians over `repeat` runs, after one that does not count: memory is touched for the first time.
// repeat 0: that one run.
struct Times {
  double ms = 0;      // wall
  double cpu_ms = 0;  // of all threads
};
template <class Work>
Times measure(int64_t repeat, const Work& work) {
  std::vector<double> wall, cpu;
  for (int64_t i = 0; i <= repeat; ++i) {
    const double used = seconds(CLOCK_PROCESS_CPUTIME_ID), start = seconds(CLOCK_MONOTONIC);
    work();
    if (i == 0 && repeat > 0) continue;
    wall.push_back(1e3 * (seconds(CLOCK_MONOTONIC) - start));
    cpu.push_back(1e3 * (seconds(CLOCK_PROCESS_CPUTIME_ID) - used));
  }
  const auto median = [](std::vector<double>& values) {
    std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
    return values[values.size() / 2];
  };
  return {median(wall), median(cpu)};
}

inline double peak_mb() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

inline std::vector<float> noise(int64_t count, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (auto& value : values) value = static_cast<float>(rng.uniform()) * 2 - 1;
  return values;
}

// The program's words: `--name value` and `--flag`, the rest numbers.
class Words {
 public:
  Words(int count, char** words, std::vector<std::string> with_value,
        std::vector<std::string> flags) {
    for (int i = 1; i < count; ++i) {
      const std::string word = words[i];
      const bool takes = std::find(with_value.begin(), with_value.end(), word) != with_value.end();
      if (takes && i + 1 < count) {
        options_.emplace_back(word, words[++i]);
      } else if (std::find(flags.begin(), flags.end(), word) != flags.end()) {
        options_.emplace_back(word, "");
      } else {
        numbers_.push_back(number(word));
      }
    }
  }

  bool has(const std::string& name) const { return find(name) != nullptr; }
  std::string get(const std::string& name, const std::string& otherwise) const {
    const auto* found = find(name);
    return found ? found->second : otherwise;
  }
  int64_t get_number(const std::string& name, int64_t otherwise) const {
    const auto* found = find(name);
    return found ? number(found->second, 0) : otherwise;
  }
  std::vector<int64_t> numbers(std::vector<int64_t> otherwise, size_t group) const {
    if (numbers_.size() % group != 0) {
      throw Error(ErrorCode::kUsage, "sizes come in groups of " + std::to_string(group) + ", got " +
                                         std::to_string(numbers_.size()) + " numbers");
    }
    return numbers_.empty() ? otherwise : numbers_;
  }

 private:
  static int64_t number(const std::string& text, int64_t least = 1) {
    char* end = nullptr;
    const long long value = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end || value < least) {
      throw Error(ErrorCode::kUsage, "expected a number of " + std::to_string(least) +
                                         " or more, got '" + text + "'");
    }
    return value;
  }
  const std::pair<std::string, std::string>* find(const std::string& name) const {
    for (const auto& option : options_)
      if (option.first == name) return &option;
    return nullptr;
  }

  std::vector<std::pair<std::string, std::string>> options_;
  std::vector<int64_t> numbers_;
};

}  // namespace braid::timing
