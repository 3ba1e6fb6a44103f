// An index whose index.sqlite is anything, beside a sound segment.
#include <array>

#include "braid/index/index.h"
#include "braid/index/segment.h"
#include "fuzz.h"

namespace braid::fuzz {
namespace {

// The two vectors that the seeds' catalogs speak of: keys "a" and "b".
void write_segment(const std::filesystem::path& folder) {
  SegmentWriter writer(segment_path(folder, 1), 2, 2);
  writer.append(std::array<float, 4>{1, 0, 0, 1});
  writer.finish();
}

void use_index(const std::filesystem::path& folder) {
  const auto index = open_index(folder, {.threads = 1, .wait_ms = 1});
  index->search(std::array<float, 2>{1, 0}, 3);
  index->contains("a");
  index->verify();
  index->remove(std::array<std::string, 1>{"a"});
  index->compact();
}

}  // namespace
}  // namespace braid::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace braid;
  static const fuzz::Folder folder;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    std::filesystem::remove(entry.path());
  }
  return fuzz::attempt([&] {
    fuzz::write_segment(folder.path());
    folder.put("index.sqlite", fuzz::bytes_of(data, size));
    fuzz::use_index(folder.path());
  });
}
