// Student's t distribution.
#pragma once

namespace braid {

// P(|T| >= |t|) of `freedom` > 0 degrees of freedom, to about 1e-14.
double student_t_two_sided(double t, double freedom);

// The t with P(|T| >= t) = p, 0 < p < 1.
double student_t_beyond(double p, double freedom);

}  // namespace braid
