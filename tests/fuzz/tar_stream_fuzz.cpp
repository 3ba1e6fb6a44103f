// Tars, compressed or not, and zips read as streams: any bytes give members or one braid::Error.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/data/archive_stream.h"
#include "braid/data/layout/sample_group.h"

namespace {

void read_samples(std::span<const std::byte> bytes, braid::ArchiveFormat format) {
  braid::ArchiveStream stream(bytes, "fuzz", format);
  braid::SampleChecker checker("fuzz", true);
  std::vector<braid::SampleMember> members;
  while (stream.next()) {
    if (braid::is_hidden_member(stream.name())) continue;
    const auto name = braid::split_member_name(stream.name(), "fuzz");
    if (checker.starts_sample(name)) {
      if (!members.empty()) braid::sample_row(members, "fuzz").dump();
      members.clear();
    }
    auto& member = members.emplace_back(braid::SampleMember{stream.name(), ""});
    if (braid::is_inline_column(name.column)) member.content = stream.read(1 << 16);
  }
  checker.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span bytes(reinterpret_cast<const std::byte*>(data), size);
  for (const auto format : {braid::ArchiveFormat::kTar, braid::ArchiveFormat::kZip}) {
    try {
      read_samples(bytes, format);
    } catch (const braid::Error&) {
    }
  }
  return 0;
}
