"""Columns against Alibi Detect's TabularDrift, on the same inputs: the same statistics, p-values that agree."""

import warnings

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.columns.categorical import Categorical
from textdrift.drift.columns.column_values import CategoryColumn, NumericColumn
from textdrift.drift.columns.numeric import Numeric
from textdrift.drift.columns.numeric_distances import STATISTICS, permuted_bins
from textdrift.stats.empirical_distances import pooled_bins

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def windows():
    rng = np.random.default_rng(0)
    reference = np.column_stack([rng.normal(size=600), rng.exponential(size=600), rng.integers(0, 4, 600)])
    current = np.column_stack([
        rng.normal(0.12, 1.0, size=500), rng.exponential(1.1, size=500),
        rng.choice(4, size=500, p=[0.3, 0.25, 0.25, 0.2]),
    ])  # fmt: skip
    return reference, current


@pytest.fixture(scope="module")
def alibis(windows):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cd = pytest.importorskip("alibi_detect.cd", reason="Alibi Detect has no release for this Python")
        detector = cd.TabularDrift(windows[0], categories_per_feature={2: 4})
        return detector.predict(windows[1], drift_type="feature")["data"]


@pytest.mark.parametrize("place", [0, 1])
def test_a_numeric_column_has_the_statistic_and_the_p_value_of_tabular_drift(windows, alibis, place):
    before, after = (window[:, place] for window in windows)
    result = Numeric(statistic="kolmogorov_smirnov", n_permutations=99).compare(
        NumericColumn("x", before), NumericColumn("x", after), rng=np.random.default_rng(1)
    )
    assert result.sizes["kolmogorov_smirnov"] == pytest.approx(alibis["distance"][place], rel=1e-5)
    bins = pooled_bins(before, after, 2000)
    found = permuted_bins(bins, STATISTICS["kolmogorov_smirnov"], 1999, np.random.default_rng(2)).p_value
    expected = float(alibis["p_val"][place])
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 1999) + 0.005)


def test_a_categorical_column_has_the_statistic_and_the_p_value_of_tabular_drift(windows, alibis):
    before, after = (CategoryColumn("c", tuple("abcd"), window[:, 2].astype(int)) for window in windows)
    result = Categorical(kind="features", n_permutations=4999).compare(before, after, rng=np.random.default_rng(3))
    assert result.statistic == pytest.approx(alibis["distance"][2], rel=1e-5)
    expected = float(alibis["p_val"][2])
    assert stats.chi2.sf(result.statistic, 3) == pytest.approx(expected, rel=1e-3)
    # The cheap round of 99 is kept where p is over 0.1.
    n_splits = 99 if result.p_value > 0.1 else 4999
    assert result.p_value == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n_splits) + 0.005)
