#include "braid/data/key_check.h"

#include <xxhash.h>

#include <algorithm>
#include <numeric>

namespace braid {

void KeyCheck::add(std::string_view key) { hashes_.push_back(XXH3_64bits(key.data(), key.size())); }

std::optional<std::pair<int64_t, int64_t>> KeyCheck::first_double(
    const std::function<std::string(int64_t)>& key_of) {
  const auto hashes = std::move(hashes_);
  hashes_ = {};
  std::vector<int64_t> order(hashes.size());
  std::iota(order.begin(), order.end(), 0);
  const auto hash = [&](int64_t row) { return hashes[static_cast<size_t>(row)]; };
  std::sort(order.begin(), order.end(),
            [&](int64_t a, int64_t b) { return hash(a) != hash(b) ? hash(a) < hash(b) : a < b; });
  std::optional<std::pair<int64_t, int64_t>> found;
  for (size_t begin = 0, end; begin < order.size(); begin = end) {
    for (end = begin + 1; end < order.size() && hash(order[end]) == hash(order[begin]);) ++end;
    for (size_t i = begin + 1; i < end; ++i) {
      if (found && order[i] >= found->second) break;
      const auto key = key_of(order[i]);
      const auto earlier = std::find_if(order.begin() + static_cast<ptrdiff_t>(begin),
                                        order.begin() + static_cast<ptrdiff_t>(i),
                                        [&](int64_t row) { return key_of(row) == key; });
      if (earlier != order.begin() + static_cast<ptrdiff_t>(i)) found = {{*earlier, order[i]}};
    }
  }
  return found;
}

}  // namespace braid
