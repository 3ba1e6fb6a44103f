#include "braid/data/sample_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "braid/core/error.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kAlign = 64;
constexpr char kMagic[16] = "braid samples 1";

struct Header {
  char magic[16];
  char key[32];
};

struct Footer {
  char magic[16];
  uint64_t entries, aliases;  // counts
  uint64_t checksum;          // of entries, aliases and the header
  uint64_t size;              // of the file
};

constexpr uint64_t kBegin = kAlign;  // of the first array
static_assert(sizeof(Header) <= kBegin);

uint64_t aligned(uint64_t at) { return (at + kAlign - 1) / kAlign * kAlign; }

[[noreturn]] void fail(const fs::path& path, const char* what, int reason = errno) {
  const auto code = reason == ENOENT || reason == ENOTDIR ? ErrorCode::kNotFound : ErrorCode::kIo;
  throw Error(code, path.string() + ": " + what + ": " + std::strerror(reason));
}

[[noreturn]] void damaged(const fs::path& path) {
  throw Error(ErrorCode::kInput, path.string() + ": damaged, or written by another version");
}

uint64_t checksum_of(std::span<const std::byte> values, std::span<const std::byte> mask) {
  return XXH3_64bits_withSeed(mask.data(), mask.size(),
                              XXH3_64bits(values.data(), values.size()));
}

std::span<const std::byte> bytes_of(const Array& array) {
  return array.empty() ? std::span<const std::byte>()
                       : std::span(array.bytes(), array.byte_size());
}

// Is it an array within [kBegin, end), as far as the numbers say?
bool is_sound(bool there, uint8_t type, std::span<const int64_t> shape, uint64_t at, uint64_t end) {
  if (!there) return true;
  if (type > static_cast<uint8_t>(DType::kF64) || at % kAlign != 0) return false;
  uint64_t size = dtype_size(static_cast<DType>(type));
  for (const int64_t length : shape) {
    if (length < 0 || (length > 0 && size > end / static_cast<uint64_t>(length))) return false;
    size *= static_cast<uint64_t>(length);
  }
  return at >= kBegin && at <= end && size <= end - at;
}

bool is_sound(const SampleEntry& e, uint64_t end) {
  if (e.values_axes + e.mask_axes > std::ssize(e.shape)) return false;
  return is_sound(e.has_values, e.values_type, {e.shape, e.values_axes}, e.values_at, end) &&
         is_sound(e.has_mask, e.mask_type, {e.shape + e.values_axes, e.mask_axes}, e.mask_at, end);
}

Descriptor open_to_read(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) fail(path, "cannot read");
  return file;
}

uint64_t size_of(int fd, const fs::path& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) fail(path, "cannot read");
  if (!S_ISREG(info.st_mode)) damaged(path);
  return static_cast<uint64_t>(info.st_size);
}

SampleBytes map_to_read(const fs::path& path) {
  auto file = open_to_read(path);
  const auto size = size_of(file.get(), path);
  if (size < kBegin + sizeof(Footer)) damaged(path);
  return {std::move(file), size, path};
}

}  // namespace

SampleBytes::SampleBytes(Descriptor file, uint64_t size, const fs::path& path)
    : path_(path), file_(std::move(file)), size_(size) {
  const size_t length = size_;
  void* memory = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, file_.get(), 0);
  if (memory == MAP_FAILED) fail(path, "cannot map");
  bytes_ = {static_cast<const std::byte*>(memory),
            [memory, length](const std::byte*) { ::munmap(memory, length); }};
}

PreparedValue SampleBytes::view(const SampleEntry& e) const {
  const auto array = [&](uint8_t type, const int64_t* shape, uint8_t axes, uint64_t at) {
    return Array::view(static_cast<DType>(type), {shape, shape + axes},
                       {bytes_, bytes_.get() + at});
  };
  PreparedValue value{{}, e.hash, true};
  if (e.has_values)
    value.sample.values = array(e.values_type, e.shape, e.values_axes, e.values_at);
  if (e.has_mask)
    value.sample.mask = array(e.mask_type, e.shape + e.values_axes, e.mask_axes, e.mask_at);
  return value;
}

