#include "braid/kernel/contrastive.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/kernel/equal_rows.h"
#include "simd_targets.h"

namespace braid {
namespace {

std::vector<float> normal_rows(int64_t count, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(static_cast<size_t>(count));
  for (auto& value : values) value = static_cast<float>(rng.normal());
  return values;
}

struct Batch {
  int64_t rows, width;
  float scale;
  std::vector<int64_t> identity = {};
  int64_t columns = 0;
  std::vector<float> a = normal_rows(rows * width, 1), b = normal_rows(rows * width, 2);

  ContrastiveInput input() const {
    return {rows,   width, a.data(), b.data(), scale, identity.empty() ? nullptr : identity.data(),
            columns};
  }
};

struct Result {
  ContrastiveForward forward;
  std::vector<float> da, db;
  double dscale;
};

Result run(const Batch& batch, int64_t kept, int64_t tile, double factor = 1) {
  Result result{contrastive_forward(batch.input(), {kept, tile}),
                std::vector<float>(batch.a.size(), 7), std::vector<float>(batch.b.size(), 7), 7};
  ContrastiveGradients gradients{result.da.data(), result.db.data(), 7};
  contrastive_backward(batch.input(), result.forward, factor, &gradients);
  result.dscale = gradients.scale;
  return result;
}

void expect_as_ref(const Batch& batch, int64_t kept, int64_t tile) {
  const auto got = run(batch, kept, tile, 0.5);
  const auto want = contrastive_ref(batch.input());
  // Scores of up to `most` carry single rounding errors of most * 2^-24 a term, and so do the
  // logarithms of exp; ten times that.
  double most = 1;
  for (int64_t i = 0; i < batch.rows; ++i)
    most = std::max<double>(most, std::abs(got.forward.row_log_sums[static_cast<size_t>(i)]));
  const double tolerance = 1e-6 * most;
  EXPECT_NEAR(got.forward.loss, want.loss, tolerance);
  EXPECT_DOUBLE_EQ(got.forward.accuracy, want.accuracy);
  EXPECT_NEAR(got.dscale, 0.5 * want.scale, tolerance * (1 + std::abs(want.scale)));
  for (size_t i = 0; i < got.da.size(); ++i) {
    ASSERT_NEAR(got.da[i], 0.5 * want.a[i], tolerance * (1 + std::abs(batch.scale))) << i;
    ASSERT_NEAR(got.db[i], 0.5 * want.b[i], tolerance * (1 + std::abs(batch.scale))) << i;
  }
}

// Scores that forward keeps: all, none, and the first tiles of some batches here.
constexpr int64_t kAll = ContrastiveOptions().kept_scores;
constexpr int64_t kKept[] = {kAll, 0, 1000, 5000};

TEST(Contrastive, GivesTheHandWorkedLoss) {
  // s = [[2, 0], [0, 0]]: rows and columns pay log(1 + e^-2) and log 2.
  const Batch batch{2, 1, 2.0f, {}, 0, {1, 0}, {1, 0}};
  for (const int64_t kept : kKept) {
    const auto got = run(batch, kept, 16);
    EXPECT_NEAR(got.forward.loss, (std::log1p(std::exp(-2.0)) + std::log(2.0)) / 2, 1e-7);
    // The second row and column are ties, which their first candidate wins.
    EXPECT_DOUBLE_EQ(got.forward.accuracy, 0.5);
    // dL/ds_00 = (p - 1) / 2 with p = 1 / (1 + e^-2), and only s_00 moves with the scale.
    const double slope = (1 / (1 + std::exp(-2.0)) - 1) / 2;
    EXPECT_NEAR(got.dscale, slope, 1e-7);
    // da_0 = scale (dL/ds_00 b_0 + dL/ds_01 b_1)
    EXPECT_NEAR(got.da[0], 2 * slope, 1e-7);
  }
}

TEST(Contrastive, AgreesWithTheReferenceForOddSizesAndTiles) {
  on_every_simd([&] {
    for (const int64_t kept : kKept) {
      expect_as_ref({2, 1, 1.0f}, kept, 1024);
      expect_as_ref({3, 5, -2.0f}, kept, 2);
      expect_as_ref({33, 17, 0.5f}, kept, 16);   // tiles of 16, 16 and 1
      expect_as_ref({100, 8, 3.0f}, kept, 48);   // 48, 48 and 4
      expect_as_ref({131, 64, 0.2f}, kept, 64);  // 48, 48 and 35
      expect_as_ref({70, 3, 1.0f}, kept, 70);
    }
  });
}

TEST(Contrastive, APairAloneHasNothingToTellApart) {
  on_every_simd([&] {
    for (const int64_t kept : kKept) {
      expect_as_ref({1, 9, 3.0f}, kept, 16);
      const auto got = run({1, 9, 3.0f}, kept, 16);
      EXPECT_NEAR(got.forward.loss, 0, 1e-6);
      EXPECT_DOUBLE_EQ(got.forward.accuracy, 1);
    }
  });
}

TEST(Contrastive, EqualKeysLeaveEachOthersSums) {
  for (const int64_t kept : kKept) {
    // Rows agree by the first key in threes, by the second with their mirror image.
    Batch batch{61, 7, 1.0f, {}, 2};
    for (int64_t i = 0; i < batch.rows; ++i) {
      batch.identity.push_back(i / 3);
      batch.identity.push_back(std::min(i, batch.rows - 1 - i) + 1000);
    }
    for (const int64_t tile : {16, 32, 1024}) expect_as_ref(batch, kept, tile);
    // One thing B times: no negatives at all.
    std::fill(batch.identity.begin(), batch.identity.end(), 5);
    const auto got = run(batch, kept, 16);
    EXPECT_NEAR(got.forward.loss, 0, 1e-6);
    EXPECT_DOUBLE_EQ(got.forward.accuracy, 1);
    for (const float value : got.da) EXPECT_NEAR(value, 0, 1e-6);
  }
}

TEST(Contrastive, HoldsScoresFarApart) {
  // Scores to some thousands, rows whose largest is far below another's: no overflow, no log(0).
  for (const int64_t kept : kKept) expect_as_ref({50, 16, 500.0f}, kept, 16);
}

TEST(Contrastive, EqualVectorsAreAtChance) {
  for (const int64_t kept : kKept) {
    Batch batch{40, 4, 5.0f};
    std::fill(batch.a.begin(), batch.a.end(), 0.5f);
    std::fill(batch.b.begin(), batch.b.end(), 0.5f);
    const auto got = run(batch, kept, 16);
    EXPECT_NEAR(got.forward.loss, std::log(40.0), 1e-6);
    EXPECT_DOUBLE_EQ(got.forward.accuracy, 1.0 / 40);
  }
}

TEST(Contrastive, WhatIsKeptChangesNoBit) {
  const Batch batch{150, 24, 1.0f};
  const auto whole = run(batch, kAll, 64);
  for (const int64_t kept : kKept) {
    const auto again = run(batch, kept, 64);
    EXPECT_EQ(whole.forward.loss, again.forward.loss);
    EXPECT_EQ(whole.da, again.da);
    EXPECT_EQ(whole.db, again.db);
    EXPECT_EQ(whole.dscale, again.dscale);
  }
  EXPECT_EQ(whole.forward.kept, 9);
  EXPECT_EQ(run(batch, 0, 64).forward.kept, 0);
  EXPECT_EQ(run(batch, 5000, 64).forward.kept, 1);
}

TEST(Contrastive, ABrokenRowBreaksTheLoss) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Batch batch{20, 4, 1.0f};
    batch.a[13] = bad;
    for (const int64_t kept : kKept)
      EXPECT_FALSE(std::isfinite(run(batch, kept, 16).forward.loss));
  }
}

TEST(Contrastive, RefusesNothing) {
  const ContrastiveInput empty;
  EXPECT_THROW(contrastive_forward(empty), Error);
}

TEST(EqualRows, FindsEveryRowThatAgreesInSomeColumn) {
  Rng rng(3);
  std::vector<int64_t> keys(40 * 2);
  for (auto& key : keys) key = static_cast<int64_t>(rng.uniform() * 9) - 4;
  const EqualRows equal(keys.data(), 40, 2);
  for (int64_t row = 0; row < 40; ++row) {
    std::set<int64_t> found, wanted;
    equal.each(row, 7, 33, [&](int64_t other) { found.insert(other); });
    for (int64_t other = 7; other < 33; ++other) {
      const bool agrees =
          keys[row * 2] == keys[other * 2] || keys[row * 2 + 1] == keys[other * 2 + 1];
      if (agrees && other != row) wanted.insert(other);
    }
    EXPECT_EQ(found, wanted) << row;
  }
}

}  // namespace
}  // namespace braid
