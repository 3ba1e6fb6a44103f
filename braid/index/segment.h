// A segment: a file of unit vectors, written once and never changed.
//
//   bytes  0..7   "BRAIDSEG"      8..11 format, u32     12..15 width D, u32    16..23 rows n, u64
//         24..63  zero            64..  float32 [n, D]  then the content hash of those, 32 hex
//         digits
//
// All little-endian. Rows lie in the order of their items' keys, so that the lower row of equal
// scores is the smaller key.
#pragma once

#include <xxhash.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "braid/index/index.h"
#include "braid/tensor_file/atomic_file.h"
#include "braid/tensor_file/mapped_file.h"

namespace braid {

// What stands beside a segment that is searched approximately.
struct AnnInfo {
  IndexKind kind = IndexKind::kExact;  // kExact: nothing does
  std::string hash;                    // of segment-N.ann
  int64_t effort = 1;
  double recall = 1;  // recall@10 with that effort, when it was built
};

struct SegmentInfo {
  int64_t id = 0;
  int64_t rows = 0;
  std::string hash;     // of the vectors
  int64_t changed = 0;  // generation that last removed rows or moved items here
  AnnInfo ann;
};

std::filesystem::path segment_path(const std::filesystem::path& folder, int64_t id);
std::filesystem::path ann_path(const std::filesystem::path& folder, int64_t id);

class SegmentWriter {
 public:
  SegmentWriter(const std::filesystem::path& path, int64_t rows, int64_t width);

  void append(std::span<const float> values);  // whole rows; Error(kIo)
  std::string finish();  // makes the file appear and returns its hash; Error(kIo)

 private:
  AtomicFile file_;
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> hash_;
};

class SegmentFile {
 public:
  // Maps the file and checks its size, header and recorded hash against `info`; verify() reads the
  // vectors too. Both throw Error(kInput) that names the file and what to do.
  SegmentFile(const std::filesystem::path& folder, const SegmentInfo& info, int64_t width);
  void verify() const;

  const float* vectors() const;  // [rows, width]

 private:
  [[noreturn]] void fail(const std::string& what) const;
  std::span<const std::byte> vector_bytes() const;

  std::filesystem::path path_;
  std::string hash_;
  MappedFile file_;
};

}  // namespace braid
