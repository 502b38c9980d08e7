"""Rows that say nothing are counted, copies too, and bursts that both windows know are no change."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import textdrift
from textdrift.drift.quality import Copies, Placeholder
from textdrift.errors import SettingsError
from textdrift.windows.auditing import Audit, audit
from textdrift.windows.duplicates import distinct_documents
from textdrift.windows.window import Roles, Window

LEVEL = 0.05 / 84
REPEATS = 600 if os.environ.get("TEXTDRIFT_CALIBRATION") == "full" else 200
WORDS = ("N/A", "test", "-", "[deleted]")


def audited(texts: list[str | None]) -> Audit:
    window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    return audit(window, distinct_documents(window))


def compared(reference: list[str | None], current: list[str | None], test: Placeholder | None = None):
    return (test or Placeholder()).compare(audited(reference), audited(current), rng=np.random.default_rng(0))


def stream(n: int, rng: np.random.Generator, *, share: float = 0.0, size: float = 1.0, apart: float = 1.0) -> list[str]:
    """Rows of which a share are placeholders, in bursts of a mean size whose rows stand some rows apart."""
    rows = [f"cup {rng.integers(10**9)}" for _ in range(n)]
    for start in np.flatnonzero(rng.random(n) < share / size):
        text = WORDS[rng.integers(len(WORDS))]
        place = start + np.cumsum([0, *rng.geometric(1 / apart, size=rng.geometric(1 / size) - 1)])
        for row in place[place < n]:
            rows[row] = text
    return rows


def test_planted_placeholders_are_found_named_and_measured():
    rng = np.random.default_rng(1)
    healthy = stream(1000, rng)
    faulty = [
        WORDS[i % 4] if hit else t for i, (t, hit) in enumerate(zip(healthy, rng.random(1000) < 0.04, strict=True))
    ]
    result = compared(stream(1000, rng), faulty)
    touched = np.mean([a != b for a, b in zip(healthy, faulty, strict=True)])
    (cause,) = result.table("causes")
    effect = result.effects[0]
    assert result.p_value <= LEVEL
    assert (cause["cause"], cause["direction"], cause["share_of_rows"]) == ("placeholder", "up", effect.value)
    assert effect.value == pytest.approx(touched)
    assert effect.low <= touched <= effect.high
    assert effect.detectable < touched
    assert all(healthy[row] != faulty[row] for form in result.table("placeholders") for row in form["rows"])
    assert sum(form["current_rows"] for form in result.table("placeholders")) == round(1000 * touched)


def test_an_outage_is_found_though_it_is_one_burst():
    rng = np.random.default_rng(2)
    current = stream(1000, rng)
    current[300:330] = ["null"] * 30
    assert compared(stream(1000, rng, share=0.002), current).p_value <= LEVEL


def test_without_bursts_the_p_value_is_twice_fishers_tail():
    # Farther apart than rows of one burst.
    reference = ["N/A" if i % 50 == 0 else f"cup {i}" for i in range(200)]
    current = ["N/A" if i % 15 == 0 else f"tea {i}" for i in range(300)]
    tail = min(stats.fisher_exact([[20, 280], [4, 196]], alternative=side).pvalue for side in ("less", "greater"))
    assert compared(reference, current).p_value == pytest.approx(2 * tail, rel=1e-9)


def test_rows_of_a_placeholder_are_not_called_copies_as_well():
    rng = np.random.default_rng(3)
    reference, current = stream(800, rng), stream(760, rng) + ["N/A"] * 40
    result = Copies().compare(audited(reference), audited(current), rng=rng)
    assert (result.p_value, result.table("causes")) == (1.0, ())
    report = textdrift.compare(reference, current, tests={"quality": {}})
    assert [cause["cause"] for cause in report.diagnosis.causes] == ["placeholder"]


def test_one_short_text_that_is_on_no_list_is_a_matter_of_copies():
    rng = np.random.default_rng(4)
    reference, current = stream(800, rng), stream(760, rng) + ["offline"] * 40
    report = textdrift.compare(reference, current, tests={"quality": {}})
    assert [cause["cause"] for cause in report.diagnosis.causes] == ["repeated"]


def test_rows_of_a_report_are_those_of_the_window_where_rows_have_groups():
    rng = np.random.default_rng(5)
    reference, current = ({"text": stream(600, rng), "author": [f"a{i}" for i in range(600)]} for _ in range(2))
    current["text"][400:460] = ["N/A"] * 60
    report = textdrift.compare(pa.table(reference), pa.table(current), group="author", tests={"quality": {}})
    (form,) = next(f for f in report.findings if f.result.test == "quality.placeholder").result.table("placeholders")
    assert all(current["text"][row] == "N/A" for row in form["rows"])


def test_no_permutations_are_refused():
    with pytest.raises(SettingsError, match="n_permutations=0"):
        Placeholder(n_permutations=0)


STREAMS = {
    "single rows": {"share": 0.03},
    "small bursts": {"share": 0.06, "size": 3.0},
    "small bursts among other rows": {"share": 0.06, "size": 3.0, "apart": 3.0},
}


def p_values(n: int, m: int, repeats: int, **law: float) -> np.ndarray:
    rng = np.random.default_rng(6)
    test = Placeholder()
    return np.array(
        [
            test.compare(audited(stream(n, rng, **law)), audited(stream(m, rng, **law)), rng=rng).p_value
            for _ in range(repeats)
        ]
    )


@pytest.mark.parametrize("name", STREAMS)
def test_placeholders_of_one_stream_alarm_about_as_seldom_as_promised(name):
    found = p_values(1000, 600, 40, **STREAMS[name])
    assert np.mean(found <= 0.05) <= 0.15
    assert np.mean(found <= LEVEL) <= 0.03


@pytest.mark.slow
@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (2000, 300)])
def test_placeholders_of_one_stream_keep_the_level(name, n, m):
    found = p_values(n, m, REPEATS, **STREAMS[name])
    assert np.mean(found <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
    assert np.mean(found <= 0.01) <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / REPEATS)


@pytest.mark.slow
def test_two_per_cent_of_placeholders_are_found_among_a_thousand_rows():
    rng = np.random.default_rng(7)
    found = [compared(stream(1000, rng), stream(1000, rng, share=0.025)).p_value <= LEVEL for _ in range(60)]
    assert np.mean(found) >= 0.9
