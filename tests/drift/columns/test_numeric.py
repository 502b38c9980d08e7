"""Numeric columns: p-values against scipy's, sizes with their intervals, edge cases told and not raised."""

import numpy as np
import pytest
from scipy import stats

from textdrift.drift.columns.column_values import NumericColumn
from textdrift.drift.columns.numeric import Numeric
from textdrift.drift.columns.numeric_distances import STATISTICS, permuted_bins
from textdrift.errors import SettingsError
from textdrift.stats.empirical_distances import pooled_bins


def rng(seed=0):
    return np.random.default_rng(seed)


def compared(before, after, seed=0, **options):
    columns = NumericColumn("amount", np.asarray(before, float)), NumericColumn("amount", np.asarray(after, float))
    return Numeric(**options).compare(*columns, rng=rng(seed))


def zero_inflated(n, generator, share=0.6):
    return np.where(generator.random(n) < share, 0.0, generator.exponential(size=n))


LAWS = {
    "continuous": lambda n, generator: generator.normal(size=n),
    "tied": lambda n, generator: generator.normal(size=n).round(),
    "zero_inflated": zero_inflated,
    "three_values": lambda n, generator: generator.choice([0.0, 1.0, 5.0], p=[0.7, 0.25, 0.05], size=n),
    "heavy_tails": lambda n, generator: generator.standard_cauchy(n),
}


def test_each_statistic_alone_gives_the_p_value_of_scipy():
    generator = rng(1)
    before, after = generator.normal(size=120), generator.normal(0.3, 1.0, size=100)
    bins = pooled_bins(before, after, 1000)
    expected = {
        "kolmogorov_smirnov": stats.ks_2samp(before, after, method="exact").pvalue,
        "cramer_von_mises": stats.cramervonmises_2samp(before, after).pvalue,
    }
    for name, p_value in expected.items():
        found = permuted_bins(bins, STATISTICS[name], 4999, rng(2)).p_value
        assert found == pytest.approx(p_value, abs=4 * np.sqrt(p_value / 4999) + 0.002)


def test_wasserstein_alone_gives_the_p_value_of_scipys_permutation_test():
    generator = rng(3)
    before, after = generator.exponential(size=40), generator.exponential(1.5, size=40)
    expected = stats.permutation_test(
        (before, after), stats.wasserstein_distance, n_resamples=999, alternative="greater", rng=generator
    ).pvalue
    found = permuted_bins(pooled_bins(before, after, 1000), STATISTICS["wasserstein"], 4999, rng(4)).p_value
    assert found == pytest.approx(expected, abs=0.03)


def test_equal_windows_do_not_drift():
    values = rng(5).normal(size=80)
    result = compared(values, values)
    assert result.p_value == 1.0
    assert result.effects[0].value == 0.0
    assert compared(np.ones(30), np.ones(40)).p_value == 1.0


@pytest.mark.parametrize("law", LAWS)
def test_the_level_holds_whatever_is_tied(law):
    generator, found = rng(6), 0
    for _ in range(120):
        bins = pooled_bins(LAWS[law](60, generator), LAWS[law](30, generator), 128)
        found += permuted_bins(bins, STATISTICS["auto"], 99, generator).p_value <= 0.05
    assert found / 120 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 120)


def test_the_names_of_the_statistics_see_what_they_are_for():
    generator = rng(7)
    before = generator.normal(size=400)
    wider = generator.normal(size=400) * 1.5
    assert compared(before, wider, n_permutations=999).p_value <= 0.01
    far = np.where(np.arange(400) < 12, 40.0, generator.normal(size=400))
    assert compared(before, far, statistic="wasserstein", n_permutations=999).p_value <= 0.01
    assert compared(before, far, n_permutations=999).p_value <= 0.01
    assert compared(before, far, statistic="kolmogorov_smirnov", n_permutations=999).p_value > 0.05


def test_a_large_move_has_a_p_value_far_under_what_permutations_count():
    result = compared(rng(8).normal(size=500), rng(9).normal(size=500) + 1.0, n_permutations=999)
    assert result.p_value < 1e-20


def test_the_size_is_the_distance_beyond_chance_and_its_interval_covers_it():
    generator, hits, sizes = rng(10), 0, []
    truth = 2 * stats.norm.cdf(0.25) - 1  # of a shift by half a standard deviation
    for seed in range(16):
        effect = compared(generator.normal(size=300), generator.normal(0.5, 1.0, size=300), seed, n_permutations=99)
        sizes.append(effect.effects[0].value)
        hits += effect.effects[0].low <= truth <= effect.effects[0].high
    assert np.mean(sizes) == pytest.approx(truth, abs=0.025)
    assert hits >= 13


def test_noise_has_no_size():
    generator, sizes = rng(11), []
    for seed in range(12):
        drawn = generator.normal(size=(2, 200))
        sizes.append(compared(*drawn, seed, n_permutations=99).effects[0])
    assert np.median([effect.value for effect in sizes]) < 0.03
    assert sum(effect.low == 0.0 for effect in sizes) >= 10


def test_the_detectable_distance_shows_four_times_in_five():
    generator, n, found = rng(12), 300, 0
    distance = compared(generator.normal(size=n), generator.normal(size=n), n_permutations=99).effects[0].detectable
    shift = 2 * stats.norm.ppf((1 + distance) / 2)
    for _ in range(100):
        bins = pooled_bins(generator.normal(size=n), generator.normal(shift, 1.0, size=n), 128)
        found += permuted_bins(bins, STATISTICS["auto"], 199, generator).p_value <= 0.05
    assert 0.66 <= found / 100 <= 0.92


