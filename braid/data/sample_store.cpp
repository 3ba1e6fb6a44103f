#include "braid/data/sample_store.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <system_error>
#include <utility>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/machine.h"
#include "braid/data/file_cache.h"
#include "braid/version.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEnding = ".samples";
// Bytes of a file: so many that there are few of them, so few that little is lost at once where one
// is removed, or not finished.
constexpr int64_t kSmallest = 1 << 20, kLargest = 1 << 28;
constexpr int64_t kFiles = 64;  // in a full cache, about

int64_t file_bytes(int64_t max_bytes) {
  return std::clamp(max_bytes / kFiles, std::min(kSmallest, max_bytes), kLargest);
}

// No two processes of any machine choose the same.
std::string unused_name(const std::string& key) {
  std::random_device chance;
  char text[32];
  std::snprintf(text, sizeof text, "-%08x%08x", chance(), chance());
  return key + text + kEnding;
}

// The program or library that holds this code, by its place, size and time: another build may
// prepare otherwise.
std::string this_build() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<const void*>(&sample_key), &info) == 0 || !info.dli_fname)
    return "";
  try {
    const auto stamp = stamp_of(info.dli_fname);
    return std::to_string(stamp.size) + ' ' + std::to_string(stamp.seconds) + ' ' +
           std::to_string(stamp.nanoseconds);
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

SampleStore::SampleStore(fs::path folder, std::string key, CacheRoom room, Complaint complain)
    : folder_(std::move(folder)),
      key_(std::move(key)),
      room_(std::move(room)),
      complain_(std::move(complain)) {
  read_folder();
}

SampleStore::~SampleStore() {
  if (!writers_.empty()) seal(*writers_.back());
}

std::optional<PreparedValue> SampleStore::find(const SampleName& content) const {
  const SampleBytes* bytes = nullptr;
  const SampleEntry* entry = nullptr;
  {
    const std::shared_lock held(lock_);
    const auto found = places_.find(content);
    if (found == places_.end()) return std::nullopt;
    auto& place = found->second;
    bytes = place.bytes;
    entry = place.entry;
    if (std::atomic_ref(place.checked).load()) {
      bytes->touch();
      return bytes->view(*entry);
    }
  }
  auto value = bytes->read(*entry);  // without the lock: a disk may have to be asked
  if (!value) {
    bytes->remove();
    return value;
  }
  bytes->touch();
  const std::shared_lock held(lock_);
  auto& place = places_.find(content)->second;
  if (place.entry == entry) std::atomic_ref(place.checked).store(true);
  return value;
}

std::optional<PreparedValue> SampleStore::find_by_identity(const SampleName& identity) const {
  SampleName content;
  {
    const std::shared_lock held(lock_);
    const auto found = contents_.find(identity);
    if (found == contents_.end()) return std::nullopt;
    content = found->second;
  }
  return find(content);
}

std::optional<PreparedValue> SampleStore::insert(const SampleName& content,
                                                 const PreparedValue& value) {
  const auto space = SampleFileWriter::space_of(value);
  if (space == 0) return std::nullopt;
  try {
    while (const auto writer = writer_for(space, file_bytes(room_.max_bytes()))) {
      const auto* entry = writer->add(content, value);
      if (!entry) continue;  // filled up by others meanwhile
      const std::unique_lock held(lock_);
      const auto [at, added] = places_.insert_or_assign(content, Place{&writer->bytes(), entry});
      return at->second.bytes->view(*at->second.entry);
    }
  } catch (const Error& problem) {
    give_up(problem.what());
  }
  return std::nullopt;
}

void SampleStore::add_identity(const SampleName& identity, const SampleName& content) {
  {
    const std::unique_lock held(lock_);
    if (!contents_.insert_or_assign(identity, content).second) return;
  }
  try {
    const auto writer = writer_for(sizeof(SampleAlias), kSmallest);
    if (writer) writer->add(SampleAlias{identity, content});
  } catch (const Error& problem) {
    give_up(problem.what());
  }
}

// The one that grows, or a new one where it has no more room for `space`; nullptr: there is none.
std::shared_ptr<SampleFileWriter> SampleStore::writer_for(uint64_t space, int64_t file_bytes) {
  const std::lock_guard making(writing_);
  if (broken_ || full_) return nullptr;
  std::shared_ptr<SampleFileWriter> last;
  {
    const std::shared_lock held(lock_);
    if (!writers_.empty()) last = writers_.back();
  }
  if (last && last->has_room(space)) return last;
  if (last) seal(*last);
  auto writer = make_writer(space, file_bytes);
  if (!writer) {
    full_ = true;
    return nullptr;
  }
  const std::unique_lock held(lock_);
  known_.insert(writer->path().filename().string());
  writers_.push_back(writer);
  return writer;
}

std::shared_ptr<SampleFileWriter> SampleStore::make_writer(uint64_t space,
                                                           int64_t file_bytes) {
  make_folder(folder_);
  const auto turn = CacheRoom::lock(folder_);
  const auto wanted = std::max(static_cast<int64_t>(space), file_bytes);
  const auto room = room_.make(wanted);
  const auto least = std::max(static_cast<int64_t>(space), std::min(wanted, kSmallest));
  if (room < least) return nullptr;
  return std::make_shared<SampleFileWriter>(folder_ / unused_name(key_), key_,
                                            static_cast<uint64_t>(room));
}

void SampleStore::seal(SampleFileWriter& writer) {
  try {
    const auto bytes = writer.pending();
    if (writer.seal()) sealed_bytes_ += bytes;
  } catch (const Error& problem) {
    give_up(problem.what());
  }
}

void SampleStore::give_up(const std::string& problem) {
  if (broken_.exchange(true) || !complain_) return;
  complain_(problem + "; prepared samples are not kept on disk, which changes no result "
                      "(BRAID_CACHE names another folder, train.disk_cache_mb: 0 turns it off)");
}

void SampleStore::take(std::unique_ptr<SampleFile> file) {
  for (const auto& entry : file->entries()) places_.try_emplace(entry.name, &file->bytes(), &entry);
  for (const auto& alias : file->aliases()) contents_.try_emplace(alias.identity, alias.content);
  files_.push_back(std::move(file));
}

void SampleStore::read_folder() {
  std::vector<fs::path> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder_, absent)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(key_) && name.ends_with(kEnding)) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  for (const auto& path : found) {
    {
      const std::unique_lock held(lock_);
      if (!known_.insert(path.filename().string()).second) continue;
    }
    try {
      auto file = std::make_unique<SampleFile>(path, key_);
      const std::unique_lock held(lock_);
      take(std::move(file));
    } catch (const Error& problem) {
      std::error_code ignored;
      if (problem.code() == ErrorCode::kInput) fs::remove(path, ignored);  // made again
    }
  }
}

void SampleStore::refresh() {
  const std::lock_guard making(writing_);
  std::shared_ptr<SampleFileWriter> last;
  {
    const std::shared_lock held(lock_);
    if (!writers_.empty()) last = writers_.back();
  }
  // Not a file for every few samples that a late epoch comes upon.
  if (last && last->pending() > sealed_bytes_ / 8) seal(*last);
  full_ = false;
  read_folder();
}

std::string sample_key(const ConfigNode& keys, const Modality& modality) {
  auto preprocessing = keys;
  preprocessing.erase("views");  // made of what is kept
  return content_hash(std::string("samples 1 ") + BRAID_VERSION + ' ' + this_build() + ' ' +
                      this_machine().capability + '\n' + std::string(modality.name()) + '\n' +
                      preprocessing.to_yaml() + modality.learned());
}

}  // namespace braid
