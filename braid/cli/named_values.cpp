#include "braid/cli/named_values.h"

#include <cstdlib>

#include "braid/core/error.h"

namespace braid {

std::pair<std::string, std::string> named_value(const std::string& text, const char* example) {
  const size_t at = text.find('=');
  if (at == text.npos || at == 0 || at + 1 == text.size())
    throw Error(ErrorCode::kUsage, "'" + text + "': expected NAME=VALUE, such as " + example);
  return {text.substr(0, at), text.substr(at + 1)};
}

std::pair<std::string, double> named_number(const std::string& text, const char* example) {
  const auto [name, number] = named_value(text, example);
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (*end)
    throw Error(ErrorCode::kUsage, "'" + text + "': expected a number, such as " + example);
  return {name, value};
}

}  // namespace braid
