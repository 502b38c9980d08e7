"""The yearly budget: what a window may spend, and where the slow-drift detector alarms."""

import numpy as np
import pytest

from textdrift.errors import SettingsError
from textdrift.findings.budget import alpha_per_window, slow_drift_threshold


def test_windows_and_detector_spend_the_budget_together_and_no_more():
    a, windows = 3.0, 250
    of_windows = windows * alpha_per_window(a, windows, slow_drift=True)
    assert of_windows + windows / slow_drift_threshold(a, windows) == pytest.approx(a)
    assert windows * alpha_per_window(a, windows) == pytest.approx(a)


def test_windows_that_share_a_reference_alarm_together_and_keep_the_mean():
    # All windows of a year have one and the same p-value: the worst dependence there is.
    p = np.random.default_rng(0).random(20_000)
    alarms_of_year = 365 * (p <= alpha_per_window(2, 365))
    assert alarms_of_year.mean() == pytest.approx(2.0, abs=3 * alarms_of_year.std() / np.sqrt(20_000))


NONSENSE = [(0, 365), (-1, 365), (2, 0), (float("nan"), 365), (2, float("inf")), (True, 365), ("2", 365)]


@pytest.mark.parametrize(("alarms", "windows"), NONSENSE)
def test_what_is_no_number_above_zero_is_refused(alarms, windows):
    for call in (alpha_per_window, slow_drift_threshold):
        with pytest.raises(SettingsError, match="needs a number above 0"):
            call(alarms, windows)


@pytest.mark.parametrize("alarms", [12, 13])
def test_a_promise_of_an_alarm_in_every_window_is_refused(alarms):
    for call in (alpha_per_window, slow_drift_threshold):
        with pytest.raises(SettingsError, match="promise fewer"):
            call(alarms, 12)