std::optional<PreparedValue> SampleBytes::read(const SampleEntry& entry) const {
  auto value = view(entry);
  if (checksum_of(bytes_of(value.sample.values), bytes_of(value.sample.mask)) != entry.checksum)
    return std::nullopt;
  return value;
}

void SampleBytes::touch() const {
  if (used_.exchange(true, std::memory_order_relaxed)) return;
  keep_in_use(file_.get());
  ::futimens(file_.get(), nullptr);  // may be refused, where it is only read
}

void SampleBytes::remove() const { ::unlink(path_.c_str()); }

SampleFile::SampleFile(const fs::path& path, const std::string& key) : bytes_(map_to_read(path)) {
  const auto all = bytes_.all();
  Footer footer;
  std::memcpy(&footer, all.data() + all.size() - sizeof footer, sizeof footer);
  const uint64_t before = all.size() - sizeof footer - kBegin;
  const bool whole = std::memcmp(footer.magic, kMagic, sizeof kMagic) == 0 &&
                     footer.size == all.size() && footer.entries <= before / sizeof(SampleEntry) &&
                     footer.aliases <= before / sizeof(SampleAlias) &&
                     footer.entries * sizeof(SampleEntry) + footer.aliases * sizeof(SampleAlias) <=
                         before;
  if (!whole) damaged(path);
  const uint64_t index =
      footer.entries * sizeof(SampleEntry) + footer.aliases * sizeof(SampleAlias);
  const uint64_t end = all.size() - sizeof footer - index;
  if (end % kAlign != 0 || std::memcmp(all.data(), kMagic, sizeof kMagic) != 0 ||
      std::memcmp(all.data() + sizeof kMagic, key.data(), key.size()) != 0 ||
      checksum_of(all.subspan(end, index), all.first(sizeof(Header))) != footer.checksum)
    damaged(path);
  entries_ = {reinterpret_cast<const SampleEntry*>(all.data() + end), footer.entries};
  aliases_ = {reinterpret_cast<const SampleAlias*>(entries_.data() + footer.entries),
              footer.aliases};
  for (const auto& entry : entries_) {
    if (!is_sound(entry, end)) damaged(path);
  }
}

