#include "braid/demo_data/emoji_inputs.h"

#include <fstream>
#include <initializer_list>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFontPackage = "fonts-noto-color-emoji";
constexpr const char* kCldrPackage = "unicode-cldr-core";
constexpr const char* kEmojiTestPackage = "unicode-data";

fs::path first_there(const std::string& configured, std::initializer_list<const char*> known,
                     const char* inside, const char* what, const char* package) {
  const auto inner = [&](const fs::path& path) { return *inside ? path / inside : path; };
  if (!configured.empty()) {
    if (fs::exists(inner(configured))) return configured;
    throw Error(ErrorCode::kNotFound,
                what + std::string(": nothing at ") + inner(configured).string());
  }
  for (const char* path : known) {
    if (fs::exists(inner(path))) return path;
  }
  throw Error(ErrorCode::kNotFound,
              what + std::string(": not found; it comes with the Debian package ") + package +
                  " (apt-get install " + package + ")");
}

}  // namespace

EmojiInputs find_inputs(const EmojiConfig& config) {
  EmojiInputs inputs;
  inputs.font = first_there(config.font,
                            {"/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
                             "/usr/share/fonts/noto/NotoColorEmoji.ttf",
                             "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf"},
                            "", "font of emoji", kFontPackage);
  inputs.cldr = first_there(config.cldr, {"/usr/share/unicode/cldr/common"}, "annotations",
                            "CLDR annotations", kCldrPackage);
  inputs.emoji_test =
      first_there(config.emoji_test,
                  {"/usr/share/unicode/emoji/emoji-test.txt", "/usr/share/unicode/emoji-test.txt"},
                  "", "emoji-test.txt", kEmojiTestPackage);
  return inputs;
}

std::map<std::string, std::string> package_versions() {
  std::map<std::string, std::string> versions;
  std::ifstream status("/var/lib/dpkg/status");
  std::string package;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Package: ")) {
      package = trim(std::string_view(line).substr(9));
    } else if (line.starts_with("Version: ") &&
               (package == kFontPackage || package == kCldrPackage ||
                package == kEmojiTestPackage)) {
      versions[package] = trim(std::string_view(line).substr(9));
    }
  }
  return versions;
}

}  // namespace braid
