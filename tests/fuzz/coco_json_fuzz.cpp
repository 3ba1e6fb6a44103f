// COCO, Karpathy and VQA JSON: any bytes give rows or one braid::Error.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/data/layout/layout.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto path = std::filesystem::temp_directory_path() /
                           ("braid_fuzz_coco_" + std::to_string(::getpid()) + ".json");
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
  for (const char* layout : {"coco", "karpathy", "vqa"}) {
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
