#include "braid/data/epoch_order.h"

#include <algorithm>
#include <utility>

#include "braid/core/rng.h"

namespace braid {
namespace {

std::vector<int64_t> in_order_of(const std::vector<int64_t>& rows,
                                 const std::vector<int64_t>& places) {
  std::vector<int64_t> order(rows.size());
  for (size_t i = 0; i < places.size(); ++i) order[i] = rows[static_cast<size_t>(places[i])];
  return order;
}

// The rows stream by stream, streams in random order.
std::vector<int64_t> shuffled_streams(const std::vector<int64_t>& rows,
                                      const std::vector<int64_t>& begins, Rng rng) {
  std::vector<int64_t> order;
  order.reserve(rows.size());
  const auto count = static_cast<int64_t>(begins.size());
  for (const int64_t stream : permutation(count, rng)) {
    const auto at = static_cast<size_t>(stream);
    const auto from = std::lower_bound(rows.begin(), rows.end(), begins[at]);
    const auto to =
        at + 1 < begins.size() ? std::lower_bound(from, rows.end(), begins[at + 1]) : rows.end();
    order.insert(order.end(), from, to);
  }
  return order;
}

}  // namespace

std::vector<int64_t> epoch_order(const std::vector<int64_t>& rows,
                                 const std::vector<int64_t>& stream_begins,
                                 std::optional<int64_t> buffer, uint64_t seed, int64_t epoch) {
  const auto n = static_cast<int64_t>(rows.size());
  const auto number = static_cast<uint64_t>(epoch);
  if (!buffer) return in_order_of(rows, permutation(n, Rng(seed, number, 0, "shuffle")));
  auto stream = shuffled_streams(rows, stream_begins, Rng(seed, number, 0, "streams"));
  Rng rng(seed, number, 0, "buffer");
  const auto held = static_cast<size_t>(std::min(*buffer, n));
  std::vector<int64_t> waiting(stream.begin(), stream.begin() + static_cast<ptrdiff_t>(held));
  size_t out = 0;  // what is given up goes where the stream has been read
  for (size_t in = held; in < stream.size(); ++in) {
    auto& place = waiting[static_cast<size_t>(rng.below(static_cast<int64_t>(held)))];
    stream[out++] = std::exchange(place, stream[in]);
  }
  const auto rest = permutation(static_cast<int64_t>(held), Rng(rng.next()));
  for (const int64_t place : rest) stream[out++] = waiting[static_cast<size_t>(place)];
  return stream;
}

}  // namespace braid
