// Cells of tables for terminals: cut to a width in code points, padded with spaces.
#pragma once

#include <string>

namespace braid {

std::string left_cell(const std::string& text, size_t width);
std::string right_cell(const std::string& text, size_t width);

}  // namespace braid
