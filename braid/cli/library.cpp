#include "braid/cli/library.h"

#include <dlfcn.h>
#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <filesystem>

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/version.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

void* library = nullptr;  // once loaded, for good

// libtorch 1.13 keeps its AVX-512 code to those who ask. What was loaded with this program has read
// its own settings already (environment.h).
void prepare_environment() {
  const auto machine = this_machine();
  constexpr int kKeepUsers = 0;
  if (machine.capability != "default")
    setenv("ATEN_CPU_CAPABILITY", machine.capability.c_str(), kKeepUsers);
}

// Lazily: libtorch and what it needs bind their functions when they call them, which is 20 ms less.
// What libbraid.so itself calls is bound at once (-z now): one that libtorch lacks is told here.
void* open_library() {
  const auto folder = this_program().parent_path();
  std::string tried;
  for (const auto& path : {folder / "../lib/libbraid.so",
                           folder / ("../" BRAID_LIBDIR "/libbraid.so"), fs::path("libbraid.so")}) {
    if (path.has_parent_path() && !fs::exists(path)) continue;
    if (void* handle = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL)) return handle;
    tried += std::string("\n  ") + dlerror();
  }
  throw Error(
      ErrorCode::kNotFound,
      "cannot load libbraid.so, which this verb needs (build it, or install libtorch):" + tried);
}

}  // namespace

fs::path this_program() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? fs::path(std::string(path, static_cast<size_t>(length))) : fs::path();
}

EngineApi& engine() {
  static EngineApi* api = [] {
    prepare_environment();
    library = open_library();
    using Entry = EngineApi* (*)(const char*);
    const auto entry = reinterpret_cast<Entry>(dlsym(library, "braid_engine_api"));
    if (!entry)
      throw Error(ErrorCode::kState,
                  "libbraid.so is of another version: it has no braid_engine_api");
    return entry(BRAID_VERSION);
  }();
  return *api;
}

StudyApi& study() {
  static StudyApi* api = [] {
    engine();  // loads the library
    using Entry = StudyApi* (*)();
    const auto entry = reinterpret_cast<Entry>(dlsym(library, "braid_study_api"));
    if (!entry)
      throw Error(ErrorCode::kState, "libbraid.so is of another version: it has no braid_study_api");
    return entry();
  }();
  return *api;
}

bool engine_loaded() { return library != nullptr; }

}  // namespace braid
