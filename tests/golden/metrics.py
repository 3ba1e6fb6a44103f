#!/usr/bin/env python3
"""Writes metrics.json: what scikit-learn, scipy and statsmodels give, for tests/metric/golden_test.cpp.

Run: python3 metrics.py > metrics.json   (made with scikit-learn 1.9.1, scipy 1.17.1, statsmodels 0.15.0)

Probabilities are multiples of 1/64: rows sum to 1 exactly and many are equal. Classes are unequal in size,
one never occurs, some labels are missing (-1), one true class has probability 0.
"""

import json
import warnings

import numpy as np
from scipy import stats
from sklearn import metrics as sk
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

warnings.simplefilter("ignore")
BINS = 15
EPSILON = np.finfo(float).eps


def grid_probabilities(rng, labels, classes, lean):
    """Rows of 64ths, leaning towards the true class."""
    rows = []
    for label in labels:
        weight = rng.random(classes) ** 2 + 0.02
        if label >= 0:
            weight[label] += lean * rng.random()
        rows.append(rng.multinomial(64, weight / weight.sum()) / 64)
    return np.array(rows)


def ece(confidence, right):
    which = np.clip(np.digitize(confidence, np.linspace(0, 1, BINS + 1), right=True) - 1, 0, BINS - 1)
    total = 0.0
    for b in range(BINS):
        inside = which == b
        if inside.any():
            total += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return total


def class_figures(p, y, classes):
    """Of the rows that have a label."""
    answer = p.argmax(1)
    one_hot = np.eye(classes)[y]
    top5 = np.argsort(-p, axis=1, kind="stable")[:, :5]
    own = {"precision": {}, "recall": {}, "f1": {}, "auroc": {}, "average_precision": {}}
    parts = sk.precision_recall_fscore_support(y, answer, labels=range(classes), zero_division=np.nan)
    for c in range(classes):
        if not (y == c).any():
            continue
        for name, value in zip(("precision", "recall", "f1"), parts):
            own[name][str(c)] = None if np.isnan(value[c]) else value[c]
        own["auroc"][str(c)] = sk.roc_auc_score(y == c, p[:, c])
        own["average_precision"][str(c)] = sk.average_precision_score(y == c, p[:, c])
    two = classes == 2
    whole = {
        "accuracy": sk.accuracy_score(y, answer),
        "balanced_accuracy": sk.balanced_accuracy_score(y, answer),
        "macro_f1": sk.f1_score(y, answer, average="macro"),
        "weighted_f1": sk.f1_score(y, answer, average="weighted"),
        "auroc": own["auroc"]["1"] if two else np.mean(list(own["auroc"].values())),
        "average_precision": own["average_precision"]["1"] if two
        else np.mean(list(own["average_precision"].values())),
        "nll": -np.log(np.maximum(p[np.arange(len(y)), y], EPSILON)).mean(),
        "brier": sk.brier_score_loss(y, p[:, 1]) if two else ((p - one_hot) ** 2).sum(1).mean(),
        "ece": ece(p.max(1), answer == y),
    }
    if classes > 5:
        whole["accuracy@5"] = np.mean([label in row for label, row in zip(y, top5)])
    if two:
        for name in ("auroc", "average_precision"):
            del own[name]
        whole |= {
            "sensitivity": sk.recall_score(y, answer),
            "specificity": sk.recall_score(y, answer, pos_label=0),
            "precision": sk.precision_score(y, answer),
            "f1": sk.f1_score(y, answer),
        }
    return whole, own


def classification(rng, classes, shares, n, lean):
    labels = rng.choice(len(shares), size=n, p=shares)
    labels[rng.random(n) < 0.1] = -1
    p = grid_probabilities(rng, labels, classes, lean)
    first = np.flatnonzero(labels == 0)[0]
    p[first, 1], p[first, 0] = p[first, 1] + p[first, 0], 0  # certain that it is not the true class
    known = labels >= 0
    whole, own = class_figures(p[known], labels[known], classes)
    counts = sk.confusion_matrix(labels[known], p[known].argmax(1), labels=range(classes))
    return {"classes": classes, "labels": labels.tolist(), "sixty_fourths": (p * 64).astype(int).tolist(),
            "values": whole, "of": own, "confusion": counts.tolist()}


