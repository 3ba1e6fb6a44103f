// Where the members of a tar lie, so that any of them can be read without walking the file again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace braid {

class TarIndex {
 public:
  struct Member {
    uint64_t offset = 0;
    uint64_t size = 0;
  };

  // Walks the headers of a plain (not compressed) tar. Throws Error(kNotFound, kIo), Error(kInput)
  // for what is no tar, Error(kLimit) for too many members. A tar that breaks off keeps the members
  // before the damage.
  explicit TarIndex(const std::filesystem::path& path);

  // `name` as written, or without its extension where just one member has it (WebDataset's key).
  // Throws Error(kNotFound), or Error(kInput) when the tar is damaged and the member may be lost.
  Member find(std::string_view name) const;
  size_t size() const { return entries_.size(); }

  // Members in the order of the file.
  std::string_view name(size_t i) const;
  const Member& member(size_t i) const { return entries_[i].member; }
  const std::string& damage() const { return damage_; }  // "" = read to its end
  const std::string& link() const { return link_; }      // the first that is no file, or ""

  uint64_t memory() const;  // bytes held

 private:
  struct Entry {
    uint64_t name_begin;
    uint32_t name_size;
    Member member;
  };

  const Entry* look_up(std::string_view name) const;
  void walk();

  std::string path_;
  std::string names_;  // all names, one after another
  std::vector<Entry> entries_;
  std::vector<uint32_t> by_name_;  // numbers of entries
  std::string damage_, link_;
};

// The index of `path`, made once and kept while the file stays the same; the memory of all that are
// kept is bounded. Many threads; throws as the constructor.
std::shared_ptr<const TarIndex> tar_index(const std::filesystem::path& path);

}  // namespace braid
