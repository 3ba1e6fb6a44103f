// One head of one segment. Scores are kept times log2 e, so that 2^x serves for e^x; keys that the
// mask hides are left out when keys are packed, so the products never see them.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "braid/kernel/attention_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "braid/kernel/attention_simd.cpp"
#include <hwy/foreach_target.h>  // first

#include "braid/kernel/attention_pack-inl.h"
#include "braid/kernel/exp-inl.h"
#include "braid/kernel/tile_product-inl.h"

HWY_BEFORE_NAMESPACE();
namespace braid {
namespace HWY_NAMESPACE {

constexpr int64_t kKeyBlock = 256;  // keys that are packed at once
constexpr int64_t kQueryTile = 66;   // rows of scores at once, whole strips of tile_product
constexpr int64_t kSpread = 16;     // floats that keep columns off each other's cache lines

// Where things lie in scratch, in floats.
struct HeadPlan {
  int64_t width;      // of one head
  int64_t vectors;    // of a packed row
  int64_t row;        // floats of a packed row
  int64_t key_row;    // floats of a row of scores or of a transposed matrix of keys
  int64_t key_count;  // packed rows of keys, a multiple of 4
};

HWY_INLINE HeadPlan plan_head(int64_t width) {
  const int64_t vectors = whole_vectors(width);
  return {width, vectors, vectors * lane_count(), kKeyBlock + kSpread, kKeyBlock};
}

// The keys of a segment that anybody may see, by their place in it.
std::vector<int32_t> seen_keys(const AttentionShape& shape, int64_t segment) {
  const int64_t first = shape.key_offsets[segment];
  std::vector<int32_t> seen;
  seen.reserve(static_cast<size_t>(shape.key_offsets[segment + 1] - first));
  for (int64_t j = first; j < shape.key_offsets[segment + 1]; ++j)
    if (!shape.key_mask || shape.key_mask[j]) seen.push_back(static_cast<int32_t>(j - first));
  return seen;
}

// A block of packed keys: entries first .. first + count - 1 of the seen keys.
struct KeyBlock {
  const int32_t* places;
  int64_t count;

