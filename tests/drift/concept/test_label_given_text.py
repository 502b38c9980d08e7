import numpy as np
import pytest
from scipy import sparse, stats

from textdrift.drift.concept.label_given_text import (
    LabelGivenText,
    covariance_p_values,
    net_relabelled,
    share_relabelled,
)
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.embeddings.embeddings import Embeddings
from textdrift.errors import WindowError
from textdrift.tokens.token_counts import TokenCounts

NAMES = ("bad", "good")


def draw(n, rng, *, moved=0.0, k=2):
    """Texts whose label follows a known law: P(good | x) = 1 / (1 + exp(-3 x_0)), or a softmax."""
    points = rng.normal(size=(n, 6)) + moved * np.array([0.5, 1, 0, 0, 0, 0])
    logits = np.column_stack([np.zeros(n), 3 * points[:, 0]]) if k == 2 else 3 * points[:, :3]
    codes = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)
    return points, codes


def window(points, codes, k=2, **columns):
    return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(k)[codes], ("bad", "good", "odd")[:k], **columns)


def flipped(codes, share, rng, k=2):
    hit = rng.random(len(codes)) < share
    return np.where(hit, (codes + rng.integers(1, k, size=len(codes))) % k, codes)


def small_fit(k=1, n=20, seed=0):
    rng = np.random.default_rng(seed)
    return PooledFit(
        label_names=NAMES[:k],
        label=rng.random((n, k)).round(1),
        label_probability=rng.uniform(0.1, 0.9, (n, k)),
        score=rng.normal(size=(n, k)),
        is_current=np.repeat([0.0, 1.0], n // 2),
        window_probability=rng.uniform(0.2, 0.8, n),
        points=rng.normal(size=(n, 2)),
        inflation=np.full(k, 1.21),
    )


def test_p_values_are_those_of_the_weighted_covariances_written_out():
    fit = small_fit(k=2)
    topics = np.arange(20) % 3
    ours = covariance_p_values(fit, topics)
    for c in range(2):
        products = [
            (fit.label[i, c] - fit.label_probability[i, c]) * (fit.is_current[i] - fit.window_probability[i])
            for i in range(20)
        ]

        def p(weights, products=products, inflation=1.0):
            terms = [r * h for r, h in zip(products, weights, strict=True)]
            z = sum(terms) / sum(t**2 for t in terms) ** 0.5
            n_that_count = sum(t**2 for t in terms) ** 2 / sum(t**4 for t in terms)
            return 2 * stats.t.sf(abs(z) / inflation**0.5, n_that_count)

        score = fit.score[:, c]
        in_topics = [p((topics == t) * h) for t in range(3) for h in (np.ones(20), score)]
        expected = [p(np.ones(20), inflation=1.21), p(score), min(1, 6 * min(in_topics))]
        np.testing.assert_allclose(ours[c], expected, rtol=1e-10)


def test_the_net_share_is_the_ratio_written_out():
    fit = small_fit()
    v = fit.is_current - fit.window_probability
    r = (fit.label - fit.label_probability)[:, 0]
    net, error = net_relabelled(fit)
    assert net[0] == pytest.approx(sum(r * v) / sum(v * v))
    assert error[0] == pytest.approx(1.1 * np.sqrt(sum((r * v) ** 2)) / sum(v * v))


def test_the_share_relabelled_is_the_regression_written_out():
    seen = set()
    for seed in range(40):
        fit = small_fit(n=40, seed=seed)
        y, f, v = fit.label[:, 0], fit.label_probability[:, 0], fit.is_current - fit.window_probability
        plain = np.array([[1 - fi, fi] for fi in f])
        f = plain @ np.linalg.solve(plain.T @ plain, plain.T @ y)
        design = np.array([[vi * (1 - fi), -vi * fi] for fi, vi in zip(f, v, strict=True)])
        free = np.linalg.solve(design.T @ design, design.T @ (y - f))
        # With two coefficients the bounds leave four cases: both free, either at zero, both at zero.
        alone = [max(0.0, column @ (y - f) / (column @ column)) for column in design.T]
        cases = [np.zeros(2), np.array([alone[0], 0]), np.array([0, alone[1]])] + ([free] if (free >= 0).all() else [])
        beta = min(cases, key=lambda b: ((y - f - design @ b) ** 2).sum())
        seen.add(tuple(beta > 0))
        contrast = np.array([1 - f.mean(), f.mean()])
        gram = np.linalg.inv(design.T @ design)
        sandwich = gram @ (design.T * (y - f - design @ free) ** 2) @ design @ gram
        share, error = share_relabelled(fit)
        # Of forty documents the share can be far above one; then rounding is relative to it.
        assert share == pytest.approx(contrast @ beta, rel=1e-9, abs=1e-9)
        assert error == pytest.approx(np.sqrt(contrast @ sandwich @ contrast))
    assert len(seen) >= 3


def test_two_labels_against_each_other_count_each_text_once():
    one = small_fit()
    both = PooledFit(
        label_names=NAMES,
        label=np.hstack([1 - one.label, one.label]),
        label_probability=np.hstack([1 - one.label_probability, one.label_probability]),
        score=np.hstack([-one.score, one.score]),
        is_current=one.is_current,
        window_probability=one.window_probability,
        points=one.points,
        inflation=np.ones(2),
    )
    np.testing.assert_allclose(share_relabelled(both), share_relabelled(one), rtol=1e-6)


@pytest.mark.parametrize("k", [2, 3])
def test_relabelled_texts_are_found_and_their_share_measured(k):
    rng = np.random.default_rng(k)
    points, codes = draw(1500, rng, k=k)
    later, labels = draw(1500, rng, k=k)
    result = LabelGivenText().compare(
        window(points, codes, k), window(later, flipped(labels, 0.10, rng, k), k), rng=rng
    )
    share = result.effects[0]
    assert result.p_value < 1e-4
    assert share.low <= 0.10 <= share.high
    assert share.value == pytest.approx(0.10, abs=0.035)
    assert share.detectable < 0.10


def test_one_way_relabelling_shows_in_the_net_share():
    rng = np.random.default_rng(5)
    points, codes = draw(1500, rng)
    later, labels = draw(1500, rng)
    labels = np.where((labels == 1) & (rng.random(1500) < 0.16), 0, labels)
    result = LabelGivenText().compare(window(points, codes), window(later, labels), rng=rng)
    net = result.effects[1]
    assert net.name == "net_relabelled"
    assert net.low <= 0.08 <= net.high
    assert next(r["value"] for r in result.table("sizes") if r["name"] == "net_relabelled: good") < -0.04


def test_other_texts_under_the_same_law_are_no_concept_drift():
    # 40 pairs at level 0.05: 7 or more alarms have probability 0.003.
    rng = np.random.default_rng(6)
    alarms = 0
    for _ in range(40):
        result = LabelGivenText().compare(window(*draw(200, rng)), window(*draw(200, rng, moved=1.0)), rng=rng)
        alarms += result.p_value <= 0.05
    assert alarms <= 6


@pytest.mark.slow
@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("moved", [0.0, 1.0])
def test_false_alarms_keep_to_the_level(k, moved):
    rng = np.random.default_rng([k, int(moved)])
    p_values, shares = [], []
    for _ in range(300):
        result = LabelGivenText().compare(
            window(*draw(400, rng, k=k), k), window(*draw(400, rng, moved=moved, k=k), k), rng=rng
        )
        p_values.append(result.p_value)
        shares.append(result.effects[0].value)
    # 300 draws at 0.05: 27 or more have probability 0.002.
    assert np.sum(np.array(p_values) <= 0.05) <= 26
    assert np.median(shares) < 0.025


def test_windows_that_hardly_overlap_are_not_judged():
    rng = np.random.default_rng(7)
    points, codes = draw(300, rng)
    result = LabelGivenText().compare(window(points, codes), window(points + 30, 1 - codes), rng=rng)
    assert result.p_value == 1
    assert result.effects[0].detectable == np.inf
    assert "hardly overlap" in result.notes[-1]


@pytest.mark.parametrize("codes", [np.zeros(40, int), np.repeat([0, 1], [38, 2])])
def test_one_label_only_is_said_not_raised(codes):
    points = np.random.default_rng(0).normal(size=(40, 3))
    result = LabelGivenText().compare(window(points, codes), window(points, codes), rng=np.random.default_rng(0))
    assert (result.p_value, result.statistic) == (1, 0)
    assert result.effects[0].detectable == np.inf
    assert "not tested" in result.notes[-1]


def test_a_window_with_few_labels_is_said_not_raised():
    rng = np.random.default_rng(0)
    result = LabelGivenText().compare(window(*draw(300, rng)), window(*draw(12, rng)), rng=rng)
    assert result.p_value == 1
    assert "only 300 and 12 texts carry a label" in result.notes[0]


def test_points_that_are_all_alike_break_nothing():
    codes = np.arange(60) % 2
    same = window(np.ones((60, 3)), codes)
    assert LabelGivenText().compare(same, same, rng=np.random.default_rng(0)).p_value > 0.05


def test_same_seed_same_result_and_inputs_untouched():
    rng = np.random.default_rng(8)
    reference, current = window(*draw(150, rng)), window(*draw(150, rng))
    before = current.embeddings.points.copy()
    one, two = (LabelGivenText().compare(reference, current, rng=np.random.default_rng(1)) for _ in range(2))
    assert one == two
    assert np.array_equal(before, current.embeddings.points)


def test_the_order_of_the_rows_hardly_matters():
    # Folds and topics are dealt by position, so only the law of the p-value is the same; strong drift stays strong.
    rng = np.random.default_rng(9)
    points, codes = draw(800, rng)
    later, labels = draw(800, rng)
    reference, current = window(points, codes), window(later, flipped(labels, 0.2, rng))
    shuffled = current.take(rng.permutation(800))
    one = LabelGivenText().compare(reference, current, rng=np.random.default_rng(0))
    two = LabelGivenText().compare(reference, shuffled, rng=np.random.default_rng(0))
    assert max(one.p_value, two.p_value) < 1e-6
    assert one.effects[0].value == pytest.approx(two.effects[0].value, abs=0.02)


def test_copies_with_other_labels_enter_by_their_share():
    rng = np.random.default_rng(10)
    points, codes = draw(600, rng)
    later, labels = draw(600, rng)
    shares = np.eye(2)[labels] * 0.8 + 0.1  # every text of the current window has one copy in ten that disagrees
    current = LabelledEmbeddings(Embeddings(later, "toy"), shares, NAMES)
    result = LabelGivenText().compare(window(points, codes), current, rng=rng)
    assert result.p_value < 1e-4
    assert result.effects[0].value == pytest.approx(0.10, abs=0.04)


def test_words_are_named_only_where_words_are_given():
    rng = np.random.default_rng(11)
    points, codes = draw(800, rng)
    later, labels = draw(800, rng)
    held = [rng.random(800) < 0.15 for _ in range(2)]
    labels = np.where(held[1], 1 - labels, labels)
    counts = [TokenCounts(sparse.csr_matrix(h[:, None].astype(np.int32)), ("sick",)) for h in held]
    reference, current = window(points, codes, counts=counts[0]), window(later, labels, counts=counts[1])
    named = LabelGivenText().compare(reference, current, rng=np.random.default_rng(0))
    assert [row["term"] for row in named.table("terms")] == ["sick"]
    plain = LabelGivenText().compare(window(points, codes), window(later, labels), rng=np.random.default_rng(0))
    assert plain.table("terms") == ()
    assert plain.p_value == named.p_value


def test_windows_with_other_labels_are_refused():
    reference = window(np.ones((30, 2)), np.arange(30) % 2)
    current = window(np.ones((30, 2)), np.arange(30) % 3, 3)
    with pytest.raises(WindowError, match="labels that both windows hold"):
        LabelGivenText().compare(reference, current, rng=np.random.default_rng(0))
