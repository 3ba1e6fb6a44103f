#include "braid/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace braid {

void parallel_for(int64_t n, int64_t threads, const std::function<void(int64_t)>& body) {
  if (threads <= 1 || n <= 1) {
    for (int64_t i = 0; i < n; ++i) body(i);
    return;
  }
  std::atomic<int64_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr problem;
  std::mutex mutex;
  const auto work = [&] {
    for (int64_t i; !failed && (i = next++) < n;) {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failed.exchange(true)) problem = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> others;
  try {
    for (int64_t t = 1; t < std::min(threads, n); ++t) others.emplace_back(work);
  } catch (const std::system_error&) {
    // The system gives no more threads: those that are there do the work.
  }
  work();
  others.clear();  // joins
  if (problem) std::rethrow_exception(problem);
}

}  // namespace braid
