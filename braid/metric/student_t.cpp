#include "braid/metric/student_t.h"

#include <cmath>
#include <limits>
#include <numeric>

namespace braid {
namespace {

// Continued fraction of the incomplete beta function by Lentz's method (DLMF 8.17.22).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto apart = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / apart(1 - (a + b) * x / (a + 1)), h = d;
  for (int m = 1; m < 10'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / apart(1 + even * d);
    c = apart(1 + even / c);
    h *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / apart(1 + odd * d);
    c = apart(1 + odd / c);
    const double step = d * c;
    h *= step;
    if (std::abs(step - 1) < std::numeric_limits<double>::epsilon()) break;
  }
  return h;
}

// I_x(a, b); `rest` is 1 - x, which the caller knows to the last digit.
double incomplete_beta(double a, double b, double x, double rest) {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log(rest));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, rest) / b;
}

}  // namespace

double student_t_two_sided(double t, double freedom) {
  const double square = t * t;
  if (std::isinf(square)) return 0;
  const double whole = freedom + square;
  return incomplete_beta(freedom / 2, 0.5, freedom / whole, square / whole);
}

double student_t_beyond(double p, double freedom) {
  double low = 0, high = 1;
  while (student_t_two_sided(high, freedom) > p) high *= 2;
  for (int step = 0; step < 200 && low < high; ++step) {
    const double middle = std::midpoint(low, high);
    if (middle == low || middle == high) break;
    (student_t_two_sided(middle, freedom) > p ? low : high) = middle;
  }
  return high;
}

}  // namespace braid
