// Our end of bench/suite/side.py: measures one round for each line of standard input and prints one
// JSON object a line: {"ready"}, {"seconds", "count"} for each, {"output"} at the end.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <functional>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

namespace braid::bench {

inline void say(const nlohmann::json& answer) { std::cout << answer.dump() << std::endl; }

// `measure` does one round and returns how many items that were; `output` is compared.
inline void serve(const std::function<int64_t()>& measure,
                  const std::function<nlohmann::json()>& output,
                  const nlohmann::json& ready = nlohmann::json::object()) {
  say({{"ready", ready}});
  for (std::string line; std::getline(std::cin, line);) {
    const auto begin = std::chrono::steady_clock::now();
    const auto own = std::clock();
    const int64_t count = measure();
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    say({{"seconds", spent.count()},
         {"cpu_seconds", static_cast<double>(std::clock() - own) / CLOCKS_PER_SEC},
         {"count", count}});
  }
  const auto result = output();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  say({{"output", result}, {"peak_mb", static_cast<double>(usage.ru_maxrss) / 1024}});
}

// Runs a program of bench/: errors go to standard error, with status 1.
inline int guarded(const char* name, const std::function<void()>& program) {
  try {
    program();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
  return 0;
}

}  // namespace braid::bench
