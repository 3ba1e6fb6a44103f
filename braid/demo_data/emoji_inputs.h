// Where the demo set's inputs lie.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "braid/demo_data/emoji.h"

namespace braid {

struct EmojiInputs {
  std::filesystem::path font;        // a file
  std::filesystem::path cldr;        // a folder
  std::filesystem::path emoji_test;  // a file
};

// The configured places, or those of Debian and its kin. Throws Error(kNotFound) naming the
// package.
EmojiInputs find_inputs(const EmojiConfig& config);

// Versions of the input packages as dpkg knows them; empty on other systems.
std::map<std::string, std::string> package_versions();

}  // namespace braid
