// The shell of every page: head, inline style, nothing from outside.
#pragma once

#include <string>
#include <string_view>

#include "braid/report/html.h"

namespace braid {

extern const std::string_view kPageStyle;

// A page up to and including <main>; finish() closes it. Its policy forbids scripts and any fetch.
Html start_page(std::string_view title);

}  // namespace braid
