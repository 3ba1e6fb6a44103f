#include "braid/study/cell_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "braid/core/error.h"

extern char** environ;

namespace braid {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (auto& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment_with(int64_t threads) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry; ++entry) {
    if (std::strncmp(*entry, "BRAID_THREADS=", 14) != 0) out.emplace_back(*entry);
  }
  out.push_back("BRAID_THREADS=" + std::to_string(threads));
  return out;
}

}  // namespace

CellProcess::CellProcess(const std::filesystem::path& program,
                         const std::vector<std::string>& arguments,
                         const std::filesystem::path& log, int64_t threads) {
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  auto environment = environment_with(threads);
  const auto argv = pointers(words), envp = pointers(environment);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (out < 0 || in < 0) {
    const std::string why = std::strerror(errno);
    if (out >= 0) ::close(out);
    throw Error(ErrorCode::kIo, log.string() + ": " + why);
  }
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {  // only what is safe between fork and exec
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(128 + SIGTERM);
    ::dup2(in, STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  const int why = errno;
  ::close(in);
  ::close(out);
  if (pid_ < 0) throw Error(ErrorCode::kIo, std::string("cannot start a process: ") + std::strerror(why));
}

CellProcess::~CellProcess() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool CellProcess::running() {
  int status = 0;
  if (!ended_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    ended_ = true;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return !ended_;
}

void CellProcess::interrupt() const {
  if (!ended_) ::kill(pid_, SIGINT);
}

int64_t CellProcess::memory_mb() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:")) return std::strtoll(line.c_str() + 6, nullptr, 10) / 1024;
  }
  return 0;
}

}  // namespace braid