def multi_label(rng):
    n, width = 70, 4
    labels = (rng.random((n, width)) < [0.5, 0.2, 0.05, 0.0]).astype(int)
    p = np.round(np.clip(0.3 * labels + rng.random((n, width)) * 0.8 - 0.1, 0, 1) * 64) / 64
    labels[rng.random((n, width)) < 0.05] = -1
    known, answer = labels >= 0, p > 0.5
    complete = known.all(1)
    own = {name: {} for name in ("precision", "recall", "f1", "auroc", "average_precision")}
    for l in range(width):
        rows = known[:, l]
        y, a, s = labels[rows, l], answer[rows, l], p[rows, l]
        for name, f in (("precision", sk.precision_score), ("recall", sk.recall_score), ("f1", sk.f1_score)):
            value = f(y, a, zero_division=np.nan)
            own[name][str(l)] = None if np.isnan(value) else value
        both = 0 < y.sum() < len(y)
        own["auroc"][str(l)] = sk.roc_auc_score(y, s) if both else None
        own["average_precision"][str(l)] = sk.average_precision_score(y, s) if both else None

    def mean(name):
        return np.mean([v for v in own[name].values() if v is not None])

    y, a, s = labels[known], answer[known], p[known]
    values = {
        "micro_f1": sk.f1_score(y, a),
        "macro_f1": mean("f1"),
        "auroc": mean("auroc"),
        "average_precision": mean("average_precision"),
        "subset_accuracy": sk.accuracy_score(labels[complete], answer[complete].astype(int)),
        "hamming": sk.hamming_loss(y, a),
        "nll": -np.log(np.maximum(np.where(y == 1, s, 1 - s), EPSILON)).mean(),
        "brier": sk.brier_score_loss(y, s),
        "ece": ece(s, y),
    }
    return {"labels": labels.tolist(), "sixty_fourths": (p * 64).astype(int).tolist(),
            "values": values, "of": own}


def regression(rng):
    n = 60
    targets = np.column_stack([rng.integers(0, 12, n) * 10.0, 1e6 + rng.normal(size=n)])
    answers = targets + rng.normal(size=(n, 2)) * [15, 0.5]
    answers[:, 0] = np.round(answers[:, 0] / 5) * 5
    targets[rng.random((n, 2)) < 0.1] = np.nan
    own = {name: {} for name in ("mae", "rmse", "r2", "pearson", "spearman")}
    for k in range(2):
        rows = ~np.isnan(targets[:, k])
        y, a = targets[rows, k], answers[rows, k]
        own["mae"][str(k)] = sk.mean_absolute_error(y, a)
        own["rmse"][str(k)] = sk.root_mean_squared_error(y, a)
        own["r2"][str(k)] = sk.r2_score(y, a)
        own["pearson"][str(k)] = stats.pearsonr(a, y).statistic
        own["spearman"][str(k)] = stats.spearmanr(a, y).statistic
    missing = [[None if np.isnan(v) else v for v in row] for row in targets.tolist()]
    return {"targets": missing, "answers": answers.tolist(),
            "values": {name: np.mean(list(v.values())) for name, v in own.items()}, "of": own}


def paired(rng):
    tables = []
    for a, b in ((0, 0), (1, 5), (7, 7), (12, 3), (0, 9), (230, 180), (3000, 3100)):
        tables.append({"first_only": a, "second_only": b,
                       "p": mcnemar([[5, a], [b, 5]], exact=True).pvalue,
                       "mid_p": min(1.0, 2 * stats.binom.cdf(min(a, b), a + b, 0.5)
                                    - stats.binom.pmf(min(a, b), a + b, 0.5))})
    first, second = rng.normal(0.3, 1, 14), rng.normal(size=14)
    t = stats.ttest_rel(first, second)
    interval = t.confidence_interval(0.95)
    whole = rng.integers(-2, 4, 13).astype(float)  # equal sums of many sign patterns
    patterns = (np.arange(2 ** 13)[:, None] >> np.arange(13) & 1) * 2 - 1
    sums = np.abs(patterns @ whole)
    raw = [0.012, 0.5, 0.003, 0.04, 0.04, 0.9, 0.0001]
    return {
        "mcnemar": tables,
        "t": {"first": first.tolist(), "second": second.tolist(), "p": t.pvalue,
              "low": interval.low, "high": interval.high},
        "sign_flip": {"difference": whole.tolist(), "p": np.mean(sums >= abs(whole.sum()))},
        "holm": {"p": raw, "adjusted": multipletests(raw, method="holm")[1].tolist()},
        "student_t": [{"t": x, "freedom": f, "p": 2 * stats.t.sf(x, f), "beyond": stats.t.isf(0.025, f)}
                      for x in (0.0, 0.1, 1.0, 3.7, 40.0) for f in (1, 2, 4.5, 30, 10000)],
    }


def main():
    rng = np.random.default_rng(6)
    seven = classification(rng, 7, [0.4, 0.25, 0.15, 0.1, 0.07, 0.0, 0.03], 90, 1.5)
    two = classification(rng, 2, [0.8, 0.2], 80, 0.8)
    out = {"seven_classes": seven, "two_classes": two, "multi_label": multi_label(rng),
           "regression": regression(rng), "paired": paired(rng)}
    print(json.dumps(out, default=float, separators=(",", ":")).replace('],"', '],\n"').replace('},"', '},\n"'))


main()
