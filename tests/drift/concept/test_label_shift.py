import numpy as np
import pytest
from scipy import optimize, stats

from textdrift.drift.concept.label_shift import LabelShift, beyond_prior_p_value, prior_consistency
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import pool
from textdrift.embeddings.embeddings import Embeddings
from textdrift.stats.cross_fitting import cross_fitted_probability


def window(counts, rng, *, gap=2.0, relabelled=0.0):
    """Texts drawn label by label, so that only the counts differ between windows; a share of `bad` may turn `good`."""
    codes = np.repeat(np.arange(len(counts)), counts)
    points = rng.normal(size=(len(codes), 4))
    points[np.arange(len(codes)), codes] += gap
    codes = np.where((codes == 0) & (rng.random(len(codes)) < relabelled), 1, codes)
    names = ("bad", "good", "odd")[: len(counts)]
    return LabelledEmbeddings(Embeddings(points, "toy"), np.eye(len(counts))[codes], names)


def sizes(result):
    return {row["name"]: row["value"] for row in result.table("sizes")}


def test_prior_consistency_is_the_formula_written_out():
    rng = np.random.default_rng(0)
    texts = pool(window([12, 10], rng), window([8, 14], rng), n_folds=2, n_components=4, rng=rng)
    ours = prior_consistency(texts, 1)
    f = cross_fitted_probability(
        texts.points, texts.codes == 1, texts.folds, inverse_penalty=10.0, fitted_on=~texts.is_current
    )
    before, after = f[:22], f[22:]
    y0, y1 = texts.codes[:22], texts.codes[22:]
    separation = before[y0 == 1].mean() - before[y0 == 0].mean()
    delta = 14 / 22 - 10 / 22
    assert ours.score_shift == pytest.approx(after.mean() - before.mean())
    assert ours.explained == pytest.approx(separation * delta)
    variance = (after - separation * y1).var() / 22 + (before - separation * y0).var() / 22
    variance += delta**2 * (before[y0 == 1].var() / 10 + before[y0 == 0].var() / 12)
    assert ours.error == pytest.approx(np.sqrt(variance))
    assert ours.p_value == pytest.approx(2 * stats.norm.sf(abs(ours.score_shift - ours.explained) / np.sqrt(variance)))
    se = np.sqrt(after.var() / 22 + before.var() / 22)
    expected = stats.norm.logpdf(ours.score_shift, ours.explained, se) - stats.norm.logpdf(ours.score_shift, 0, se)
    assert ours.log_likelihood_ratio == pytest.approx(expected)


def test_the_test_beyond_the_prior_is_the_score_test_written_out():
    rng = np.random.default_rng(1)
    n = 30
    f, g, score = rng.uniform(0.2, 0.8, n), rng.uniform(0.3, 0.7, n), rng.normal(size=n)
    w = np.arange(n) % 2.0
    y = (rng.random(n) < f).astype(float)

    def probability(c):
        return 1 / (1 + np.exp(-(np.log(f / (1 - f)) + c[0] + c[1] * w)))

    def loss(c):
        return -np.sum(y * np.log(probability(c)) + (1 - y) * np.log(1 - probability(c)))

    p = probability(optimize.minimize(loss, np.zeros(2), tol=1e-12).x)
    h = score * (w - g)
    root = np.sqrt(p * (1 - p))
    design = np.column_stack([np.ones(n), w]) * root[:, None]
    left = (h * root - design @ np.linalg.lstsq(design, h * root, rcond=None)[0]) / root
    terms = (y - p) * left
    expected = 2 * stats.norm.sf(abs(terms.sum()) / np.sqrt((terms**2).sum()))
    assert beyond_prior_p_value(y, f, score, w, g) == pytest.approx(expected, rel=1e-4)


def test_a_moved_share_of_labels_holds_the_story():
    # 40 draws, two parts by Bonferroni at 0.05: 7 or more alarms have probability 0.003.
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(40):
        result = LabelShift().compare(window([150, 150], rng), window([220, 80], rng), rng=rng)
        alarms += result.p_value <= 0.05
    assert alarms <= 6


def test_a_moved_share_of_labels_moves_the_guess_as_it_should():
    rng = np.random.default_rng(3)
    found = sizes(LabelShift().compare(window([1000, 1000], rng), window([1300, 700], rng), rng=rng))
    assert found["delta"] == pytest.approx(0.15 if found["delta"] > 0 else -0.15)
    assert found["D"] == pytest.approx(found["J_delta"], abs=3 * found["error"])
    assert found["log_likelihood_ratio"] > 5


def test_relabelled_texts_leave_the_guess_where_it_was():
    rng = np.random.default_rng(4)
    result = LabelShift().compare(window([1000, 1000], rng), window([1000, 1000], rng, relabelled=0.3), rng=rng)
    found = sizes(result)
    assert result.p_value < 0.001
    assert found["D"] == pytest.approx(0, abs=3 * found["score_error"])
    assert found["log_likelihood_ratio"] < -5


def test_the_label_that_moved_most_is_the_one_tested():
    rng = np.random.default_rng(5)
    result = LabelShift().compare(window([100, 100, 100], rng), window([100, 105, 40], rng), rng=rng)
    assert result.notes[-1].endswith("the label 'odd'")
    assert sizes(result)["delta"] < 0


def test_same_seed_same_result():
    rng = np.random.default_rng(6)
    reference, current = window([60, 60], rng), window([60, 60], rng)
    one, two = (LabelShift().compare(reference, current, rng=np.random.default_rng(0)) for _ in range(2))
    assert one == two


@pytest.mark.parametrize("counts", [[15, 3], [60, 0]])
def test_windows_too_small_to_tell_are_said_not_raised(counts):
    rng = np.random.default_rng(7)
    result = LabelShift().compare(window(counts, rng), window(counts, rng), rng=rng)
    assert result.p_value == 1
    assert result.effects[0].detectable == np.inf
    assert result.table("sizes") == ()
    assert "not tested" in result.notes[-1]


def test_points_that_are_all_alike_break_nothing():
    same = LabelledEmbeddings(Embeddings(np.ones((40, 3)), "toy"), np.eye(2)[np.arange(40) % 2], ("bad", "good"))
    assert LabelShift().compare(same, same, rng=np.random.default_rng(0)).p_value > 0.05
