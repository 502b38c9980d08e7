"""assert_no_drift fails where windows drift or are too small, says why, and lets pass what it is told to."""

import numpy as np
import pandas as pd
import pytest

from textdrift.errors import DriftAssertionError, SettingsError
from textdrift.testing import assert_no_drift
from textdrift.windows.simulating import DEMO_DOSE, sample_pair

RNG = np.random.default_rng(0)
WORDS = {"lexical": {}}
BEFORE = [f"parcel {i}: on time" for i in range(200)]
AFTER = [f"parcel {i}: nobody answers" for i in range(200)]


def test_like_windows_pass_and_the_report_comes_back():
    assert assert_no_drift(BEFORE, BEFORE[::-1], tests=WORDS).verdict == "no_drift"


def test_drift_fails_with_summary_kinds_and_words():
    with pytest.raises(AssertionError) as failed:
        assert_no_drift(BEFORE, AFTER, tests=WORDS)
    summary, kinds, words, *findings = str(failed.value).splitlines()
    assert summary.startswith("Drift in the words")
    assert kinds.startswith("kinds: lexical (")
    assert {"+nobody", "+answers", "-on", "-time"} <= set(words.removeprefix("words: ").split())
    assert any(line.startswith("lexical.token_frequency: ") and "matters from 0.005" in line for line in findings)
    assert isinstance(failed.value, DriftAssertionError)
    assert failed.value.report.verdict == "drift"


def test_a_kind_that_is_allowed_passes_and_the_others_do_not():
    pair = sample_pair(200, 200, dose=DEMO_DOSE, seed=1)
    tests = {"lexical": {}, "columns": {}}
    assert assert_no_drift(pair.reference, pair.current, tests=WORDS, allow=["lexical"]).verdict == "drift"
    with pytest.raises(DriftAssertionError, match=r"kinds: .*lexical \(\w+, allowed\)"):
        assert_no_drift(pair.reference, pair.current, label="label", tests=tests, allow=["lexical"])


def test_milder_drift_than_asked_for_passes():
    pair = sample_pair(200, 200, dose=DEMO_DOSE, seed=1)
    report = assert_no_drift(pair.reference, pair.current, tests=WORDS, min_severity="critical")
    assert report.severity in {"info", "warning"}
    with pytest.raises(DriftAssertionError):
        assert_no_drift(pair.reference, pair.current, tests=WORDS, min_severity="info")


def test_windows_that_are_too_small_fail_unless_told_otherwise():
    with pytest.raises(DriftAssertionError, match="allow_inconclusive=True") as failed:
        assert_no_drift(BEFORE[:10], AFTER[:10], tests=WORDS)
    assert failed.value.report.verdict == "inconclusive"
    assert assert_no_drift(BEFORE[:10], AFTER[:10], tests=WORDS, allow_inconclusive=True).verdict == "inconclusive"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"allow": ["lexcal"]}, "no kind of drift 'lexcal'; did you mean 'lexical'"),
        ({"allow": "lexical"}, r"a list of kinds of drift, such as \['lexical'\]"),
        ({"min_severity": "warn"}, "no severity 'warn'; did you mean 'warning'"),
    ],
)
def test_a_slip_is_told_before_anything_is_compared(given, message):
    with pytest.raises(SettingsError, match=message):
        assert_no_drift(None, None, **given)


def test_a_column_that_moved_is_named_and_cannot_forge_a_line():
    hostile = "amount\nkinds: none\u202e"
    before, after = (pd.DataFrame({hostile: rng.normal(at, 1, 300)}) for rng, at in ((RNG, 0), (RNG, 2)))
    with pytest.raises(DriftAssertionError) as failed:
        assert_no_drift(before, after, text=None, features=[hostile], tests={"columns": {}})
    lines = str(failed.value).splitlines()
    assert any(line.startswith(r"columns.numeric of 'amount\nkinds: none\u202e': ") for line in lines)
    assert not any(line.startswith("kinds: none") for line in lines)
    assert not {"\n", "\u202e"} & set(failed.value.report.summary)
