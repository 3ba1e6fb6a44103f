"""Student's t: what the scripts of this folder say of seeds."""

import statistics

# Two-sided 95 % quantiles, by degrees of freedom.
T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262]


def mean_interval(values):
    """Mean and the bounds of its 95 % interval, of 2 .. 10 values."""
    mean = statistics.mean(values)
    half = T95[len(values) - 2] * statistics.stdev(values) / len(values) ** 0.5
    return mean, mean - half, mean + half
