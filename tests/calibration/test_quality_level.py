"""Whole reports on the quality of null pairs keep the level, before and after sizes are asked for."""

from __future__ import annotations

import os

import numpy as np
import pytest

import textdrift
from textdrift.windows.simulating import sample_pair

REPEATS = 400 if os.environ.get("TEXTDRIFT_CALIBRATION") == "full" else 60


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(500, 500), (800, 200)])
def test_reports_on_the_quality_of_null_pairs_keep_the_level(n, m):
    significant, drifted = 0, 0
    for seed in range(REPEATS):
        pair = sample_pair(n, m, seed=11_000 + seed)
        report = textdrift.compare(pair.reference, pair.current, text="text", tests={"quality": {}}, seed=seed)
        adjusted = [f.adjusted_p_value for f in report.findings if f.adjusted_p_value is not None]
        significant += min(adjusted) <= 0.05
        drifted += bool(report.diagnosis.kinds)
    bound = 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
    assert significant / REPEATS <= bound
    assert drifted <= significant + 1  # a size is asked for besides; a fact would come on top
