import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.term_polarity import TermPolarity, candidate_z
from textdrift.stats.cross_fitting import standardised_logit
from textdrift.tokens.token_counts import TokenCounts

TERMS = ("also", "fine", "rare", "sick", "turn")


def planted(rng, n=1500, *, shift=None, flip=None):
    """Texts of known f = P(good | text) and g = 1/2; words fall by chance, `also` beside half of `sick`."""
    f = rng.uniform(0.05, 0.95, 2 * n)
    y = (rng.random(2 * n) < f).astype(float)
    held = rng.random((2 * n, 5)) < np.array([0.02, 0.08, 0.004, 0.08, 0.08])
    held[:, 0] |= held[:, 3] & (rng.random(2 * n) < 0.5)
    current = np.repeat([0.0, 1.0], n)
    for term in shift or ():
        hit = held[:, TERMS.index(term)] & (current > 0) & (rng.random(2 * n) < 0.7)
        y[hit] = 0.0
    for term in flip or ():
        hit = held[:, TERMS.index(term)] & (current > 0) & (rng.random(2 * n) < 0.7)
        y[hit] = 1 - y[hit]
    fit = PooledFit(
        label_names=("good",),
        label=y[:, None],
        label_probability=f[:, None],
        score=standardised_logit(f)[:, None],
        is_current=current,
        window_probability=np.full(2 * n, 0.5),
        points=np.zeros((2 * n, 1)),
        inflation=np.ones(1),
    )
    counts = [TokenCounts(sparse.csr_matrix(part.astype(np.int32)), TERMS) for part in (held[:n], held[n:])]
    return fit, *counts


def test_all_candidates_at_once_are_the_regression_of_each_written_out():
    rng = np.random.default_rng(0)
    presence = (rng.random((20, 4)) < 0.5).astype(float)
    weight, base, residual = rng.normal(size=20), rng.normal(size=(20, 3)), rng.normal(size=20)
    ours = candidate_z(sparse.csr_matrix(presence), weight, base, residual)
    r = residual - base @ np.linalg.lstsq(base, residual, rcond=None)[0]
    for t in range(4):
        q = weight * presence[:, t]
        q = q - base @ np.linalg.lstsq(base, q, rcond=None)[0]
        assert ours[t] == pytest.approx((r @ q) / np.sqrt(((r * q) ** 2).sum()), rel=1e-8)


def test_a_word_that_the_base_explains_has_nothing_to_show():
    rng = np.random.default_rng(1)
    presence = (rng.random((30, 2)) < 0.5).astype(float)
    weight = rng.normal(size=30)
    base = np.column_stack([weight, weight * presence[:, 0]])
    z = candidate_z(sparse.csr_matrix(presence), weight, base, rng.normal(size=30))
    assert z[0] == 0
    assert z[1] != 0


def test_a_word_that_lost_the_label_is_a_shift_down():
    rows = TermPolarity().find(*planted(np.random.default_rng(2), shift=["sick"]))
    assert rows[0]["term"] == "sick"
    assert (rows[0]["change"], rows[0]["direction"], rows[0]["label"]) == ("shift", "down", "good")
    assert rows[0]["current_share"] < 0.3 < rows[0]["reference_share"]
    assert 0 < rows[0]["p_value"] <= 0.05


def test_a_word_whose_texts_changed_sides_is_a_flip():
    rows = TermPolarity().find(*planted(np.random.default_rng(3), flip=["turn"]))
    assert [(row["term"], row["change"]) for row in rows] == [("turn", "flip")]


def test_the_word_beside_the_one_that_changed_is_left_out():
    rng = np.random.default_rng(4)
    named = [row["term"] for _ in range(10) for row in TermPolarity().find(*planted(rng, shift=["sick"]))]
    assert named.count("sick") == 10
    assert named.count("also") <= 2


def test_two_words_are_both_found():
    rows = TermPolarity().find(*planted(np.random.default_rng(5), shift=["sick"], flip=["turn"]))
    assert {row["term"] for row in rows} == {"sick", "turn"}


def test_nothing_is_named_where_nothing_changed():
    # 60 pairs at 0.05: 9 or more have probability 0.003.
    rng = np.random.default_rng(6)
    assert sum(bool(TermPolarity().find(*planted(rng, n=400))) for _ in range(60)) <= 8


def test_rare_words_are_no_candidates():
    fit, reference, current = planted(np.random.default_rng(7), shift=["rare"])
    assert all(row["term"] != "rare" for row in TermPolarity().find(fit, reference, current))
    assert TermPolarity(min_documents=10_000).find(fit, reference, current) == ()


def test_a_word_counts_once_however_often_it_stands_in_a_text():
    fit, reference, current = planted(np.random.default_rng(8), shift=["sick"])
    often = [TokenCounts(sparse.csr_matrix(part.counts * 3), TERMS) for part in (reference, current)]
    assert TermPolarity().find(fit, *often) == TermPolarity().find(fit, reference, current)


def test_only_the_most_frequent_candidates_are_looked_at():
    fit, reference, current = planted(np.random.default_rng(9), shift=["sick"])
    documents = np.asarray((reference.counts + current.counts).sum(axis=0)).ravel()
    rows = TermPolarity(max_candidates=1).find(fit, reference, current)
    assert {row["term"] for row in rows} <= {TERMS[int(documents.argmax())]}


def test_with_several_labels_the_one_that_moved_is_named():
    fit, reference, current = planted(np.random.default_rng(10), shift=["sick"])
    rng = np.random.default_rng(0)
    still = (rng.random(len(fit.is_current)) < 0.3).astype(float)
    both = PooledFit(
        label_names=("aloof", "good"),
        label=np.column_stack([still, fit.label]),
        label_probability=np.column_stack([np.full(len(still), 0.3), fit.label_probability]),
        score=np.column_stack([rng.normal(size=len(still)), fit.score]),
        is_current=fit.is_current,
        window_probability=fit.window_probability,
        points=fit.points,
        inflation=np.ones(2),
    )
    rows = TermPolarity().find(both, reference, current)
    assert (rows[0]["term"], rows[0]["label"]) == ("sick", "good")
