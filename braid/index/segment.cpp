#include "braid/index/segment.h"

#include <bit>
#include <cstring>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

static_assert(std::endian::native == std::endian::little, "vectors are mapped as they lie");

constexpr uint32_t kSegmentFormat = 1;
constexpr size_t kHashSize = 32;

struct SegmentHeader {
  char magic[8] = {'B', 'R', 'A', 'I', 'D', 'S', 'E', 'G'};
  uint32_t format = kSegmentFormat;
  uint32_t width = 0;
  uint64_t rows = 0;
  char zero[40] = {};
};
static_assert(sizeof(SegmentHeader) == 64);

// Opens a segment's file, or says what its absence means.
MappedFile map_segment(const std::filesystem::path& path) {
  try {
    return MappedFile(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    throw Error(ErrorCode::kInput, path.string() +
                                       ": missing, although index.sqlite names it; restore it from "
                                       "a copy or rebuild the index");
  }
}

}  // namespace

std::filesystem::path segment_path(const std::filesystem::path& folder, int64_t id) {
  return folder / ("segment-" + std::to_string(id) + ".bin");
}

std::filesystem::path ann_path(const std::filesystem::path& folder, int64_t id) {
  return folder / ("segment-" + std::to_string(id) + ".ann");
}

SegmentWriter::SegmentWriter(const std::filesystem::path& path, int64_t rows, int64_t width)
    : file_(path), hash_(XXH3_createState(), XXH3_freeState) {
  XXH3_128bits_reset(hash_.get());
  SegmentHeader header;
  header.width = static_cast<uint32_t>(width);
  header.rows = static_cast<uint64_t>(rows);
  file_.write(std::as_bytes(std::span(&header, 1)));
}

void SegmentWriter::append(std::span<const float> values) {
  XXH3_128bits_update(hash_.get(), values.data(), values.size_bytes());
  file_.write(std::as_bytes(values));
}

std::string SegmentWriter::finish() {
  XXH128_canonical_t digest;
  XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(hash_.get()));
  std::string hash;
  for (unsigned char byte : digest.digest) {
    constexpr char kDigits[] = "0123456789abcdef";
    hash += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  file_.write(as_bytes(hash));
  file_.commit();
  return hash;
}

SegmentFile::SegmentFile(const std::filesystem::path& folder, const SegmentInfo& info,
                         int64_t width)
    : path_(segment_path(folder, info.id)), hash_(info.hash), file_(map_segment(path_)) {
  const SegmentHeader wanted;
  SegmentHeader header;
  if (file_.size() < sizeof header + kHashSize) {
    fail("has " + std::to_string(file_.size()) + " bytes, too few for a segment");
  }
  std::memcpy(&header, file_.bytes().data(), sizeof header);
  if (std::memcmp(header.magic, wanted.magic, sizeof header.magic) != 0) {
    fail("does not begin as a segment does");
  }
  if (header.format != kSegmentFormat) {
    fail("has format " + std::to_string(header.format) + ", expected " +
         std::to_string(kSegmentFormat));
  }
  const auto rows = static_cast<uint64_t>(info.rows);
  if (header.width != static_cast<uint64_t>(width) || header.rows != rows) {
    fail("holds [" + std::to_string(header.rows) + ", " + std::to_string(header.width) +
         "] vectors, expected [" + std::to_string(rows) + ", " + std::to_string(width) + "]");
  }
  // rows < 2^40 and width < 2^32 by the catalog's checks, so this does not overflow.
  const __uint128_t size =
      sizeof header + static_cast<__uint128_t>(rows) * header.width * sizeof(float) + kHashSize;
  if (size != file_.size()) {
    fail("has " + std::to_string(file_.size()) + " bytes, expected " +
         std::to_string(static_cast<uint64_t>(size)));
  }
  if (as_text(file_.bytes().last(kHashSize)) != hash_) {
    fail("ends with another hash than index.sqlite has for it");
  }
}

void SegmentFile::verify() const {
  if (content_hash(vector_bytes()) != hash_) fail("its vectors do not have the hash they had");
}

const float* SegmentFile::vectors() const {
  return reinterpret_cast<const float*>(vector_bytes().data());
}

std::span<const std::byte> SegmentFile::vector_bytes() const {
  const auto bytes = file_.bytes();
  return bytes.subspan(sizeof(SegmentHeader), bytes.size() - sizeof(SegmentHeader) - kHashSize);
}

void SegmentFile::fail(const std::string& what) const {
  throw Error(ErrorCode::kInput,
              path_.string() + ": " + what + "; restore it from a copy or rebuild the index");
}

}  // namespace braid
