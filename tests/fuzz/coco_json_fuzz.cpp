// COCO and Karpathy JSON: any bytes give rows or one braid::Error.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/data/layout/layout.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto path = std::filesystem::temp_directory_path() /
                           ("braid_fuzz_coco_" + std::to_string(::getpid()) + ".json");
  braid::write_atomic(path, std::string_view(reinterpret_cast<const char*>(data), size));
  for (const char* layout : {"coco", "karpathy"}) {
    try {
      const auto table = braid::make_table(layout, {path, 1 << 20, (size & 1) != 0});
      for (int64_t i = 0; i < table->size(); ++i) table->row(i).dump();
    } catch (const braid::Error&) {
    }
  }
  try {
    braid::find_sources(path.filename().string(), path.parent_path(), "auto");
  } catch (const braid::Error&) {
  }
  return 0;
}
