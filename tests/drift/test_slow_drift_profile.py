"""Windows for the slow-drift detector: copies share a bin in one window and not over two, and are still recognised."""

import numpy as np
import pytest

from textdrift.drift.slow_drift_profile import slow_drift_profile
from textdrift.errors import ProfileError
from textdrift.profiles import merged

COPIES = ["thanks a lot", "Thanks a lot!", "a lot, thanks"]


def bins(profile):
    return np.flatnonzero(profile.counts.sizes)


def test_copies_share_a_bin_within_a_window_and_not_with_those_of_another():
    windows = [slow_drift_profile(COPIES, window=f"2026-11-{day}") for day in range(10, 30)]
    assert all(len(bins(profile)) == 1 for profile in windows)
    assert len(bins(merged(*windows))) >= 18  # of 20 in 2,048 bins


def test_copies_of_two_windows_are_still_known_as_one_text():
    monday, tuesday = (slow_drift_profile(COPIES, window=name) for name in ("monday", "tuesday"))
    assert np.array_equal(monday.units.hashes, tuesday.units.hashes)
    assert merged(monday, tuesday).n_units == 1


def test_rows_of_an_author_share_a_bin_and_rows_without_go_by_their_text():
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(list("abcdefgh"), size=6)) for _ in range(30)]
    groups = ["ann"] * 20 + [None] * 5 + [" "] * 5
    profile = slow_drift_profile(texts, window="monday", groups=groups)
    assert profile.units.by == "groups"
    assert profile.counts.sizes.max() == 20
    assert len(bins(profile)) >= 9


def test_null_texts_are_rows_and_no_documents():
    profile = slow_drift_profile(["late", None, " "], window="monday", groups=[1, 2, 3])
    assert (profile.n_rows, profile.n_documents, profile.n_units) == (3, 1, 1)


def test_a_window_without_a_name_or_with_too_few_groups_is_refused():
    with pytest.raises(ProfileError, match="needs a name"):
        slow_drift_profile(["late"], window="")
    with pytest.raises(ProfileError, match="1 texts and 2 groups"):
        slow_drift_profile(["late"], window="monday", groups=[1, 2])
