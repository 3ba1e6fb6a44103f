// The layouts: which one a source has, and its table.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "braid/data/layout/table.h"

namespace braid {

// One file or folder that is one table.
struct Source {
  std::string layout;
  std::filesystem::path path;
  std::string name;  // for messages and keys: short, and unlike those of the other sources
};

// What one text of data.manifest or data.files names: a file, a folder, or several by a brace range
// (`{000..012}`) or a star. `layout` is "auto" or one of layout_names(). Throws Error(kConfig) for
// a bad range, Error(kNotFound), Error(kInput) for what has no known layout, saying what was seen.
std::vector<Source> find_sources(const std::string& text, const std::filesystem::path& base,
                                 const std::string& layout);

// Throws Error(kInput, kNotFound, kIo, kLimit) for what the source as a whole has wrong.
std::unique_ptr<Table> make_table(const std::string& layout, const TableInput& input);

std::vector<std::string> layout_names();  // in the order of layouts.def

}  // namespace braid
