"""False alarms where popular texts recur and the windows are uneven: the promise must hold for them too."""

import os

import numpy as np
import pyarrow as pa
import pytest

import textdrift
from textdrift.windows.simulating import sample_pair

REPEATS = 40 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 150


def one_law(rng, n, pool):
    """Draw rows: a third of them from few popular phrases, as "thanks!" and "ok" are, the others all different."""
    rows = rng.choice(len(pool), size=n, replace=False)
    texts = pool["text"].take(pa.array(rows)).to_pylist()
    labels = pool["label"].take(pa.array(rows)).to_pylist()
    weights = 1.0 / np.arange(1, 57)
    for i in np.flatnonzero(rng.random(n) < 0.33):
        phrase = rng.choice(56, p=weights / weights.sum())
        texts[i] = f"popular phrase {chr(97 + phrase % 26)}{phrase // 26}"
        labels[i] = ("negative", "positive")[phrase % 2]
    return pa.table({"text": texts, "label": labels})


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(1000, 100), (500, 500)])
def test_popular_texts_and_uneven_windows_do_not_alarm(n, m):
    rng = np.random.default_rng(7)
    pool = sample_pair(4000, 1, seed=9).reference
    alarms = 0
    for seed in range(REPEATS):
        report = textdrift.compare(
            one_law(rng, n, pool), one_law(rng, m, pool), label="label", tests={"lexical": {}, "columns": {}}, seed=seed
        )
        alarms += report.verdict == "drift"
    assert alarms / REPEATS <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
