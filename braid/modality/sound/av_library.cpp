#include "braid/modality/sound/av_library.h"

#include <dlfcn.h>

#include <string>

#include "braid/core/error.h"

namespace braid {
namespace {

[[noreturn]] void av_absent(const std::string& what) {
  throw Error(ErrorCode::kNotFound, "sound: this file needs libav (M4A, AAC): " + what +
                                        "; install FFmpeg's libraries (apt-get install ffmpeg)");
}

void* open_av(const std::string& name, int major) {
  const auto file = "lib" + name + ".so." + std::to_string(major);
  void* handle = ::dlopen(file.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (!handle) av_absent(::dlerror());
  return handle;
}

template <class Function>
void find_av(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle, name));
  if (!function) av_absent(::dlerror());
}

AvLibrary load() {
  void* const util = open_av("avutil", LIBAVUTIL_VERSION_MAJOR);
  void* const codec = open_av("avcodec", LIBAVCODEC_VERSION_MAJOR);
  void* const format = open_av("avformat", LIBAVFORMAT_VERSION_MAJOR);
  AvLibrary it;
#define BRAID_AV_FIND_FORMAT(name) find_av(format, #name, it.name);
#define BRAID_AV_FIND_CODEC(name) find_av(codec, #name, it.name);
#define BRAID_AV_FIND_UTIL(name) find_av(util, #name, it.name);
  BRAID_AV_FORMAT(BRAID_AV_FIND_FORMAT)
  BRAID_AV_CODEC(BRAID_AV_FIND_CODEC)
  BRAID_AV_UTIL(BRAID_AV_FIND_UTIL)
  it.av_log_set_level(AV_LOG_QUIET);
  return it;
}

}  // namespace

const AvLibrary& av() {
  static const AvLibrary library = load();
  return library;
}

}  // namespace braid
