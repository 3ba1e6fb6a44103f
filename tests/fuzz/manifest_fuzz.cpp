// Manifests: the same bytes as CSV, TSV and JSONL, with all that `braid inspect` looks at.
#include "braid/data/inspect.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace braid;
  static const fuzz::Folder folder;
  for (const char* name : {"x.csv", "x.tsv", "x.jsonl"}) {
    fuzz::attempt([&] {
      auto config = inspect_config({folder.put(name, fuzz::bytes_of(data, size))});
      config.data.max_row_bytes = 1 << 16;
      const auto audit = inspect(config);
      audit_json(audit);
      audit_table(audit);
    });
  }
  return 0;
}
