import numpy as np
import pytest
from scipy import sparse

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.term_polarity import TermPolarity, calibrated, candidate_z
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
    variance = rng.random(20)
    r = residual - base @ np.linalg.lstsq(base, residual, rcond=None)[0]
    ours = candidate_z(sparse.csr_matrix(presence), weight, base, r, variance)
    for t in range(4):
        q = weight * presence[:, t]
        q = q - base @ np.linalg.lstsq(base, q, rcond=None)[0]
        assert ours[t] == pytest.approx((r @ q) / np.sqrt((variance * q**2).sum()), rel=1e-8)


def test_a_word_that_the_base_explains_has_nothing_to_show():
    rng = np.random.default_rng(1)
    presence = (rng.random((30, 2)) < 0.5).astype(float)
    weight = rng.normal(size=30)
    base = np.column_stack([weight, weight * presence[:, 0]])
    z = candidate_z(sparse.csr_matrix(presence), weight, base, rng.normal(size=30), np.ones(30))
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


def test_with_several_labels_a_row_says_from_which_to_which():
    fit, reference, current = planted(np.random.default_rng(11), shift=["sick"])
    good, f = fit.label[:, 0], fit.label_probability[:, 0]
    rng = np.random.default_rng(0)
    aloof = (rng.random(len(good)) < 0.3) & (good < 1)
    three = PooledFit(
        label_names=("aloof", "bad", "good"),
        label=np.column_stack([aloof, (good < 1) & ~aloof, good]).astype(float),
        label_probability=np.column_stack([0.3 * (1 - f), 0.7 * (1 - f), f]),
        score=np.zeros((len(f), 3)),
        is_current=fit.is_current,
        window_probability=fit.window_probability,
        points=fit.points,
        inflation=np.ones(3),
    )
    row = TermPolarity().find(three, reference, current)[0]
    assert (row["term"], row["from"], row["to"]) == ("sick", "good", "bad")


def test_of_one_label_against_the_rest_nothing_is_said_of_the_others():
    row = TermPolarity().find(*planted(np.random.default_rng(2), shift=["sick"]))[0]
    assert (row["from"], row["to"]) == (None, None)


def test_the_adjusted_change_is_the_overlap_weighted_one_written_out():
    fit, reference, current = planted(np.random.default_rng(12), shift=["sick"])
    row = TermPolarity().find(fit, reference, current)[0]
    held = [i for i, n in enumerate([*reference.counts[:, 3].toarray(), *current.counts[:, 3].toarray()]) if n[0]]
    pairs = [(fit.label[i, 0] - fit.label_probability[i, 0], fit.is_current[i] - 0.5) for i in held]
    change = sum(r * v for r, v in pairs) / sum(v * v for _, v in pairs)
    error = sum((r * v) ** 2 for r, v in pairs) ** 0.5 / sum(v * v for _, v in pairs)
    assert row["adjusted_change"] == pytest.approx(change)
    assert row["standard_error"] == pytest.approx(error)
    assert row["low"] < change < row["high"]
    assert row["n_reference"] + row["n_current"] == len(held)


def test_intervals_of_the_change_hold_the_truth_as_often_as_they_say():
    # Of texts that hold the word, labels 1 (half of them) turn to 0 in 0.7: the truth is -0.35. Words that are named
    # at all changed by more than chance would show, so power must be near 1 for the interval to be honest.
    rng = np.random.default_rng(13)
    rows = [TermPolarity().find(*planted(rng, shift=["sick"])) for _ in range(100)]
    sick = [row for found in rows for row in found if row["term"] == "sick"]
    covered = sum(row["low"] <= -0.35 <= row["high"] for row in sick)
    assert len(sick) >= 97
    assert covered >= 0.88 * len(sick)  # of 100 at 0.95, 87 or fewer have probability 0.001


def test_flips_say_how_many_texts_crossed():
    rng = np.random.default_rng(14)
    crossed = [TermPolarity().find(*planted(rng, flip=["turn"]))[0]["crossed"] for _ in range(20)]
    assert np.mean(crossed) == pytest.approx(0.7, abs=0.06)


