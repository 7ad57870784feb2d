# Reference values for the tests of src/metrics.rs and src/agreement.rs: `python metrics.py` with scikit-learn 1.9.1.
from sklearn.metrics import (average_precision_score, brier_score_loss, cohen_kappa_score, f1_score, hamming_loss,
                             matthews_corrcoef)

gold = [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0], [0, 1, 0], [0, 0, 0]]
given = [[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 1, 0]]
print("micro F1", f1_score(gold, given, average="micro", zero_division=0))
print("weighted F1", f1_score(gold, given, average="weighted", zero_division=0))
print("hamming loss", hamming_loss(gold, given))
primary = lambda rows: [row.index(1) if 1 in row else 3 for row in rows]
print("matthews, primary", matthews_corrcoef(primary(gold), primary(given)))
for label in (0, 1):
    column = lambda rows: [row[label] for row in rows]
    print("matthews", label, matthews_corrcoef(column(gold), column(given)))
    print("kappa", label, cohen_kappa_score(column(gold), column(given)))

truth, score = [1, 0, 1, 1, 0, 0], [0.9, 0.8, 0.8, 0.3, 0.1, 0.05]
print("average precision", average_precision_score(truth, score))
print("brier", brier_score_loss(truth, score))
