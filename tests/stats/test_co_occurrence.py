import numpy as np
import pytest
from scipy import sparse, stats

from textdrift.stats.co_occurrence import shared_beyond_chance


def marks_of(*columns: np.ndarray) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.column_stack(columns).astype(float))


def block(n_rows: int, *rows: range) -> np.ndarray:
    column = np.zeros(n_rows)
    for part in rows:
        column[list(part)] = 1
    return column


def test_it_is_the_lower_bound_of_loevingers_h():
    # 20 rows carry the common mark; of 8 rows of the rarer one, 7 carry it too.
    common, rarer = block(200, range(20)), block(200, range(7), range(100, 101))
    low = stats.binomtest(7, 8).proportion_ci(confidence_level=0.90, method="exact").low
    expected = (low - 0.1) / (1 - 0.1)
    strength = shared_beyond_chance(marks_of(common, rarer), np.ones(200), level=0.05)
    assert strength == pytest.approx(np.array([[0, expected], [expected, 0]]), abs=1e-12)


def test_a_pair_counts_exactly_when_its_binomial_tail_passes_bonferroni():
    common, rarer, third = block(200, range(20)), block(200, range(3), range(100, 105)), block(200, range(150, 160))
    p_value = stats.binom.sf(2, 8, 0.1)  # three or more of eight
    marks = marks_of(common, rarer, third)
    assert shared_beyond_chance(marks, np.ones(200), level=3 * p_value * 1.001)[0, 1] > 0
    assert shared_beyond_chance(marks, np.ones(200), level=3 * p_value * 0.999)[0, 1] == 0


def test_a_mark_that_stands_in_every_row_goes_with_none():
    strength = shared_beyond_chance(marks_of(np.ones(50), block(50, range(20))), np.ones(50), level=0.05)
    assert not strength.any()


@pytest.mark.parametrize("columns", [(), (np.ones(5),), (np.zeros(5), np.zeros(5))])
def test_fewer_than_two_marks_and_marks_of_no_row_are_no_pair(columns):
    marks = marks_of(*columns) if columns else sparse.csr_matrix((5, 0))
    assert not shared_beyond_chance(marks, np.zeros(5), level=0.05).any()


def test_long_rows_do_not_link_marks_that_know_nothing_of_each_other():
    # Every tenth row is six times as long: independent marks meet there, and a chance that knows no length links them.
    rng = np.random.default_rng(0)
    linked, linked_blindly = 0, 0
    for _ in range(50):
        room = np.where(rng.random(1000) < 0.1, 60, 10)
        marks = sparse.csr_matrix((rng.random((1000, 12)) < 1 - 0.995 ** room[:, None]).astype(float))
        linked += shared_beyond_chance(marks, room, level=0.05).any()
        linked_blindly += shared_beyond_chance(marks, np.ones(1000), level=0.05).any()
    assert linked_blindly >= 15
    assert linked <= 7  # 2.5 expected at most


@pytest.mark.slow
def test_a_chance_link_is_as_rare_as_its_level():
    rng = np.random.default_rng(1)
    shares = rng.uniform(0.005, 0.4, size=30)
    linked = sum(
        shared_beyond_chance(
            sparse.csr_matrix((rng.random((500, 30)) < shares).astype(float)), np.ones(500), level=0.05
        ).any()
        for _ in range(400)
    )
    assert linked <= 31  # binomial(400, 0.05): P(X > 31) < 0.01
