#include "braid/data/tar_index.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <numeric>

#include "braid/core/error.h"
#include "braid/data/file_cache.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxMembers = 16u << 20;
constexpr uint64_t kMaxIndexMemory = uint64_t{512} << 20;

struct ArchiveCloser {
  void operator()(archive* a) const { archive_read_free(a); }
};

std::string_view without_dot_slash(std::string_view name) {
  while (name.starts_with("./")) name.remove_prefix(2);
  return name;
}

// Old headers carry raw bytes, pax headers UTF-8; which call gives them back depends on the locale.
const char* member_name(archive_entry* entry) {
  if (const char* raw = archive_entry_pathname(entry)) return raw;
  return archive_entry_pathname_utf8(entry);
}

}  // namespace

TarIndex::TarIndex(const fs::path& path) : path_(path.string()) {
  const uint64_t file_size = stamp_of(path).size;
  walk();
  // A header may promise more than there is.
  const auto past_end = [&](const Entry& e) {
    return e.member.offset > file_size || e.member.size > file_size - e.member.offset;
  };
  if (std::erase_if(entries_, past_end) && damage_.empty()) damage_ = "truncated";
  if (entries_.empty() && !damage_.empty()) {
    throw Error(ErrorCode::kInput,
                path_ + ": cannot be read as a plain tar (" + damage_ +
                    "); a compressed one must be named .tar.gz or .tar.zst, or be unpacked");
  }
  // Of two members with one name the later counts, as tar itself has it.
  by_name_.resize(entries_.size());
  std::iota(by_name_.begin(), by_name_.end(), 0u);
  std::stable_sort(by_name_.begin(), by_name_.end(),
                   [&](uint32_t a, uint32_t b) { return name(a) < name(b); });
}

void TarIndex::walk() {
  const std::unique_ptr<archive, ArchiveCloser> reader(archive_read_new());
  if (!reader) throw std::bad_alloc();
  archive_read_support_format_tar(reader.get());
  if (archive_read_open_filename(reader.get(), path_.c_str(), 64 << 10) != ARCHIVE_OK) {
    damage_ = archive_error_string(reader.get());
    return;
  }
  while (true) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
      const char* reason = archive_error_string(reader.get());
      damage_ = reason ? reason : "unreadable header";
      return;
    }
    const char* raw = member_name(entry);
    if (!raw) continue;
    const auto clean = without_dot_slash(raw);
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry)) {
      if (archive_entry_filetype(entry) != AE_IFDIR && link_.empty()) link_ = clean;
      continue;
    }
    if (entries_.size() == kMaxMembers) {
      throw Error(ErrorCode::kLimit,
                  path_ + ": more than " + std::to_string(kMaxMembers) + " members");
    }
    const auto offset = static_cast<uint64_t>(archive_filter_bytes(reader.get(), 0));
    entries_.push_back({names_.size(),
                        static_cast<uint32_t>(clean.size()),
                        {offset, static_cast<uint64_t>(archive_entry_size(entry))}});
    names_ += clean;
  }
}

std::string_view TarIndex::name(size_t i) const {
  return std::string_view(names_).substr(entries_[i].name_begin, entries_[i].name_size);
}

const TarIndex::Entry* TarIndex::look_up(std::string_view wanted) const {
  wanted = without_dot_slash(wanted);
  const auto below = [&](uint32_t i, std::string_view n) { return name(i) < n; };
  const auto above = [&](std::string_view n, uint32_t i) { return n < name(i); };
  const auto end = std::upper_bound(by_name_.begin(), by_name_.end(), wanted, above);
  if (end != by_name_.begin() && name(*std::prev(end)) == wanted) return &entries_[*std::prev(end)];
  if (wanted.substr(wanted.rfind('/') + 1).find('.') != wanted.npos) return nullptr;
  const std::string stem = std::string(wanted) + ".";
  const auto first = std::lower_bound(by_name_.begin(), by_name_.end(), stem, below);
  const auto starts = [&](auto at) { return at != by_name_.end() && name(*at).starts_with(stem); };
  return starts(first) && !starts(std::next(first)) ? &entries_[*first] : nullptr;
}

TarIndex::Member TarIndex::find(std::string_view name) const {
  if (const auto* entry = look_up(name)) return entry->member;
  const std::string what = path_ + ": no member '" + std::string(name) + "'";
  if (damage_.empty()) throw Error(ErrorCode::kNotFound, what);
  throw Error(ErrorCode::kInput, what + "; the tar is damaged after " +
                                     std::to_string(entries_.size()) + " members: " + damage_);
}

uint64_t TarIndex::memory() const {
  return names_.capacity() + entries_.capacity() * sizeof(Entry) +
         by_name_.capacity() * sizeof(uint32_t);
}

std::shared_ptr<const TarIndex> tar_index(const fs::path& path) {
  static FileCache<TarIndex> cache(kMaxIndexMemory);  // holds no result that files do not determine
  return cache.get(path);
}

}  // namespace braid
