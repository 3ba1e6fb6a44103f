#include "braid/index/index.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/index/reader.h"
#include "braid/index/writer.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKindNames[] = {"exact", "hnsw", "ivf"};  // as IndexKind counts

class DiskIndex : public Index {
 public:
  DiskIndex(const fs::path& folder, const IndexOptions& options)
      : folder_(folder), options_(options), reader_(folder, options) {}

  const IndexOrigin& origin() const override { return reader_.origin(); }
  int64_t width() const override { return reader_.width(); }
  int64_t size() const override { return reader_.size(); }
  bool contains(const std::string& key) const override { return reader_.contains(key); }
  void verify() const override { reader_.verify(); }

  IndexInfo info() const override { return reader_.info(); }
  void visit(const std::function<void(const IndexEntry&)>& visitor) const override {
    reader_.visit(visitor);
  }
  std::string property(const std::string& name) const override { return reader_.property(name); }

  std::vector<std::vector<IndexHit>> search_many(std::span<const float> queries,
                                                 const SearchOptions& options) const override {
    if (queries.empty()) return {};
    return reader_.search(queries, options);
  }

  void add(std::span<const IndexItem> items) override {
    const std::lock_guard lock(write_mutex_);
    writer().add(items);
  }
  int64_t remove(std::span<const std::string> keys) override {
    const std::lock_guard lock(write_mutex_);
    return writer().remove(keys);
  }
  void compact() override {
    const std::lock_guard lock(write_mutex_);
    writer().compact();
  }
  void build(IndexKind kind) override {
    const std::lock_guard lock(write_mutex_);
    writer().build(kind);
  }
  bool refresh() override {
    const std::lock_guard lock(write_mutex_);
    return writer().refresh();
  }
  void set_property(const std::string& name, const std::string& value) override {
    const std::lock_guard lock(write_mutex_);
    writer().set_property(name, value);
  }

 private:
  IndexWriter& writer() {
    if (!writer_) writer_ = std::make_unique<IndexWriter>(folder_, reader_.width(), options_);
    return *writer_;
  }

  fs::path folder_;
  IndexOptions options_;
  mutable IndexReader reader_;
  std::mutex write_mutex_;
  std::unique_ptr<IndexWriter> writer_;
};

[[noreturn]] void fail_to_create(const fs::path& folder, int reason) {
  if (reason == ENOTEMPTY || reason == EEXIST || reason == ENOTDIR) {
    throw Error(ErrorCode::kState,
                folder.string() +
                    ": exists and is not an empty folder; choose another name or "
                    "remove it first");
  }
  throw Error(ErrorCode::kIo, folder.string() + ": cannot make index: " + std::strerror(reason));
}

fs::path without_last_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

}  // namespace

const char* index_kind_name(IndexKind kind) { return kKindNames[static_cast<size_t>(kind)]; }

IndexKind index_kind(const std::string& name) {
  const std::vector<std::string> names(std::begin(kKindNames), std::end(kKindNames));
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<IndexKind>(i);
  }
  throw Error(ErrorCode::kUsage, "no index kind '" + name + "'" + did_you_mean(name, names) +
                                     "; there are: " + join(names, ", "));
}

std::vector<IndexHit> Index::search(std::span<const float> query,
                                    const SearchOptions& options) const {
  if (query.size() != static_cast<size_t>(width())) {
    throw Error(ErrorCode::kInput, "query has " + std::to_string(query.size()) +
                                       " values, the index has width " + std::to_string(width()));
  }
  return std::move(search_many(query, options)[0]);
}
std::vector<IndexHit> Index::search(std::span<const float> query, int64_t k) const {
  return search(query, SearchOptions{k, "", false});
}
std::vector<std::vector<IndexHit>> Index::search_many(std::span<const float> queries,
                                                      int64_t k) const {
  return search_many(queries, SearchOptions{k, "", false});
}

std::unique_ptr<Index> create_index(const fs::path& wanted, const IndexOrigin& origin,
                                    int64_t width, const IndexOptions& options) {
  static std::atomic<uint64_t> counter{0};
  const fs::path folder = without_last_slash(fs::absolute(wanted).lexically_normal());
  std::error_code ignored;
  const bool free = !fs::exists(folder, ignored) ||
                    (fs::is_directory(folder, ignored) && fs::is_empty(folder, ignored));
  if (!free) fail_to_create(wanted, ENOTEMPTY);
  fs::path temporary = folder;
  temporary += ".tmp." + std::to_string(::getpid()) + "." + std::to_string(counter++);
  try {
    make_folder(temporary);
    Catalog::create(temporary / "index.sqlite", origin, width);
    sync_path(temporary);
    // Onto nothing or an empty folder, at once.
    if (::rename(temporary.c_str(), folder.c_str()) != 0) fail_to_create(wanted, errno);
    sync_path(folder.parent_path());
  } catch (...) {
    fs::remove_all(temporary, ignored);
    throw;
  }
  return open_index(wanted, options);
}

std::unique_ptr<Index> open_index(const fs::path& folder, const IndexOptions& options) {
  return std::make_unique<DiskIndex>(folder, options);
}

}  // namespace braid
