#include "braid/metric/columns.h"

#include <algorithm>

#include "braid/core/text.h"

namespace braid {
namespace {

bool starts_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// At most `width` code points of what may be printed, and how many they are.
std::string first_code_points(const std::string& text, size_t width, size_t* count) {
  std::string out;
  *count = 0;
  for (const char c : printable(text)) {
    if (starts_code_point(c) && ++*count > width) {
      *count = width;
      break;
    }
    out += c;
  }
  return out;
}

}  // namespace

std::string left_cell(const std::string& text, size_t width) {
  size_t count = 0;
  auto cell = first_code_points(text, width, &count);
  return cell.append(width - count, ' ');
}

std::string right_cell(const std::string& text, size_t width) {
  size_t count = 0;
  const auto cell = first_code_points(text, width, &count);
  return std::string(width - count, ' ') + cell;
}

}  // namespace braid
