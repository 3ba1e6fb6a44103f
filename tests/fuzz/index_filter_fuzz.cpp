// A filter (`--where`) of any bytes, over a row of any shape: the first line is the filter, the
// rest the row.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/index/filter.h"
#include "braid/index/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t line = std::min(text.find('\n'), text.size());
  try {
    const braid::Filter filter(text.substr(0, line));
    const auto given = nlohmann::json::parse(text.substr(line), nullptr, false);
    static const auto known = nlohmann::json::parse(
        R"({"class": "dog", "year": 2010, "tags": ["a", 1, null, ["b"]], "a": {"b": {"c": 1.5}}})");
    filter.matches(known);
    if (!given.is_discarded() && !braid::nested_too_deeply(text.substr(line))) {
      filter.matches(given);
      braid::filter_columns(given);
    }
  } catch (const braid::Error&) {
  }
  return 0;
}
