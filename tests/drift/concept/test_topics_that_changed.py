import numpy as np
import pytest

from textdrift.drift.concept.pooled_fit import PooledFit
from textdrift.drift.concept.topics_that_changed import topics_that_changed


def drawn(rng, n=2000, *, topic=None, gain=0.0, crossed=0.0, covariate=0.0, n_topics=8):
    """Texts in topics, of known f = P(good | text) and g = P(current | topic); labels of one topic may change."""
    topics = rng.integers(n_topics, size=2 * n)
    f = rng.uniform(0.1, 0.9, 2 * n)
    g = 0.5 + covariate * (topics / (n_topics - 1) - 0.5)
    current = rng.random(2 * n) < g
    order = np.argsort(current, kind="stable")
    topics, f, g, current = topics[order], f[order], g[order], current[order]
    y = rng.random(2 * n) < f
    hit = current & (topics == topic)
    y |= hit & (rng.random(2 * n) < gain)
    y ^= hit & (rng.random(2 * n) < crossed)
    score = (f - 0.5) / 0.25
    fit = PooledFit(
        ("good",), y[:, None].astype(float), f[:, None], score[:, None], current.astype(float), g, f[:, None],
        np.ones(1),
    )  # fmt: skip
    return fit, topics


@pytest.mark.parametrize("how", [{"gain": 0.5}, {"crossed": 0.5}])
def test_the_topic_that_changed_comes_first_and_is_the_only_one(how):
    rows = topics_that_changed(*drawn(np.random.default_rng(0), topic=3, **how))
    assert [row["topic"] for row in rows if row["changed"]] == [3]
    assert rows[0]["topic"] == 3
    assert len(rows) == 8


def test_the_net_change_is_the_overlap_weighted_one_written_out():
    fit, topics = drawn(np.random.default_rng(1), 100, n_topics=3)
    for row in topics_that_changed(fit, topics):
        inside = [i for i in range(200) if topics[i] == row["topic"]]
        pairs = [
            (fit.label[i, 0] - fit.label_probability[i, 0], fit.is_current[i] - fit.window_probability[i])
            for i in inside
        ]
        net = sum(r * v for r, v in pairs) / sum(v * v for _, v in pairs)
        error = sum((r * v) ** 2 for r, v in pairs) ** 0.5 / sum(v * v for _, v in pairs)
        assert row["net_change"] == pytest.approx(net)
        assert row["standard_error"] == pytest.approx(error)
        assert row["n_reference"] + row["n_current"] == len(inside)


def test_sizes_are_those_of_the_windows():
    fit, topics = drawn(np.random.default_rng(2), covariate=0.6)
    rows = topics_that_changed(fit, topics)
    for side in ("reference", "current"):
        assert sum(row[f"{side}_share"] for row in rows) == pytest.approx(1)
        assert sum(row[f"n_{side}"] for row in rows) == (fit.is_current == (side == "current")).sum()


def test_intervals_hold_the_truth_as_often_as_they_say():
    # Texts of the topic without the label (half of them) gain it with 0.4: the truth is 0.2; elsewhere it is 0.
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(25):
        rows = topics_that_changed(*drawn(rng, topic=0, gain=0.4))
        covered += [row["low"] <= (0.2 if row["topic"] == 0 else 0.0) <= row["high"] for row in rows]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.05)  # 200 intervals: 3.2 standard errors


def test_the_share_relabelled_counts_both_ways_where_the_net_change_cancels():
    rng = np.random.default_rng(4)
    rows = [topics_that_changed(*drawn(rng, topic=5, crossed=0.3))[0] for _ in range(20)]
    assert np.mean([row["share_relabelled"] for row in rows]) == pytest.approx(0.3, abs=0.05)
    assert abs(np.mean([row["net_change"] for row in rows])) < 0.04
    spread = np.std([row["share_relabelled"] for row in rows])
    assert np.mean([row["share_relabelled_error"] for row in rows]) == pytest.approx(spread, rel=0.6)


@pytest.mark.parametrize("covariate", [0.0, 0.8])
def test_no_topic_is_called_changed_where_only_texts_moved(covariate):
    # 60 pairs at 0.05: 9 or more have probability 0.003.
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(60):
        alarms += any(row["changed"] for row in topics_that_changed(*drawn(rng, 500, covariate=covariate)))
    assert alarms <= 8


def test_topics_of_few_texts_are_not_judged():
    fit, topics = drawn(np.random.default_rng(6), 200, n_topics=3)
    topics[:4] = 7
    row = next(row for row in topics_that_changed(fit, topics) if row["topic"] == 7)
    assert (row["p_value"], row["changed"], row["net_change"], row["label"]) == (1.0, False, None, None)
    assert row["share_relabelled"] is None


def test_topics_carry_their_words():
    fit, topics = drawn(np.random.default_rng(7), 200, n_topics=2)
    rows = topics_that_changed(fit, topics, words=[["bag"], ["seat", "row"]])
    assert {row["topic"]: row["words"] for row in rows} == {0: ["bag"], 1: ["seat", "row"]}


def test_every_label_has_its_change_and_the_surest_is_named():
    rng = np.random.default_rng(8)
    fit, topics = drawn(rng, topic=1, gain=0.6)
    still = (rng.random((len(topics), 1)) < 0.3).astype(float)
    both = PooledFit(
        ("aloof", "good"),
        np.hstack([still, fit.label]),
        np.hstack([np.full_like(still, 0.3), fit.label_probability]),
        np.hstack([rng.normal(size=still.shape), fit.score]),
        fit.is_current, fit.window_probability, fit.points, np.ones(2),
    )  # fmt: skip
    row = topics_that_changed(both, topics)[0]
    assert (row["topic"], row["label"]) == (1, "good")
    assert [label["label"] for label in row["labels"]] == ["aloof", "good"]
