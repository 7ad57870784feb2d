# Reference values for src/metrics.rs: `python metrics.py` writes predictions.csv and metrics.json, with scikit-learn 1.9.1.
import csv
import json
import os
import random

import numpy
from sklearn.metrics import (accuracy_score, average_precision_score, brier_score_loss, cohen_kappa_score, f1_score,
                             hamming_loss, matthews_corrcoef, precision_score, recall_score)

os.chdir(os.path.dirname(os.path.abspath(__file__)))
LABELS = ["a", "b", "c", "d"]  # d never occurs in the gold standard

random.seed(7)
rows = []
for _ in range(300):
    gold = [label for label, share in zip(LABELS, (0.4, 0.25, 0.05, 0.0)) if random.random() < share]
    random.shuffle(gold)
    # Two places only, so that some probabilities are tied; "d" is given now and then.
    scores = {label: round(min(1, max(0, random.gauss(0.65 if label in gold else 0.25, 0.25))), 2) for label in LABELS}
    given = sorted((label for label in LABELS if scores[label] >= 0.5), key=lambda label: (-scores[label], label))
    rows.append((gold, given, scores))

with open("predictions.csv", "w", newline="") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["gold", "given"] + LABELS)
    writer.writerows([";".join(gold), ";".join(given)] + [scores[label] for label in LABELS] for gold, given, scores in rows)

gold = numpy.array([[int(label in row[0]) for label in LABELS] for row in rows])
given = numpy.array([[int(label in row[1]) for label in LABELS] for row in rows])
score = numpy.array([[row[2][label] for label in LABELS] for row in rows])
primary = lambda labels: labels[0] if labels else "none"


def label_figures(i):
    y, p = gold[:, i], given[:, i]
    some = y.any()
    return {
        "precision": precision_score(y, p),
        "recall": recall_score(y, p) if some else None,
        "f1": f1_score(y, p),
        "average_precision": average_precision_score(y, score[:, i]) if some else None,
        "matthews": matthews_corrcoef(y, p) if some else None,
        "brier": float(numpy.mean((score[:, i] - y) ** 2)) if not some else brier_score_loss(y, score[:, i]),
        "kappa": cohen_kappa_score(y, p),
    }


figures = {
    "macro_f1": f1_score(gold, given, average="macro"),
    "micro_f1": f1_score(gold, given, average="micro"),
    "weighted_f1": f1_score(gold, given, average="weighted"),
    "exact_match": accuracy_score(gold, given),
    "hamming_loss": hamming_loss(gold, given),
    "matthews": matthews_corrcoef([primary(row[0]) for row in rows], [primary(row[1]) for row in rows]),
    "labels": {label: label_figures(i) for i, label in enumerate(LABELS)},
}
with open("metrics.json", "w") as file:
    json.dump(figures, file, indent=1)
    file.write("\n")
