// Commands run by the tests of whole programs.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace braid::test {

struct Ran {
  int status = -1;     // exit status; -1 when the shell could not start
  std::string output;  // stdout and stderr
};

inline Ran run(const std::string& command) {
  Ran ran;
  FILE* pipe = ::popen(("(" + command + ") 2>&1 </dev/null").c_str(), "r");
  if (!pipe) return ran;
  char chunk[4096];
  while (const size_t n = std::fread(chunk, 1, sizeof chunk, pipe)) ran.output.append(chunk, n);
  const int status = ::pclose(pipe);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

// For paths, spaces and quotes included.
inline std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace braid::test