@pytest.mark.parametrize("n_elsewhere", [0, 3, 30, 60])
def test_where_one_value_has_most_rows_a_share_that_leaves_it_shows(n_elsewhere):
    generator, n, found = rng(14), 60, 0

    def drawn(share):
        return np.where(generator.random(n) < share, 1.0 + generator.random(n), 0.0)

    pairs = [compared(drawn(n_elsewhere / 120), drawn(n_elsewhere / 120), n_permutations=9) for _ in range(5)]
    distance = np.median([pair.effects[0].detectable for pair in pairs])
    assert 0.1 < distance < 0.35
    for _ in range(100):
        bins = pooled_bins(drawn(n_elsewhere / 120), drawn(n_elsewhere / 120 + distance), 128)
        found += permuted_bins(bins, STATISTICS["auto"], 199, generator).p_value <= 0.05
    assert found / 100 >= 0.66


def test_a_size_is_detectable_in_a_column_of_one_value_if_there_are_rows_enough():
    assert compared(np.ones(2000), np.ones(2000), n_permutations=9).effects[0].detectable < 0.01
    assert compared(np.ones(3), np.ones(3), n_permutations=9).effects[0].detectable == float("inf")
    # Beside one frequent value the others have more than thirty-two bins.
    generator = rng(15)
    few = np.where(np.arange(2000) < 40, generator.normal(size=2000), 0.0)
    assert compared(few, few, n_permutations=9).effects[0].detectable < 0.03


def test_the_detectable_distance_keeps_shrinking_in_large_windows():
    generator = rng(16)
    at = [
        compared(*generator.normal(size=(2, n)), n_permutations=9).effects[0].detectable for n in (2_000, 20_000)
    ]  # fmt: skip
    assert at[0] == pytest.approx(0.0375, rel=0.1)
    assert at[1] == pytest.approx(0.0119, rel=0.1)


@pytest.mark.parametrize("unit", [1e200, 1.79e308, 1e-305])
def test_numbers_near_the_ends_of_a_float_are_compared_as_others_are(unit):
    before, after = (np.clip(rng(seed).normal(size=200) / 4, -1.0, 1.0) for seed in (17, 18))
    usual, far = compared(before, after + 0.1), compared(before * unit, (after + 0.1).clip(-1, 1) * unit)
    assert far.p_value == pytest.approx(usual.p_value, abs=0.02)
    assert far.sizes["wasserstein_in_sd"] == pytest.approx(usual.sizes["wasserstein_in_sd"], rel=0.05)
    spread = {row["name"]: row["reference"] for row in far.table("quantiles")}["standard deviation"]
    assert spread == pytest.approx(before.std() * unit)
    assert np.isfinite(far.effects[0].detectable)


def test_a_sentinel_at_the_end_of_a_float_hides_nothing():
    generator = rng(19)
    before, after = generator.normal(size=300), generator.normal(1.0, 1.0, size=300)
    before[:30] = after[:30] = -1.797e308
    result = compared(before, after)
    assert result.p_value < 1e-6
    assert np.isfinite([result.sizes["wasserstein"], result.effects[0].detectable]).all()


def test_a_stricter_level_and_smaller_windows_show_less():
    values = rng(13).normal(size=2000)
    at = lambda n, level: compared(values[:n], values[-n:], level=level, n_permutations=99).effects[0].detectable
    assert at(1000, 0.05) < at(200, 0.05) < at(200, 0.001) < at(50, 0.001)


def test_the_evidence_tells_the_column_its_quantiles_and_the_sizes():
    before, after = np.arange(100.0), np.arange(100.0) + 10
    result = Numeric().compare(NumericColumn("age", before, 25), NumericColumn("age", after), rng=rng())
    assert result.table("column") == ({"column": "age", "type": "numeric"},)
    quantiles = {row["name"]: (row["reference"], row["current"]) for row in result.table("quantiles")}
    assert quantiles["minimum"] == (0.0, 10.0)
    assert quantiles["median"] == (49.5, 59.5)
    assert quantiles["standard deviation"][0] == pytest.approx(before.std())
    sizes = result.sizes
    assert sizes["wasserstein"] == pytest.approx(10.0)
    assert sizes["wasserstein_in_sd"] == pytest.approx(10.0 / before.std())
    assert (sizes["share_missing_reference"], sizes["share_missing_current"]) == (0.2, 0.0)
    stability = result.table("stability")[0]
    assert stability["band"] == "major"
    assert stability["population_stability_index"] == sizes["population_stability_index"]
    assert stability["calibrated"] is False


def test_a_window_without_values_is_said_and_not_raised():
    result = compared([], [1.0, 2.0])
    assert result.p_value == 1.0
    assert "no value of “amount”" in result.notes[0]
    assert 0.0 < compared([1.0], [2.0]).p_value <= 1.0


def test_a_statistic_that_is_none_is_refused_with_the_nearest_name():
    with pytest.raises(SettingsError, match="did you mean 'wasserstein'"):
        Numeric(statistic="waserstein")
    with pytest.raises(SettingsError, match="at least 1"):
        Numeric(n_permutations=0)
