// The one error of the tree.
#pragma once

#include <stdexcept>
#include <string>

namespace braid {

// What went wrong, in the words of whoever must mend it. The exit status follows from it.
enum class ErrorCode {
  kUsage,        // the command line asks for something that does not exist
  kConfig,       // a recipe or an override is wrong
  kInput,        // bytes, a manifest row or a value are not what they should be
  kShape,        // tensor shapes do not fit: a mistake in a caller, or in a file
  kNotFound,     // a file, a run, an index is not there
  kIo,           // the system refused to read or write (disk full, permission)
  kLimit,        // larger than a stated limit
  kState,        // what is on disk belongs to something else (other run, other machine settings)
  kInterrupted,  // the user asked to stop; what was done is saved
  kInternal,     // a fault of ours
};

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}

  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

// "config", "input", ...: as --json prints it.
const char* error_name(ErrorCode code);

// 2 usage and config, 3 input, shape and limit, 4 not found and io, 5 state, 130 interrupted, 1
// ours.
int exit_status(ErrorCode code);

}  // namespace braid
