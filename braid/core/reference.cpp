#include "braid/core/reference.h"

#include <algorithm>
#include <cctype>

namespace braid {
namespace {

std::string lower_name(std::string_view name) {
  std::string lower(name.substr(name.rfind('/') + 1));
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

bool ends_with_any(const std::string& name, std::initializer_list<const char*> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](const char* end) { return name.ends_with(end); });
}

// "train-images-idx3-ubyte", "t10k-labels.idx1-ubyte", "x.idx", "x.idx3".
bool is_idx_name(std::string name) {
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  if (name.ends_with("-ubyte")) return true;
  const size_t dot = name.rfind(".idx");
  return dot != name.npos && name.size() - dot <= 5;
}

}  // namespace

bool is_packed_tar_name(std::string_view name) {
  return ends_with_any(lower_name(name), {".tar.gz", ".tgz", ".tar.zst", ".tzst"});
}

bool is_tar_name(std::string_view name) {
  return lower_name(name).ends_with(".tar") || is_packed_tar_name(name);
}

bool is_array_name(std::string_view name) {
  const auto lower = lower_name(name);
  return ends_with_any(lower, {".npy", ".npz"}) || is_idx_name(lower);
}

std::optional<Reference> split_reference(std::string_view text) {
  for (size_t hash = text.find('#'); hash != text.npos; hash = text.find('#', hash + 1)) {
    const auto file = text.substr(0, hash);
    if (is_tar_name(file) || is_array_name(file))
      return Reference{std::string(file), std::string(text.substr(hash + 1))};
  }
  return std::nullopt;
}

}  // namespace braid
