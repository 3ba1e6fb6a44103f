#include "braid/data/value_identity.h"

#include <sys/stat.h>
#include <time.h>
#include <xxhash.h>

#include <algorithm>
#include <string>

namespace braid {
namespace {

constexpr int64_t kUnsettledS = 2;  // coarsest times of the file systems there are

void add(std::string& text, const void* data, size_t size) {
  text.append(reinterpret_cast<const char*>(&size), sizeof size);
  text.append(static_cast<const char*>(data), size);
}
void add(std::string& text, const std::string& part) { add(text, part.data(), part.size()); }

bool describe_file(const Value& value, std::string& text) {
  struct stat info {};
  if (::stat(value.file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
  const int64_t changed = std::max<int64_t>(info.st_mtim.tv_sec, info.st_ctim.tv_sec);
  if (changed + kUnsettledS >= ::time(nullptr)) return false;
  const int64_t numbers[] = {static_cast<int64_t>(info.st_dev),
                             static_cast<int64_t>(info.st_ino),
                             info.st_size,
                             info.st_mtim.tv_sec,
                             info.st_mtim.tv_nsec,
                             info.st_ctim.tv_sec,
                             info.st_ctim.tv_nsec};
  add(text, numbers, sizeof numbers);
  add(text, value.member);
  return true;
}

bool describe(const Value& value, std::string& text) {
  if (value.parts) {
    return std::ranges::all_of(*value.parts, [&](const ValuePart& part) {
      add(text, part.column);
      return describe(part.value, text);
    });
  }
  text += value.file.empty() ? 't' : 'f';
  if (!value.file.empty()) return describe_file(value, text);
  add(text, value.text);
  return true;
}

SampleName name_of(const void* data, size_t size, uint64_t seed) {
  const auto hash = XXH3_128bits_withSeed(data, size, seed);
  return {hash.low64, hash.high64};
}

}  // namespace

bool is_in_file(const Value& value) {
  if (!value.parts) return !value.file.empty();
  return std::ranges::any_of(*value.parts,
                             [](const ValuePart& part) { return is_in_file(part.value); });
}

std::optional<SampleName> identity_of(const Value& value) {
  std::string text;
  if (!is_in_file(value) || !describe(value, text)) return std::nullopt;
  return name_of(text.data(), text.size(), 1);
}

SampleName content_name(std::span<const std::byte> bytes) {
  return name_of(bytes.data(), bytes.size(), 0);
}

}  // namespace braid
