// Names and keywords of emoji from Unicode CLDR, in one language.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace braid {

struct Annotation {
  std::string name;                   // "" when the language has none
  std::vector<std::string> keywords;  // without repeats, in the order of the file
};

// By the UTF-8 text of the emoji, U+FE0F removed.
using Annotations = std::unordered_map<std::string, Annotation>;

// Reads annotations/ and annotationsDerived/ below `cldr`, with what the locale inherits (en_GB
// from en_001 from en). Throws Error(kConfig) for a language without annotations, naming near ones,
// Error(kInput) for a malformed file.
Annotations read_annotations(const std::filesystem::path& cldr, const std::string& language);

}  // namespace braid
