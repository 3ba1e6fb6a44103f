// How many threads OpenMP (FAISS, oneDNN) takes, for as long as this object lives.
#pragma once

#include <omp.h>

#include <cstdint>

namespace braid {

// The number belongs to the calling thread alone. With 1, none are started: what searches is
// called from threads of ours.
class OmpThreads {
 public:
  explicit OmpThreads(int64_t count) : before_(omp_get_max_threads()) {
    omp_set_num_threads(static_cast<int>(count));
  }
  ~OmpThreads() { omp_set_num_threads(before_); }
  OmpThreads(const OmpThreads&) = delete;
  OmpThreads& operator=(const OmpThreads&) = delete;

 private:
  int before_;
};

}  // namespace braid
