#include "braid/kernel/batch_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/kernel/draws.h"
#include "tests/kernel/simd_targets.h"

namespace braid {
namespace {

constexpr double kEpsilon = 1e-5;

struct NormCase {
  int64_t rows, width;
  bool relu;
  std::vector<float> x, w, b, dy;
  std::vector<float> y, mean, variance, dx, dwb;

  NormCase(int64_t rows_, int64_t width_, bool relu_, double offset = 0)
      : rows(rows_),
        width(width_),
        relu(relu_),
        x(draws(rows * width, 1, offset)),
        w(draws(width, 2)),
        b(draws(width, 3)),
        dy(draws(rows * width, 4)),
        y(x.size(), 77),
        mean(w.size(), 77),
        variance(w.size(), 77),
        dx(x.size(), 77),
        dwb(2 * w.size(), 77) {}

  BatchNormForward forward() {
    return {x.data(), w.data(), b.data(), kEpsilon, relu, y.data(), mean.data(), variance.data()};
  }
  BatchNormBackward backward() {
    return {x.data(),        w.data(),  b.data(),  kEpsilon,  relu, mean.data(),
            variance.data(), dy.data(), dx.data(), dwb.data()};
  }
};

void expect_near(const std::vector<float>& got, const std::vector<float>& want, double tolerance,
                 const char* what) {
  for (size_t i = 0; i < want.size(); ++i)
    ASSERT_NEAR(got[i], want[i], tolerance) << what << " at " << i;
}

TEST(BatchNorm, GivesTheHandWorkedRows) {
  // A column of 1 and 3: mean 2, variance 1.
  NormCase run(2, 1, true);
  run.x = {1, 3}, run.w = {2}, run.b = {1}, run.dy = {5, 7};
  batch_norm_forward(2, 1, run.forward());
  EXPECT_FLOAT_EQ(run.mean[0], 2);
  EXPECT_FLOAT_EQ(run.variance[0], 1);
  EXPECT_EQ(run.y[0], 0);  // -2 + 1, behind the ReLU
  EXPECT_NEAR(run.y[1], 3, 1e-4);
  batch_norm_backward(2, 1, run.backward());
  EXPECT_NEAR(run.dwb[0], 7, 1e-3);  // only the second row's gradient comes through, at x^ = 1
  EXPECT_EQ(run.dwb[1], 7);
  EXPECT_NEAR(run.dx[0], 0, 1e-3);  // two rows are always at -1 and 1: nothing moves y
  EXPECT_NEAR(run.dx[1], 0, 1e-3);
}

TEST(BatchNorm, AgreesWithTheReferenceOnOddShapes) {
  for (const bool relu : {false, true}) {
    for (const auto& [rows, width] :
         {std::pair<int64_t, int64_t>{2, 1}, {3, 5}, {17, 16}, {1000, 33}, {2310, 64}}) {
      SCOPED_TRACE(::testing::Message() << rows << " x " << width << (relu ? ", relu" : ""));
      NormCase want(rows, width, relu);
      batch_norm_forward_ref(rows, width, want.forward());
      batch_norm_backward_ref(rows, width, want.backward());
      on_every_simd([&] {
        NormCase got(rows, width, relu);
        batch_norm_forward(rows, width, got.forward());
        batch_norm_backward(rows, width, got.backward());
        expect_near(got.mean, want.mean, 1e-5, "mean");
        expect_near(got.variance, want.variance, 1e-5, "variance");
        expect_near(got.y, want.y, 1e-4, "y");
        expect_near(got.dx, want.dx, 2e-4, "dx");
        expect_near(got.dwb, want.dwb, 1e-5 * static_cast<double>(rows) + 1e-4, "dwb");
      });
    }
  }
}

TEST(BatchNorm, KeepsAVarianceFarFromZero) {
  NormCase got(5000, 4, false, 1000), want(5000, 4, false, 1000);
  batch_norm_forward(got.rows, got.width, got.forward());
  batch_norm_forward_ref(want.rows, want.width, want.forward());
  expect_near(got.variance, want.variance, 1e-3, "variance");
}

TEST(BatchNorm, MayWriteDxOverDy) {
  NormCase apart(40, 9, true), over(40, 9, true);
  batch_norm_forward(40, 9, apart.forward());
  batch_norm_forward(40, 9, over.forward());
  batch_norm_backward(40, 9, apart.backward());
  auto to = over.backward();
  to.dx = over.dy.data();
  batch_norm_backward(40, 9, to);
  EXPECT_EQ(over.dy, apart.dx);
}

TEST(BatchNorm, DoesNotHideWhatIsNoNumber) {
  NormCase run(20, 3, true);
  run.x[4] = std::numeric_limits<float>::quiet_NaN();
  on_every_simd([&] {
    batch_norm_forward(20, 3, run.forward());
    EXPECT_TRUE(std::isnan(run.y[1]));
    EXPECT_FALSE(std::isnan(run.y[0]));
  });
}

}  // namespace
}  // namespace braid