SampleFileWriter::SampleFileWriter(fs::path path, const std::string& key, uint64_t capacity)
    : path_(std::move(path)),
      growing_(path_.string() + std::string(CacheRoom::kGrowing)),
      capacity_(capacity),
      end_(kBegin) {
  Descriptor file(::open(growing_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (file.get() < 0) fail(growing_, "cannot write");
  keep_in_use(file.get());
  try {
    // The length at once, so that others see what will be taken, and so that it is mapped once.
    if (::ftruncate(file.get(), static_cast<off_t>(capacity)) != 0) fail(growing_, "cannot write");
    bytes_ = std::make_unique<SampleBytes>(std::move(file), capacity, growing_);
    Header header{};
    std::memcpy(header.magic, kMagic, sizeof kMagic);
    std::memcpy(header.key, key.data(), std::min(key.size(), sizeof header.key));
    write(0, &header, sizeof header);
  } catch (...) {
    ::unlink(growing_.c_str());
    throw;
  }
}

SampleFileWriter::~SampleFileWriter() {
  if (!sealed_) ::unlink(growing_.c_str());
}

uint64_t SampleFileWriter::space_of(const PreparedValue& value) {
  const auto& [values, mask] = value.sample;
  if (values.shape().size() + mask.shape().size() > std::size(SampleEntry().shape)) return 0;
  return kBegin + aligned(bytes_of(values).size()) + aligned(bytes_of(mask).size()) +
         sizeof(SampleEntry) + sizeof(SampleAlias) + sizeof(Footer);
}

bool SampleFileWriter::fits(uint64_t end, size_t entries, size_t aliases) const {
  return end + entries * sizeof(SampleEntry) + aliases * sizeof(SampleAlias) + sizeof(Footer) <=
         capacity_;
}

// By pwrite, not through the mapping: a full disk is an error there, and a signal here.
void SampleFileWriter::write(uint64_t at, const void* data, size_t size) const {
  const auto* next = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = ::pwrite(bytes_->fd(), next, size, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(growing_, "cannot write");
    next += n;
    at += static_cast<uint64_t>(n);
    size -= static_cast<size_t>(n);
  }
}

const SampleEntry* SampleFileWriter::add(const SampleName& name, const PreparedValue& value) {
  const auto& [values, mask] = value.sample;
  if (space_of(value) == 0) return nullptr;
  SampleEntry entry{name, value.hash, checksum_of(bytes_of(values), bytes_of(mask))};
  entry.has_values = !values.empty();
  entry.has_mask = !mask.empty();
  entry.values_type = static_cast<uint8_t>(values.dtype());
  entry.mask_type = static_cast<uint8_t>(mask.dtype());
  entry.values_axes = static_cast<uint8_t>(values.shape().size());
  entry.mask_axes = static_cast<uint8_t>(mask.shape().size());
  std::ranges::copy(values.shape(), entry.shape);
  std::ranges::copy(mask.shape(), entry.shape + entry.values_axes);
  {
    const std::lock_guard held(lock_);
    entry.values_at = end_;
    entry.mask_at = end_ + aligned(bytes_of(values).size());
    const uint64_t end = entry.mask_at + aligned(bytes_of(mask).size());
    const auto entries = entries_.size() + static_cast<size_t>(adding_) + 1;
    if (sealed_ || !fits(end, entries, aliases_.size())) return nullptr;
    end_ = end;
    ++adding_;
  }
  std::exception_ptr failure;
  try {
    write(entry.values_at, bytes_of(values).data(), bytes_of(values).size());
    write(entry.mask_at, bytes_of(mask).data(), bytes_of(mask).size());
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard held(lock_);
  --adding_;
  added_.notify_all();
  if (failure) std::rethrow_exception(failure);
  return &entries_.emplace_back(entry);
}

bool SampleFileWriter::add(const SampleAlias& alias) {
  const std::lock_guard held(lock_);
  const auto entries = entries_.size() + static_cast<size_t>(adding_);
  if (sealed_ || !fits(end_, entries, aliases_.size() + 1)) return false;
  aliases_.push_back(alias);
  return true;
}

bool SampleFileWriter::has_room(uint64_t space) const {
  const std::lock_guard held(lock_);
  const auto entries = entries_.size() + static_cast<size_t>(adding_);
  return !sealed_ && fits(end_ + space, entries, aliases_.size());
}

uint64_t SampleFileWriter::pending() const {
  const std::lock_guard held(lock_);
  if (sealed_ || (entries_.empty() && aliases_.empty())) return 0;
  return end_ + aliases_.size() * sizeof(SampleAlias);
}

// Entries, aliases, footer; under the lock.
void SampleFileWriter::write_end() {
  std::vector<std::byte> index(entries_.size() * sizeof(SampleEntry) +
                               aliases_.size() * sizeof(SampleAlias));
  auto* next = index.data();
  for (const auto& entry : entries_) {
    std::memcpy(next, &entry, sizeof entry);
    next += sizeof entry;
  }
  if (!aliases_.empty()) std::memcpy(next, aliases_.data(), aliases_.size() * sizeof(SampleAlias));
  Footer footer{};
  std::memcpy(footer.magic, kMagic, sizeof kMagic);
  footer.entries = entries_.size();
  footer.aliases = aliases_.size();
  footer.checksum = checksum_of(index, bytes_->all().first(sizeof(Header)));
  footer.size = end_ + index.size() + sizeof footer;
  write(end_, index.data(), index.size());
  write(end_ + index.size(), &footer, sizeof footer);
  if (::ftruncate(bytes_->fd(), static_cast<off_t>(footer.size)) != 0)
    fail(growing_, "cannot write");
}

bool SampleFileWriter::seal() {
  std::unique_lock held(lock_);
  added_.wait(held, [&] { return adding_ == 0; });
  if (sealed_ || (entries_.empty() && aliases_.empty())) return false;
  write_end();
  if (::rename(growing_.c_str(), path_.c_str()) != 0) fail(path_, "cannot rename into place");
  sealed_ = true;
  return true;
}

}  // namespace braid
