// Names that stand for several files: `shards/train-{000..012}.tar`, `train-*.tar`.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace braid {

// Brace ranges and lists in the order written; both ends of a range have one width (`{000..012}`)
// or none is padded (`{8..12}`). A text without braces is itself. Throws Error(kConfig) for braces
// that do not match, a range that is no range, and for more than 100,000 names.
std::vector<std::string> expand_braces(const std::string& text);

// The files that a `*` or `?` in the last part of a path stands for, sorted; a path without them is
// itself. Throws Error(kNotFound) where there is none.
std::vector<std::filesystem::path> expand_stars(const std::filesystem::path& path);

}  // namespace braid
