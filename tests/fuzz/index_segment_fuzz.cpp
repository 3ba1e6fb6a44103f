// A segment file of an index, as the catalog expects it and otherwise.
#include "braid/index/segment.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace braid;
  static const fuzz::Folder folder;
  static constexpr int64_t kWidth = 2;
  const auto bytes = fuzz::bytes_of(data, size);
  const auto path = segment_path(folder.path(), 1);
  std::filesystem::remove(path);
  folder.put(path.filename(), bytes);
  const size_t head = 64, tail = 32;
  const size_t vectors = size > head + tail ? size - head - tail : 0;
  const auto hash = size >= tail ? std::string(as_text(bytes.last(tail))) : std::string();
  for (const int64_t rows : {int64_t{0}, int64_t{2}, static_cast<int64_t>(vectors / 8)}) {
    fuzz::attempt([&] {
      const SegmentFile file(folder.path(), {.id = 1, .rows = rows, .hash = hash}, kWidth);
      float sum = 0;
      for (int64_t i = 0; i < rows * kWidth; ++i) sum += file.vectors()[i];
      [[maybe_unused]] volatile float kept = sum;
      file.verify();
    });
  }
  return 0;
}
