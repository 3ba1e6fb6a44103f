// Prepared samples in one file, whole in memory as long as it is mapped.
//
//   magic, key | arrays, each at a multiple of 64 | entries | aliases | footer
//
// It grows under a name of its own and appears, footer last, by rename. Nothing is synced to the
// disk: what a crash of the machine leaves behind has a checksum that says so, of the entries when
// the file is opened, of a sample's arrays when a process first reads them. Numbers are as this
// machine has them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/data/cache_room.h"
#include "braid/data/sample_cache.h"

namespace braid {

// A hash of 128 bits: of a value's bytes, or of what tells a file from all others.
struct SampleName {
  uint64_t low = 0, high = 0;
  bool operator==(const SampleName&) const = default;
};

struct SampleNameHash {
  size_t operator()(const SampleName& name) const { return name.low; }
};

// Where a sample's arrays lie in its file, and what they are. As it stands in the file.
struct SampleEntry {
  SampleName name;       // of the value's bytes
  uint64_t hash = 0;     // PreparedValue::hash
  uint64_t checksum = 0; // of the arrays
  uint64_t values_at = 0, mask_at = 0;
  uint8_t values_type = 0, mask_type = 0, values_axes = 0, mask_axes = 0;
  uint8_t has_values = 0, has_mask = 0;
  uint8_t unused[10] = {};
  int64_t shape[8] = {};  // of the values, then of the mask
};
static_assert(sizeof(SampleEntry) == 128);

// A name by which the same bytes are known without reading them.
struct SampleAlias {
  SampleName identity, content;
};

// A descriptor and its bytes as memory. Many threads.
class SampleBytes {
 public:
  // Throws Error(kIo) for what cannot be mapped.
  SampleBytes(Descriptor file, uint64_t size, const std::filesystem::path& path);

  // Nothing where the checksum says that the bytes are not those that were written.
  std::optional<PreparedValue> read(const SampleEntry& entry) const;
  PreparedValue view(const SampleEntry& entry) const;  // unchecked

  // Used now: it is among the last to go. The first use keeps others from removing it, too.
  void touch() const;

  // To be made anew: others will not find the file any more.
  void remove() const;

  std::span<const std::byte> all() const { return {bytes_.get(), size_}; }
  int fd() const { return file_.get(); }

 private:
  const std::filesystem::path path_;
  Descriptor file_;
  std::shared_ptr<const std::byte> bytes_;
  size_t size_;
  mutable std::atomic<bool> used_{false};
};

// A file that is complete.
class SampleFile {
 public:
  // Throws Error(kNotFound), Error(kIo), Error(kInput) for a damaged one, or one of another key.
  SampleFile(const std::filesystem::path& path, const std::string& key);

  const SampleBytes& bytes() const { return bytes_; }
  std::span<const SampleEntry> entries() const { return entries_; }
  std::span<const SampleAlias> aliases() const { return aliases_; }

 private:
  SampleBytes bytes_;
  std::span<const SampleEntry> entries_;
  std::span<const SampleAlias> aliases_;
};

// A file that grows; what is in it can be read at once. Many threads.
class SampleFileWriter {
 public:
  // Makes `path` + CacheRoom::kGrowing, at most `capacity` long. `key`: 32 letters. Throws
  // Error(kIo).
  SampleFileWriter(std::filesystem::path path, const std::string& key, uint64_t capacity);
  ~SampleFileWriter();  // a file that was not sealed goes
  SampleFileWriter(const SampleFileWriter&) = delete;

  // Bytes a file must have for this sample alone; 0 = cannot be kept (too many axes).
  static uint64_t space_of(const PreparedValue& value);

  // The entry stays where it is. nullptr where it does not fit any more. Throws Error(kIo).
  const SampleEntry* add(const SampleName& name, const PreparedValue& value);
  bool add(const SampleAlias& alias);  // false: does not fit

  // Gives the file its name, once all who are adding have ended; later add() says that it does not
  // fit. Nothing to seal: false. Throws Error(kIo).
  bool seal();

  const SampleBytes& bytes() const { return *bytes_; }
  bool has_room(uint64_t space) const;
  uint64_t pending() const;  // bytes to be sealed
  const std::filesystem::path& path() const { return path_; }

 private:
  bool fits(uint64_t end, size_t entries, size_t aliases) const;
  void write(uint64_t at, const void* data, size_t size) const;
  void write_end();

  const std::filesystem::path path_, growing_;
  const uint64_t capacity_;
  std::unique_ptr<SampleBytes> bytes_;
  mutable std::mutex lock_;
  std::condition_variable added_;
  int adding_ = 0;
  bool sealed_ = false;
  uint64_t end_;  // of what is written or being written
  std::deque<SampleEntry> entries_;
  std::vector<SampleAlias> aliases_;
};

}  // namespace braid
