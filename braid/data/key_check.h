// Are the keys of all rows different? 8 bytes a row while rows are added, 16 while it is answered.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace braid {

class KeyCheck {
 public:
  void add(std::string_view key);  // of the next row

  // The first row whose key an earlier row has, and that row: {earlier, row}. `key_of` is asked
  // where hashes are equal. Forgets the keys.
  std::optional<std::pair<int64_t, int64_t>> first_double(
      const std::function<std::string(int64_t)>& key_of);

 private:
  std::vector<uint64_t> hashes_;
};

}  // namespace braid
