#include "braid/data/member_window.h"

#include "braid/core/error.h"
#include "braid/data/file_cache.h"

namespace braid {
namespace {

constexpr uint64_t kMaxMember = uint64_t{256} << 20;
constexpr uint64_t kMaxWindows = uint64_t{4} << 30;

}  // namespace

void MemberWindow::keep(Line& line, const std::string& name, uint64_t max_bytes, bool used) {
  line.names.push_back(name);
  line.bytes += kept_[name].content->size();
  while (line.names.size() > 1) {
    const auto oldest = kept_.find(line.names.front());
    const bool gone = oldest == kept_.end() || oldest->second.used != used;
    if (!gone && line.bytes <= max_bytes) return;
    if (!gone) {
      line.bytes -= oldest->second.content->size();
      kept_.erase(oldest);
    }
    line.names.pop_front();
  }
}

bool MemberWindow::advance() {
  try {
    if (!stream_) stream_ = std::make_unique<ArchiveStream>(path_, ArchiveFormat::kTar);
    if (!stream_->next()) {
      stream_.reset();
      return false;
    }
    const auto& name = stream_->name();
    if (kept_.contains(name)) return true;
    auto content = std::make_shared<const std::string>(stream_->read(kMaxMember));
    kept_[name] = {std::move(content), false};
    keep(waiting_, name, kMaxWaiting, false);
    return true;
  } catch (...) {
    stream_.reset();  // the damage is at the same place for everybody
    throw;
  }
}

Bytes MemberWindow::hand_out(const std::string& name, uint64_t limit) {
  auto& found = kept_.at(name);
  const auto content = found.content;
  if (!found.used) {
    found.used = true;
    waiting_.bytes -= content->size();
    keep(used_, name, kMaxUsed, true);
  }
  if (content->size() > limit) {
    throw Error(ErrorCode::kLimit, path_.string() + "#" + name + ": " +
                                       std::to_string(content->size()) +
                                       " bytes, over the limit of " + std::to_string(limit));
  }
  const auto bytes = as_bytes(*content);
  return {bytes.begin(), bytes.end()};
}

Bytes MemberWindow::read(const std::string& name, uint64_t limit) {
  const std::lock_guard held(lock_);
  for (bool from_front = !stream_; !kept_.contains(name);) {
    if (advance()) continue;
    if (from_front)
      throw Error(ErrorCode::kNotFound, path_.string() + ": no member '" + name + "'");
    from_front = true;
  }
  return hand_out(name, limit);
}

std::shared_ptr<MemberWindow> member_window(const std::filesystem::path& path) {
  static FileCache<MemberWindow> cache(kMaxWindows);
  return cache.get(path);
}

}  // namespace braid
