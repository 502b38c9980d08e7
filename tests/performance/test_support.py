"""Whether an estimate has to extrapolate, where no test of meaning ran: by vectors, by words, or not at all."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import textdrift
from textdrift.performance.support import shift_of_words
from textdrift.tokens.counting import count_tokens
from textdrift.tokens.token_counts import TokenCounts

COMMON = [f"common{i}" for i in range(12)]
SHOP = [f"shop{i}" for i in range(150)]
SKY = [f"sky{i}" for i in range(150)]


def texts(rng, n, *, own=SHOP, other=(), share=0.0, everywhere=""):
    """Texts of common words and of words of their kind; a share of them is of the other kind."""
    made = []
    for number in range(n):
        kind = other if rng.random() < share else own
        words = [*rng.choice(COMMON, 4), *rng.choice(kind, 6)]
        made.append(f"{everywhere} {' '.join(words)} row{number}")
    return made


def shift(before, after):
    return shift_of_words(*count_tokens(pa.array(before), pa.array(after)))


def by_hand(reference: TokenCounts, current: TokenCounts) -> float:
    """The same from dense matrices and numpy's own means and variances."""
    sides = []
    for counts in (reference, current):
        held = (counts.counts.toarray() > 0).astype(float)
        sides.append(held / np.sqrt(held.sum(axis=1, keepdims=True)))
    variances = [side.var(axis=0, ddof=1) for side in sides]
    squared = (sides[1].mean(axis=0) - sides[0].mean(axis=0)) ** 2
    squared -= variances[0] / len(sides[0]) + variances[1] / len(sides[1])
    kept = np.argsort(-squared)[3:]
    total = squared[kept].sum()
    return float(np.sign(total) * np.sqrt(abs(total) / variances[0][kept].sum()))


def test_the_shift_of_words_is_that_of_dense_matrices():
    rng = np.random.default_rng(0)
    counts = count_tokens(pa.array(texts(rng, 80)), pa.array(texts(rng, 60, other=SKY, share=0.5)))
    assert shift_of_words(*counts) == pytest.approx(by_hand(*counts))


def test_texts_of_one_kind_lie_near_and_texts_of_another_far():
    rng = np.random.default_rng(1)
    same = [shift(texts(rng, 400), texts(rng, 400)) for _ in range(10)]
    assert max(map(abs, same)) < 0.06
    assert shift(texts(rng, 400), texts(rng, 400, own=SKY)) > 0.15


def test_one_word_in_every_text_is_no_other_kind_of_text():
    rng = np.random.default_rng(2)
    before, after = texts(rng, 400, everywhere="@north"), texts(rng, 400, everywhere="@south")
    assert abs(shift(before, after)) < 0.06


def test_texts_without_words_and_one_text_over_and_over_are_survived():
    empty = TokenCounts(count_tokens(pa.array(["", ""]), pa.array(["", ""]))[0].counts, ())
    assert shift_of_words(empty, empty) == 0.0
    assert shift(["a b c d e f"] * 30, ["a b c d e f"] * 30) == 0.0


def monitored(rng, n, written, *, labelled=True, moved=0.0):
    good = rng.beta(0.5, 0.5, n)
    labels = np.where(rng.random(n) < good, "good", "bad")
    points = rng.normal(size=(n, 6)) + moved
    return pd.DataFrame(
        {
            "text": written,
            "label": labels if labelled else [None] * n,
            "prediction": np.where(good > 0.5, "good", "bad"),
            "p_good": good,
            "p_bad": 1 - good,
            "vector": list(points),
        }
    )


def flags(reference, current, **roles):
    report = textdrift.compare(
        reference,
        current,
        label="label",
        prediction="prediction",
        probabilities={"good": "p_good", "bad": "p_bad"},
        tests={"columns": {}},
        **roles,
    )
    estimated = report.to_dict()["performance"]["estimated"]
    return estimated["flags"], " ".join(estimated["notes"])


@pytest.mark.parametrize(("own", "outside"), [(SHOP, False), (SKY, True)])
def test_without_a_test_of_meaning_the_words_say_whether_the_texts_are_of_another_kind(own, outside):
    rng = np.random.default_rng(3)
    reference = monitored(rng, 400, texts(rng, 400))
    current = monitored(rng, 400, texts(rng, 400, own=own), labelled=False)
    found, notes = flags(reference, current)
    assert ("outside_support" in found) == outside
    assert "was not checked" not in notes


@pytest.mark.parametrize(("moved", "outside"), [(0.0, False), (0.3, True)])
def test_vectors_that_came_with_the_rows_say_it_where_there_are_some(moved, outside):
    rng = np.random.default_rng(4)
    written = texts(rng, 400)
    reference = monitored(rng, 400, written)
    current = monitored(rng, 400, texts(rng, 400), labelled=False, moved=moved)
    found, notes = flags(reference, current, text=None, embeddings="vector")
    assert ("outside_support" in found) == outside
    assert "was not checked" not in notes


def test_without_texts_and_vectors_it_is_said_that_nobody_looked():
    rng = np.random.default_rng(5)
    reference, current = (monitored(rng, 200, [""] * 200, labelled=labelled) for labelled in (True, False))
    found, notes = flags(reference, current, text=None)
    assert "outside_support" not in found
    assert "without words or vectors" in notes