def test_a_word_of_few_texts_that_all_turned_is_found():
    # 12 current texts: squared residuals as a variance would give |z| at most sqrt(12) = 3.5, and p > 0.05.
    rng = np.random.default_rng(15)
    n = 1000
    f = np.full(2 * n, 0.9)
    y = (rng.random(2 * n) < f).astype(float)
    held = rng.random((2 * n, 200)) < 0.02
    held[:, 0] = False
    held[rng.choice(n, 15, replace=False), 0] = True
    turned = n + rng.choice(n, 12, replace=False)
    held[turned, 0] = True
    y[turned] = 0
    fit = PooledFit(
        ("good",), y[:, None], f[:, None], 0 * f[:, None], np.repeat([0.0, 1.0], n), np.full(2 * n, 0.5), f[:, None],
        np.ones(1),
    )  # fmt: skip
    terms = tuple(f"w{i:03}" for i in range(200))
    counts = [TokenCounts(sparse.csr_matrix(part.astype(np.int32)), terms) for part in (held[:n], held[n:])]
    assert [row["term"] for row in TermPolarity().find(fit, *counts)] == ["w000"]


@pytest.mark.parametrize("level", [0.02, 0.2, 0.9])
def test_rare_labels_raise_no_false_words(level):
    # A skew law, few texts a word: where normal tails fail. 50 pairs at 0.05: 8 or more have probability 0.004.
    rng = np.random.default_rng(16)
    named = 0
    for _ in range(50):
        n = 400
        f = np.full(2 * n, level)
        held = (rng.random((2 * n, 100)) < 0.04).astype(np.int32)
        fit = PooledFit(
            ("odd",), (rng.random((2 * n, 1)) < f[:, None]).astype(float), f[:, None], 0 * f[:, None],
            np.repeat([0.0, 1.0], n), np.full(2 * n, 0.5), f[:, None], np.ones(1),
        )  # fmt: skip
        terms = tuple(f"w{i:03}" for i in range(100))
        counts = [TokenCounts(sparse.csr_matrix(part), terms) for part in (held[:n], held[n:])]
        named += bool(TermPolarity(max_terms=1).find(fit, *counts))
    assert named <= 7


def test_words_whose_texts_were_badly_guessed_all_along_are_not_named():
    # The guess misses what the word says, in both windows alike.
    rng = np.random.default_rng(17)
    named = 0
    for _ in range(40):
        n = 600
        f = rng.uniform(0.8, 0.95, 2 * n)
        held = rng.random((2 * n, 20)) < 0.06
        missed = held[:, :6].any(axis=1)
        y = (rng.random(2 * n) < np.where(missed, 0.4, f)).astype(float)
        fit = PooledFit(
            ("good",), y[:, None], f[:, None], 0 * f[:, None], np.repeat([0.0, 1.0], n), np.full(2 * n, 0.5),
            f[:, None], np.ones(1),
        )  # fmt: skip
        terms = tuple(f"w{i:02}" for i in range(20))
        counts = [TokenCounts(sparse.csr_matrix(p.astype(np.int32)), terms) for p in (held[:n], held[n:])]
        named += bool(TermPolarity(max_terms=1).find(fit, *counts))
    assert named <= 6  # 40 at 0.05: 7 or more have probability 0.003


def test_guesses_are_brought_to_the_scale_of_the_labels():
    rng = np.random.default_rng(18)
    guess = rng.uniform(0.01, 0.99, 20_000)
    label = (rng.random(20_000) < 0.1 + 0.8 * guess).astype(float)
    scaled = calibrated(guess, label)
    assert np.abs(scaled - (0.1 + 0.8 * guess)).max() < 0.05
    few = calibrated(guess[:100], label[:100])
    assert np.array_equal(few, guess[:100])


def test_the_scale_can_be_learned_from_some_texts_only():
    rng = np.random.default_rng(19)
    guess = rng.uniform(0.05, 0.95, 4000)
    label = (rng.random(4000) < guess).astype(float)
    label[2000:] = 1 - label[2000:]
    before = np.arange(4000) < 2000
    assert np.abs(calibrated(guess, label, among=before) - guess).mean() < 0.05