  // How many of them query t sees.
  int64_t seen_by(const AttentionShape& shape, int64_t t) const {
    if (!shape.causal) return count;
    return std::upper_bound(places, places + count, t) - places;
  }
};

// Calls body(block, whether it is the first) for blocks of nearly the same size.
template <class Body>
HWY_INLINE void for_each_block(const std::vector<int32_t>& seen, const Body& body) {
  const auto count = static_cast<int64_t>(seen.size());
  const int64_t blocks = (count + kKeyBlock - 1) / kKeyBlock;
  for (int64_t i = 0; i < blocks; ++i) {
    const int64_t first = count * i / blocks;
    body(KeyBlock{seen.data() + first, count * (i + 1) / blocks - first}, i == 0);
  }
}

// Rows of the block's keys, and zeros up to a multiple of 4 rows.
void pack_keys(const HeadPlan& plan, const HeadsIn& from, int64_t first, int64_t head,
               const KeyBlock& block, float* to) {
  for (int64_t j = 0; j < block.count; ++j)
    pack_row(head_row(from, first + block.places[j], head), plan.width, 1, to + j * plan.row);
  const int64_t rest = (block.count + 3) / 4 * 4 - block.count;
  zero_floats(to + block.count * plan.row, rest * plan.row);
}

// The same, turned: row c of `to` has element c of every key; columns up to whole vectors are zero.
void turn_keys(const HeadPlan& plan, const float* rows, int64_t count, float* to) {
  const int64_t padded = (count + 3) / 4 * 4;
  transpose_rows(rows, plan.row, padded, plan.width, to, plan.key_row);
  const int64_t rest = whole_vectors(count) * lane_count() - padded;
  if (rest > 0)
    for (int64_t c = 0; c < plan.width; ++c) zero_floats(to + c * plan.key_row + padded, rest);
}

// What forward knows of a row so far: highest score, sum of 2^(score - highest).
struct RowState {
  float highest;
  float sum;
};

// Scores of the first `count` keys -> weights in place, zeros in the other floats of the row's
// `vectors`. Returns the factor for what was summed up before.
HWY_INLINE float weigh_row(float* scores, int64_t count, int64_t vectors, RowState& state) {
  const FloatTag d;
  const int64_t lanes = lane_count(), whole = count / lanes * lanes;
  if (count == 0) {
    zero_floats(scores, vectors * lanes);
    return 1;
  }
  const auto rest = hn::FirstN(d, static_cast<size_t>(count - whole));
  const auto least = hn::Set(d, -std::numeric_limits<float>::infinity());
  auto high = least;
  for (int64_t j = 0; j < whole; j += lanes) high = hn::Max(hn::LoadU(d, scores + j), high);
  if (whole < count)
    high = hn::Max(hn::IfThenElse(rest, hn::LoadU(d, scores + whole), least), high);
  const float before = state.highest;
  const float highest = std::max(before, hn::GetLane(hn::MaxOfLanes(d, high)));
  const auto top = hn::Set(d, highest);
  auto sum = hn::Zero(d);
  for (int64_t j = 0; j < whole; j += lanes) {
    const auto weight = exp2_lanes(hn::Sub(hn::LoadU(d, scores + j), top));
    hn::StoreU(weight, d, scores + j);
    sum = hn::Add(sum, weight);
  }
  int64_t done = whole;
  if (whole < count) {
    const auto x = hn::Sub(hn::LoadU(d, scores + whole), top);
    const auto weight = hn::IfThenElseZero(rest, exp2_lanes(x));
    hn::StoreU(weight, d, scores + whole);
    sum = hn::Add(sum, weight);
    done += lanes;
  }
  zero_floats(scores + done, vectors * lanes - done);
  const float factor = state.sum > 0 ? exp2_one(before - highest) : 0;
  state.highest = highest;
  state.sum = state.sum * factor + hn::GetLane(hn::SumOfLanes(d, sum));
  return factor;
}

HWY_INLINE void scale_row(float* row, int64_t floats, float factor) {
  const FloatTag d;
  const auto scale = hn::Set(d, factor);
  for (int64_t c = 0; c < floats; c += lane_count())
    hn::StoreU(hn::Mul(hn::LoadU(d, row + c), scale), d, row + c);
}

// Scores of a tile of queries against a block, softened, times the values: added to `sums`.
void forward_tile(const AttentionShape& shape, const HeadPlan& plan, const KeyBlock& block,
                  const float* q, const float* turned, const float* v, int64_t t, int64_t rows,
                  bool is_first, float* scores, RowState* states, float* sums) {
  const int64_t vectors = whole_vectors(block.count);
  const int64_t deepest = block.seen_by(shape, t + rows - 1);
  if (deepest == 0 && !is_first) return;
  tile_product(rows, vectors, plan.width, {q, plan.row, 1}, {turned, plan.key_row},
               {scores, plan.key_row}, false);
  for (int64_t r = 0; r < rows; ++r) {
    const float factor =
        weigh_row(scores + r * plan.key_row, block.seen_by(shape, t + r), vectors, states[r]);
    if (!is_first && factor != 1) scale_row(sums + r * plan.row, plan.row, factor);
  }
  tile_product(rows, plan.vectors, deepest, {scores, plan.key_row, 1}, {v, plan.row},
               {sums, plan.row}, !is_first);
}

void forward_task(const AttentionShape& shape, const AttentionForward& call,
                  const AttentionTask& task) {
  const HeadPlan plan = plan_head(shape.width);
  const int64_t first_key = shape.key_offsets[task.segment];
  const int64_t first_row = shape.query_offsets[task.segment] + task.first;
  const auto seen = seen_keys(shape, task.segment);
  const int64_t turned_size = (plan.width + 3) / 4 * 4 * plan.key_row;
  const int64_t keys_size = plan.key_count * plan.row, rows_size = task.count * plan.row;
  const int64_t tile_size = kQueryTile * plan.key_row;
  float* q =
      attention_scratch(static_cast<size_t>(2 * rows_size + turned_size + keys_size + tile_size));
  float *sums = q + rows_size, *turned = sums + rows_size, *keys = turned + turned_size;
  float* scores = keys + keys_size;
  for (int64_t t = 0; t < task.count; ++t)
    pack_row(head_row(call.q, first_row + t, task.head), plan.width, shape.scale * kLog2E,
             q + t * plan.row);
  std::vector<RowState> states(static_cast<size_t>(task.count),
                               {-std::numeric_limits<float>::infinity(), 0});
  for_each_block(seen, [&](const KeyBlock& block, bool is_first) {
    pack_keys(plan, call.k, first_key, task.head, block, keys);
    turn_keys(plan, keys, block.count, turned);
    pack_keys(plan, call.v, first_key, task.head, block, keys);
    for (int64_t t = 0; t < task.count; t += kQueryTile) {
      forward_tile(shape, plan, block, q + t * plan.row, turned, keys, task.first + t,
                   std::min(kQueryTile, task.count - t), is_first, scores, states.data() + t,
                   sums + t * plan.row);
    }
  });
  float* lse = call.lse + task.head * shape.query_rows() + first_row;
  for (int64_t t = 0; t < task.count; ++t) {
    float* out = head_row(call.out, first_row + t, task.head);
    const RowState& state = states[static_cast<size_t>(t)];
    if (state.sum == 0) {
      zero_floats(out, plan.width);
      lse[t] = std::numeric_limits<float>::infinity();
      continue;
    }
    unpack_row(sums + t * plan.row, plan.width, 1 / state.sum, out);
    lse[t] = (state.highest + std::log2(state.sum)) * kLn2;
  }
}

// Scores -> weights (in place), gradients of weights -> gradients of scores / scale (in place).
HWY_INLINE void unweigh_row(float* scores, float* gradients, int64_t count, int64_t vectors,
                            float lse, float delta) {
  const FloatTag d;
  const int64_t lanes = lane_count();
  const auto log_sum = hn::Set(d, lse), mean = hn::Set(d, delta);
  int64_t j = 0;
  for (; j < count; j += lanes) {
    auto weight = exp2_lanes(hn::Sub(hn::LoadU(d, scores + j), log_sum));
    auto slope = hn::Mul(weight, hn::Sub(hn::LoadU(d, gradients + j), mean));
    if (count - j < lanes) {
      const auto rest = hn::FirstN(d, static_cast<size_t>(count - j));
      weight = hn::IfThenElseZero(rest, weight);
      slope = hn::IfThenElseZero(rest, slope);
    }
    hn::StoreU(weight, d, scores + j);
    hn::StoreU(slope, d, gradients + j);
  }
  zero_floats(scores + j, vectors * lanes - j);
  zero_floats(gradients + j, vectors * lanes - j);
}

// Scratch of one backward task.
struct BackwardRows {
  float *q, *d_out, *d_q;                                // [queries, row]
  float *lse, *delta;                                    // [queries]
  float *keys, *turned, *values, *turned_v, *d_k, *d_v;  // a block of keys
  float *scores, *slopes;                                // a tile
};

BackwardRows backward_scratch(const HeadPlan& plan, int64_t queries) {
  const int64_t turned = (plan.width + 3) / 4 * 4 * plan.key_row;
  const int64_t keys = plan.key_count * plan.row, tile = kQueryTile * plan.key_row;
  const int64_t rows = queries * plan.row, line = (queries + 15) / 16 * 16;
  float* next = attention_scratch(
      static_cast<size_t>(3 * rows + 2 * line + 4 * keys + 2 * turned + 2 * tile));
  const auto take = [&](int64_t floats) {
    float* taken = next;
    next += floats;
    return taken;
  };
  BackwardRows to;
  to.q = take(rows), to.d_out = take(rows), to.d_q = take(rows);
  to.lse = take(line), to.delta = take(line);
  to.keys = take(keys), to.values = take(keys), to.d_k = take(keys), to.d_v = take(keys);
  to.turned = take(turned), to.turned_v = take(turned);
  to.scores = take(tile), to.slopes = take(tile);
  return to;
}

void backward_tile(const AttentionShape& shape, const HeadPlan& plan, const KeyBlock& block,
                   const BackwardRows& at, int64_t t, int64_t rows, bool is_first_block) {
  const int64_t vectors = whole_vectors(block.count), place = t * plan.row;
  const int64_t deepest = block.seen_by(shape, t + rows - 1);
  const bool is_first_tile = t == 0;
  if (deepest == 0 && !is_first_tile && !is_first_block) return;
  const TileRows q = {at.q + place, plan.row}, d_out = {at.d_out + place, plan.row};
  tile_product(rows, vectors, plan.width, {q.data, plan.row, 1}, {at.turned, plan.key_row},
               {at.scores, plan.key_row}, false);
  tile_product(rows, vectors, plan.width, {d_out.data, plan.row, 1}, {at.turned_v, plan.key_row},
               {at.slopes, plan.key_row}, false);
  for (int64_t r = 0; r < rows; ++r) {
    unweigh_row(at.scores + r * plan.key_row, at.slopes + r * plan.key_row,
                block.seen_by(shape, t + r), vectors, at.lse[t + r], at.delta[t + r]);
  }
  tile_product(block.count, plan.vectors, rows, {at.scores, 1, plan.key_row}, d_out,
               {at.d_v, plan.row}, !is_first_tile);
  tile_product(block.count, plan.vectors, rows, {at.slopes, 1, plan.key_row}, q, {at.d_k, plan.row},
               !is_first_tile);
  tile_product(rows, plan.vectors, deepest, {at.slopes, plan.key_row, 1}, {at.keys, plan.row},
               {at.d_q + place, plan.row}, !is_first_block);
}

// Queries packed, and the sum over keys of weight times its gradient, which is <out, d_out>.
void pack_queries(const AttentionShape& shape, const AttentionBackward& call,
                  const AttentionTask& task, const HeadPlan& plan, const BackwardRows& to) {
  const int64_t first = shape.query_offsets[task.segment];
  const float* lse = call.lse + task.head * shape.query_rows() + first;
  for (int64_t t = 0; t < task.count; ++t) {
    const float* d_out = head_row(call.d_out, first + t, task.head);
    pack_row(head_row(call.q, first + t, task.head), plan.width, shape.scale * kLog2E,
             to.q + t * plan.row);
    pack_row(d_out, plan.width, 1, to.d_out + t * plan.row);
    to.lse[t] = lse[t] * kLog2E;
    to.delta[t] = dot_rows_of(d_out, head_row(call.out, first + t, task.head), plan.width);
  }
}

void backward_task(const AttentionShape& shape, const AttentionBackward& call,
                   const AttentionTask& task) {
  const HeadPlan plan = plan_head(shape.width);
  const int64_t first_key = shape.key_offsets[task.segment];
  const int64_t last_key = shape.key_offsets[task.segment + 1];
  const int64_t first_row = shape.query_offsets[task.segment];
  const auto seen = seen_keys(shape, task.segment);
  const BackwardRows at = backward_scratch(plan, task.count);
  pack_queries(shape, call, task, plan, at);
  if (static_cast<int64_t>(seen.size()) < last_key - first_key || task.count == 0) {
    for (int64_t j = first_key; j < last_key; ++j) {
      zero_floats(head_row(call.d_k, j, task.head), plan.width);
      zero_floats(head_row(call.d_v, j, task.head), plan.width);
    }
  }
  if (seen.empty()) zero_floats(at.d_q, task.count * plan.row);
  for_each_block(seen, [&](const KeyBlock& block, bool is_first) {
    if (task.count == 0) return;
    pack_keys(plan, call.k, first_key, task.head, block, at.keys);
    turn_keys(plan, at.keys, block.count, at.turned);
    pack_keys(plan, call.v, first_key, task.head, block, at.values);
    turn_keys(plan, at.values, block.count, at.turned_v);
    for (int64_t t = 0; t < task.count; t += kQueryTile)
      backward_tile(shape, plan, block, at, t, std::min(kQueryTile, task.count - t), is_first);
    for (int64_t j = 0; j < block.count; ++j) {
      const int64_t row = first_key + block.places[j];
      // The packed queries carry scale * log2 e.
      unpack_row(at.d_k + j * plan.row, plan.width, kLn2, head_row(call.d_k, row, task.head));
      unpack_row(at.d_v + j * plan.row, plan.width, 1, head_row(call.d_v, row, task.head));
    }
  });
  for (int64_t t = 0; t < task.count; ++t)
    unpack_row(at.d_q + t * plan.row, plan.width, shape.scale,
               head_row(call.d_q, first_row + t, task.head));
}

}  // namespace HWY_NAMESPACE
}  // namespace braid
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace braid {

HWY_EXPORT(forward_task);
HWY_EXPORT(backward_task);

void attention_forward_simd(const AttentionShape& shape, const AttentionForward& call,
                            const AttentionTask& task) {
  HWY_DYNAMIC_DISPATCH(forward_task)(shape, call, task);
}

void attention_backward_simd(const AttentionShape& shape, const AttentionBackward& call,
                             const AttentionTask& task) {
  HWY_DYNAMIC_DISPATCH(backward_task)(shape, call, task);
}

}  // namespace braid
#endif
