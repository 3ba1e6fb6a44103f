#include "braid/data/pattern.h"

#include <fnmatch.h>

#include <charconv>
#include <optional>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/data/list_folder.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxNames = 100'000;
constexpr size_t kMaxDigits = 18;

[[noreturn]] void refuse_pattern(const std::string& text, const std::string& why) {
  throw Error(ErrorCode::kConfig, "data: '" + text + "': " + why +
                                      "; expected a range such as {000..012} or a list {a,b}");
}

std::optional<int64_t> digits_value(std::string_view digits) {
  int64_t value = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool all = problem == std::errc() && end == digits.data() + digits.size();
  return all && value >= 0 && digits.size() <= kMaxDigits ? std::optional(value) : std::nullopt;
}

std::vector<std::string> expand_range(const std::string& text, const std::string& body,
                                      size_t dots) {
  const std::string low = body.substr(0, dots), high = body.substr(dots + 2);
  const auto from = digits_value(low), to = digits_value(high);
  if (!from || !to) refuse_pattern(text, "'{" + body + "}' is no range of numbers");
  if (*from > *to) refuse_pattern(text, "'{" + body + "}' runs backwards");
  const bool padded = (low.size() > 1 && low[0] == '0') || (high.size() > 1 && high[0] == '0');
  if (padded && low.size() != high.size())
    refuse_pattern(text, "'{" + body + "}' has ends of different widths");
  if (static_cast<uint64_t>(*to - *from) >= kMaxNames)
    refuse_pattern(text, "'{" + body + "}' has more than " + std::to_string(kMaxNames) + " names");
  std::vector<std::string> names;
  for (int64_t number = *from; number <= *to; ++number) {
    auto digits = std::to_string(number);
    if (padded) digits.insert(0, low.size() - digits.size(), '0');
    names.push_back(std::move(digits));
  }
  return names;
}

}  // namespace

std::vector<std::string> expand_braces(const std::string& text) {
  const size_t open = text.find('{');
  const size_t close = text.find('}');
  if (open == text.npos && close == text.npos) return {text};
  if (open == text.npos || close == text.npos || close < open)
    refuse_pattern(text, "braces do not match");
  const std::string body = text.substr(open + 1, close - open - 1);
  if (body.find('{') != body.npos) refuse_pattern(text, "braces inside braces");
  const size_t dots = body.find("..");
  if (dots == body.npos && body.find(',') == body.npos)
    refuse_pattern(text, "'{" + body + "}' is neither a range nor a list");
  const auto parts = dots == body.npos ? split(body, ',') : expand_range(text, body, dots);
  const auto rest = expand_braces(text.substr(close + 1));
  if (parts.size() * rest.size() > kMaxNames)
    refuse_pattern(text, "more than " + std::to_string(kMaxNames) + " names");
  std::vector<std::string> names;
  for (const auto& part : parts) {
    for (const auto& tail : rest) names.push_back(text.substr(0, open) + part + tail);
  }
  return names;
}

std::vector<fs::path> expand_stars(const fs::path& path) {
  const auto wanted = path.filename().string();
  if (wanted.find_first_of("*?") == wanted.npos) return {path};
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::vector<fs::path> found;
  for (const auto& entry : list_folder(folder)) {
    const auto name = entry.path().filename().string();
    if (::fnmatch(wanted.c_str(), name.c_str(), FNM_PERIOD) == 0)
      found.push_back(path.parent_path() / name);
  }
  if (found.empty()) throw Error(ErrorCode::kNotFound, path.string() + ": no file is named so");
  return found;
}

}  // namespace braid
