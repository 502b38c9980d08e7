"""False alarms of `LabelGivenText`, and what it finds: texts of words and points, scores of a model, labels of neither.

The labels depend on the points and the words through products and absolute values that no guess of the test can learn,
and windows differ in their texts alone: both guesses are a little wrong, as they are in life.
"""

import os

import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.concept.label_given_text import LabelGivenText
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.embeddings.embeddings import Embeddings
from textdrift.tokens.token_counts import TokenCounts

REPEATS = 60 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 200
N_POINTS, N_WORDS, SPEAKING = 12, 100, 20

_law = np.random.default_rng(123)
CENTRES = 0.9 * _law.normal(size=(4, N_POINTS))
LOADINGS, RARITY = 0.5 * _law.normal(size=(N_WORDS, N_POINTS)), 0.8 * _law.normal(size=N_WORDS) - 2.5
POLARITY = 0.4 * _law.normal(size=(SPEAKING, 5))
LINEAR, CURVED = 0.3 * _law.normal(size=(N_POINTS, 5)), 0.3 * _law.normal(size=(3, 5))
TERMS = tuple(f"word{i:03d}" for i in range(N_WORDS))

# How texts were chosen, sizes of the windows, labels, and how rare the last is: -3 halves two labels, 2 leaves the last
# in one text of twenty.
CELLS = [
    ("none", (500, 500), 2, -3.0),
    ("covariate", (500, 500), 2, -3.0),
    ("strong", (500, 500), 2, -3.0),
    ("curved", (500, 500), 2, -3.0),
    ("segments", (500, 500), 2, -3.0),
    ("strong", (400, 400), 3, 0.0),
    ("segments", (400, 400), 5, 0.0),
    ("none", (500, 500), 2, 2.0),
    ("segments", (1000, 500), 2, 2.0),
    ("strong", (2000, 100), 2, -3.0),
    ("covariate", (100, 2000), 2, -3.0),
]


def texts(n, rng, choice):
    """Points of four segments and the words they hold; `choice` looks at the points alone."""
    shares = [0.6, 0.25, 0.1, 0.05] if choice == "segments" else [0.25] * 4
    drawn = n if choice in ("none", "segments") else 12 * n
    points = CENTRES[rng.choice(4, size=drawn, p=shares)] + rng.normal(size=(drawn, N_POINTS))
    if drawn > n:
        corner = (points[:, 0] > 0.8) | (points[:, 5] > 1.2)
        weight = {
            "covariate": np.where(corner, 4.0, 1.0),
            "strong": np.where(corner, 15.0, 1.0),
            "curved": np.exp(np.clip(0.35 * ((points[:, :4] ** 2).sum(axis=1) - 6), -3, 2)),
        }[choice]
        points = points[rng.choice(drawn, size=n, replace=False, p=weight / weight.sum())]
    held = rng.random((n, N_WORDS)) < 1 / (1 + np.exp(-(RARITY + points @ LOADINGS.T)))
    return points, held.astype(np.int32)


def window(n, rng, *, choice="none", k=2, rarer=0.0, relabelled=0.0, way="any"):
    points, held = texts(n, rng, choice)
    curves = np.column_stack([points[:, 0] * points[:, 1], np.abs(points[:, 2]) - 1, 2 * held[:, 0] * points[:, 3]])
    odds = (points @ LINEAR + held[:, :SPEAKING] @ POLARITY + curves @ CURVED)[:, :k]
    odds[:, -1] -= rarer
    codes = (odds + rng.gumbel(size=odds.shape)).argmax(axis=1)
    hit = rng.random(n) < relabelled
    other = (codes + rng.integers(1, k, n)) % k
    codes = np.where(hit, other if way == "any" else 0, codes)
    # What a model that knows half of the words says of the text: a function of the text alone.
    said = (points @ LINEAR + held[:, : SPEAKING // 2] @ POLARITY[: SPEAKING // 2])[:, :k]
    return LabelledEmbeddings(
        Embeddings(points, "toy"),
        np.eye(k)[codes],
        ("1", "2", "3", "4", "5")[:k],
        TokenCounts(sparse.csr_matrix(held), TERMS),
        (said - said.mean(axis=1, keepdims=True))[:, :-1],
    )


def p_values(repeats, seed, sizes, *, rarer=0.0, k=2, **current):
    found = []
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat])
        reference = window(sizes[0], rng, k=k, rarer=rarer)
        found.append(
            LabelGivenText().compare(reference, window(sizes[1], rng, k=k, rarer=rarer, **current), rng=rng).p_value
        )
    return np.array(found)


@pytest.mark.slow
def test_other_texts_under_the_same_law_alarm_in_five_percent():
    alarms = {
        (choice, *sizes, k, rarer): p_values(REPEATS, [4, place], sizes, k=k, rarer=rarer, choice=choice) <= 0.05
        for place, (choice, sizes, k, rarer) in enumerate(CELLS)
    }
    shares = {cell: float(np.mean(hits)) for cell, hits in alarms.items()}
    assert max(shares.values()) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS), shares
    pooled = np.concatenate(list(alarms.values()))
    slack = 0.0 if len(pooled) > 2000 else 3 * np.sqrt(0.06 * 0.94 / len(pooled))
    assert pooled.mean() <= 0.06 + slack, shares


@pytest.mark.slow
@pytest.mark.parametrize(
    ("relabelled", "way", "choice", "k", "least"),
    [
        (0.10, "any", "none", 2, 0.95),
        (0.07, "any", "none", 2, 0.8),
        (0.10, "any", "covariate", 2, 0.95),
        (0.10, "any", "none", 3, 0.95),
        (0.10, "one", "none", 2, 0.6),
    ],
)
def test_relabelled_texts_are_found(relabelled, way, choice, k, least):
    """One way: a share of all texts is said to carry the first label, which half of them do already."""
    repeats = max(20, REPEATS // 4)
    current = {"relabelled": relabelled, "way": way, "choice": choice}
    found = p_values(repeats, [6], (1500, 1500), rarer=-3.0 if k == 2 else 0.0, k=k, **current) <= 0.05
    assert found.mean() >= least - 3 * np.sqrt(least * (1 - least) / repeats)
