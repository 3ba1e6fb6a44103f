// Tars as data sets hold them.
#include "braid/data/tar_index.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace braid;
  static const fuzz::Folder folder;
  const auto path = folder.put("x.tar", fuzz::bytes_of(data, size));
  return fuzz::attempt([&] {
    const TarIndex index(path);
    for (const char* name : {"a.txt", "a", "b"}) {
      fuzz::attempt([&] {
        const auto member = index.find(name);
        read_range(path, member.offset, member.size);
      });
    }
  });
}
