#include "braid/data/source_names.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "braid/core/text.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

// The last parts of a path.
std::string last_parts(const fs::path& path, size_t count) {
  std::vector<std::string> parts;
  for (const auto& part : path) parts.push_back(part.string());
  if (!parts.empty() && parts.back().empty()) parts.pop_back();  // "photos/"
  count = std::min(count, parts.size());
  return join(std::span(parts).last(count), "/");
}

}  // namespace

void tell_names_apart(std::vector<Source>& sources) {
  for (size_t parts = 2; parts < 64; ++parts) {
    std::map<std::string, int> uses;
    for (const auto& source : sources) ++uses[source.name];
    bool apart = true;
    for (auto& source : sources) {
      if (uses[source.name] == 1) continue;
      source.name = last_parts(fs::absolute(source.path).lexically_normal(), parts);
      apart = false;
    }
    if (apart) return;
  }
}

}  // namespace braid
