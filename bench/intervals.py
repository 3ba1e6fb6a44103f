"""Student's t: what the scripts of this folder say of seeds."""

import math
import statistics

# Two-sided 95 % quantiles, by degrees of freedom.
T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]


def mean_interval(values):
    """Mean and the bounds of its 95 % interval, of 2 .. 10 values."""
    mean = statistics.mean(values)
    half = T95[len(values) - 2] * statistics.stdev(values) / len(values) ** 0.5
    return mean, mean - half, mean + half


def p_of_t(t, freedom):
    """Two-sided p of Student's t: 1 - 2 C times the integral of cos(x)^(freedom - 1) from 0 to atan(|t| / sqrt(freedom)),
    by Simpson's rule."""
    end = math.atan(abs(t) / math.sqrt(freedom))
    steps = 1000
    parts = [math.cos(end * i / steps) ** (freedom - 1) for i in range(steps + 1)]
    area = (parts[0] + parts[-1] + 4 * sum(parts[1:-1:2]) + 2 * sum(parts[2:-1:2])) * end / steps / 3
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    return max(0.0, 1 - 2 * scale * area)


def paired_p(differences):
    """p of the paired t test of 2 values or more: 1 where all are 0, 0 where all are the same otherwise."""
    mean, deviation = statistics.mean(differences), statistics.stdev(differences)
    if deviation == 0:
        return 0.0 if mean else 1.0
    return p_of_t(mean / deviation * len(differences) ** 0.5, len(differences) - 1)
