// Work too small to be shared: waking threads, and waiting for the last of them, would take longer.
#pragma once

#include <omp.h>

namespace braid {

// While alive, parallel regions that this thread opens run on it alone, where `operations` are few.
class SmallWork {
 public:
  explicit SmallWork(double operations) : threads_(omp_get_max_threads()) {
    constexpr double kWorthThreads = 4e6;  // some 40 microseconds
    if (operations < kWorthThreads) omp_set_num_threads(1);
  }
  ~SmallWork() { omp_set_num_threads(threads_); }
  SmallWork(const SmallWork&) = delete;
  SmallWork& operator=(const SmallWork&) = delete;

 private:
  int threads_;
};

}  // namespace braid
