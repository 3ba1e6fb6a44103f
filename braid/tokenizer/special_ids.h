// Tokens that go by well-known names.
#pragma once

#include <functional>
#include <string_view>

#include "braid/tokenizer/tokenizer.h"

namespace braid {

// `find` gives the id of a token, -1 where there is none. `unknown` is left as it is.
SpecialIds find_special_ids(const std::function<int64_t(std::string_view)>& find);

}  // namespace braid
