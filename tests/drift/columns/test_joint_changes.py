"""Changes of correlations: errors as written out and as measured, rare marks, and which pair of scores is told."""

import numpy as np
import pytest

from textdrift.drift.columns.column_values import ColumnTable
from textdrift.drift.columns.joint_changes import CorrelationChanges, changed_correlations
from textdrift.drift.columns.joint_scores import scores_of


def table(values, codes=None):
    codes = np.zeros((len(values), 0), dtype=int) if codes is None else codes
    names = tuple(f"c{i}" for i in range(codes.shape[1]))
    return ColumnTable(tuple(f"x{i}" for i in range(values.shape[1])), values, names, (("a", "b"),) * len(names), codes)


def correlated(n, correlation, generator):
    x = generator.normal(size=(n, 2))
    return np.column_stack([x[:, 0], correlation * x[:, 0] + np.sqrt(1 - correlation**2) * x[:, 1]])


def changes_of(before, after):
    return changed_correlations(scores_of(before, after), len(before))


def test_correlations_and_errors_are_those_written_out():
    generator = np.random.default_rng(0)
    before, after = np.exp(correlated(60, 0.7, generator)), np.exp(correlated(40, 0.2, generator))
    scores = scores_of(table(before), table(after))
    changes = changed_correlations(scores, 60)
    square, fourth = 0.0, np.prod(np.mean(scores.values.astype(float) ** 4, axis=0))
    for rows in (scores.values[:60].astype(float), scores.values[60:].astype(float)):
        x, y = ((rows - rows.mean(axis=0)) / rows.std(axis=0)).T
        r = np.mean(x * y)
        pulls = x * y - 0.5 * r * (x**2 + y**2)
        square += (np.var(pulls) + fourth / len(rows)) / len(rows)
        assert np.min(np.abs([changes.reference[0] - r, changes.current[0] - r])) < 1e-6
    x, y = scores.values.astype(float).T
    r = np.mean(x * y)
    chance = np.var(x * y - 0.5 * r * (x**2 + y**2)) * (1 / 60 + 1 / 40)
    assert changes.error[0] == pytest.approx(np.sqrt(max(square, chance)), rel=1e-4)
    assert changes.noise[0] >= np.sqrt(chance) * (1 - 1e-4)


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_the_noise_of_a_correlation_is_that_of_many_pairs_of_windows(correlation):
    generator = np.random.default_rng(1)
    pairs = [
        changes_of(table(correlated(150, correlation, generator)), table(correlated(300, correlation, generator)))
        for _ in range(200)
    ]
    measured = np.std([changes.change[0] for changes in pairs])
    assert np.mean([changes.noise[0] for changes in pairs]) == pytest.approx(measured, rel=0.17)


def test_two_rare_marks_that_never_met_may_still_go_along():
    codes = np.zeros((200, 2), dtype=int)
    codes[:5, 0], codes[5:10, 1] = 1, 1
    changes = changes_of(table(np.zeros((200, 0)), codes), table(np.zeros((200, 0)), codes))
    # With 0 of 200 rows met, 3 of 200 (1.5 %) are not ruled out: a correlation of 0.6.
    assert 0.4 < 1.96 * changes.error[0] < 1.2
    assert changes.noise[0] < 0.02


def told(changes, likely=3.0):
    pairs, _ = changes.strongest(2.0, likely)
    return [(changes.labels[changes.one[i]], changes.labels[changes.other[i]]) for i in pairs]


def test_the_plain_correlation_is_told_where_it_changed_though_the_folded_one_changed_more():
    generator = np.random.default_rng(2)
    changes = changes_of(table(correlated(3000, 0.8, generator)), table(correlated(3000, 0.5, generator)))
    assert np.abs(changes.change[-1]) > np.abs(changes.change[0]) + 0.03
    assert told(changes) == [("x0", "x1")]


def test_the_folded_correlation_is_told_and_named_where_it_alone_changed():
    generator = np.random.default_rng(3)
    before, after = correlated(800, 0.0, generator), correlated(800, 0.0, generator)
    after[:, 1] += 0.7 * np.abs(after[:, 0])
    ((first, second),) = told(changes_of(table(before), table(after)))
    assert "distance of x0 from its middle" in {first, second}


def test_a_sure_change_comes_before_a_larger_one_that_is_not():
    # Of three columns: pairs (0, 1), (0, 2), (1, 2), with changes of 0.2, 0.4 and 0.1.
    changes = CorrelationChanges(
        labels=tuple("abcdef"), columns=np.array([0, 1, 2, 0, 1, 2]), one=np.array([0, 0, 1]),
        other=np.array([1, 2, 2]), reference=np.zeros(3), current=np.array([0.2, 0.4, 0.1]),
        error=np.array([0.02, 0.3, 0.02]), noise=np.array([0.02, 0.1, 0.02]),
    )  # fmt: skip
    pairs, sizes = changes.strongest(2.0, 3.0)
    assert pairs.tolist() == [0, 2, 1]
    assert sizes == pytest.approx(np.sqrt([0.2**2 - 0.04**2, 0.4**2 - 0.2**2, 0.1**2 - 0.04**2]))
