"""Parts: the whole is their sum, and the documents that moved stand first."""

import numpy as np
import pytest

from textdrift.drift.embedding.parts import Parts, parts_of_quadratic


@pytest.mark.parametrize("weighted", [False, True])
def test_the_parts_sum_to_the_whole(weighted):
    rng = np.random.default_rng(0)
    reference = rng.normal(size=(300, 40)).astype(np.float32)
    current = (rng.normal(size=(170, 40)) + 0.1).astype(np.float32)
    weights = rng.random(40) if weighted else None
    parts = parts_of_quadratic(reference, current, weights)
    difference = current.astype(float).mean(0) - reference.astype(float).mean(0)
    whole = (difference**2 * (1 if weights is None else weights)).sum()
    assert parts.total == pytest.approx(whole, rel=1e-6)


def test_documents_that_came_from_elsewhere_have_the_largest_parts():
    rng = np.random.default_rng(1)
    reference, current = rng.normal(size=(200, 10)), rng.normal(size=(200, 10))
    current[:15, 0] += 6.0
    rows = parts_of_quadratic(reference, current).evidence().rows
    first = {row["document"] for row in rows if row["window"] == "current"}
    assert len(first & set(range(15))) >= 14
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)


def test_nothing_is_ranked_by_a_whole_that_is_not_there():
    rows = Parts(np.array([0.1, -0.4]), np.array([-0.2])).evidence().rows
    assert [row["score"] for row in rows] == [0.0]
