"""Words that changed inside a segment are found and named, also where all texts together stayed."""

import os

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.lexical.segments import SlicedCounts, WordsInSegments
from textdrift.drift.lexical.share_changes import share_change
from textdrift.drift.slices import SegmentCodes
from textdrift.errors import SettingsError, WindowError
from textdrift.tokens.counting import count_tokens

REPEATS = 200 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 1000
REGIONS, PLANS = ("north", "south", "west"), ("free", "paid")
WEIGHTS = 1.0 / np.arange(1, 601)
WEIGHTS /= WEIGHTS.sum()


def texts(rng, n, *, planted=None, regions=(0.5, 0.3, 0.2)):
    """Texts in regions and plans; `planted` maps a region, or (region, plan), to a word and the share that gains it."""
    codes = np.column_stack([rng.choice(3, size=n, p=regions), rng.integers(2, size=n)])
    made = []
    for region, plan in codes:
        words = [f"w{chr(97 + k % 26)}{chr(97 + k // 26)}" for k in rng.choice(600, size=8, p=WEIGHTS)]
        for where, (word, share) in (planted or {}).items():
            here = where in (REGIONS[region], (REGIONS[region], PLANS[plan]))
            if here and rng.random() < share:
                words.append(word)
        made.append(" ".join(words))
    return made, SegmentCodes(("region", "plan"), (REGIONS, PLANS), codes)


def found(reference, current, *, seed=0, **options):
    counts = count_tokens(*(pa.array(made) for made, _ in (reference, current)))
    sides = [SlicedCounts(of_side, codes) for of_side, (_, codes) in zip(counts, (reference, current), strict=True)]
    return WordsInSegments(**{"n_permutations": 499, **options}).compare(*sides, rng=np.random.default_rng(seed))


def names(result):
    return [(row["value"], row.get("within", {}).get("value")) for row in result.table("segments")]


def test_a_word_that_burst_in_one_value_is_named_with_it():
    rng = np.random.default_rng(0)
    result = found(texts(rng, 900), texts(rng, 900, planted={"west": ("frozen", 0.3)}))
    first = result.table("segments")[0]
    assert (first["value"], first["term"]) == ("west", "frozen")
    assert first["effect"] == pytest.approx(0.3, abs=0.1)
    assert not any(within is not None and value == "west" for value, within in names(result))
    assert result.p_value == 1 / 500
    assert result.effects[0].value == first["effect"]


def test_words_in_a_pair_only_are_named_as_the_pair():
    rng = np.random.default_rng(1)
    result = found(texts(rng, 1500), texts(rng, 1500, planted={("south", "paid"): ("frozen", 0.6)}))
    assert names(result)[0] == ("south", "paid")


def test_words_that_only_changed_places_are_found_though_the_whole_stays():
    rng = np.random.default_rng(2)
    reference = texts(rng, 1500, planted={"south": ("frozen", 0.25), "west": ("melted", 0.37)})
    current = texts(rng, 1500, planted={"south": ("melted", 0.25), "west": ("frozen", 0.37)})
    counts = count_tokens(*(pa.array(made) for made, _ in (reference, current)))
    assert share_change(*counts).value == 0.0
    result = found(reference, current)
    assert {value for value, within in names(result) if within is None} >= {"south", "west"}
    assert result.effects[0].value > 0.2


def test_words_of_a_region_that_grew_are_no_drift_in_every_plan():
    rng = np.random.default_rng(7)
    own = {"south": ("olives", 0.8), "west": ("rain", 0.8)}
    reference, current = texts(rng, 1200, planted=own), texts(rng, 1200, planted=own, regions=(0.2, 0.6, 0.2))
    result = found(reference, current)
    assert result.p_value > 0.05
    # A word that is new in one plan is found and named beside the mix, and not a word of the region that grew.
    made = [
        f"{text} frozen" if plan == 1 and rng.random() < 0.15 else text
        for text, plan in zip(current[0], current[1].codes[:, 1], strict=True)
    ]
    (row,) = found(reference, (made, current[1])).table("segments")
    assert (row["value"], row["term"]) == ("paid", "frozen")
    assert row["effect"] == pytest.approx(0.15, abs=0.05)


def test_the_largest_change_is_that_of_the_documents_of_the_slice():
    rng = np.random.default_rng(3)
    reference, current = texts(rng, 700), texts(rng, 700, planted={"north": ("frozen", 0.4)})
    row = found(reference, current).table("segments")[0]
    inside = [
        [text for text, code in zip(made, codes.codes[:, 0], strict=True) if code == 0]
        for made, codes in (reference, current)
    ]
    shares = [np.mean(["frozen" in text.split() for text in side]) for side in inside]
    assert row["effect"] == pytest.approx(shares[1] - shares[0])
    assert (row["n_reference"], row["n_current"]) == (len(inside[0]), len(inside[1]))


def test_windows_without_slices_or_words_are_not_tested():
    rng = np.random.default_rng(4)
    few = found(texts(rng, 40), texts(rng, 40), n_permutations=99)
    assert few.p_value == 1.0
    codes = SegmentCodes(("plan",), (PLANS,), np.zeros((40, 1), dtype=np.int64))
    alike = (["it is so"] * 40, codes)
    assert "No word" in found(alike, alike).notes[0]


def test_settings_and_rows_that_do_not_fit_are_refused():
    with pytest.raises(SettingsError, match="min_documents must be at least 1"):
        WordsInSegments(min_documents=0)
    made, codes = texts(np.random.default_rng(5), 10)
    with pytest.raises(WindowError, match="each document needs its segments"):
        SlicedCounts(count_tokens(pa.array(made[:9]), pa.array(made))[0], codes)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(300, 300), (700, 160)])
@pytest.mark.parametrize("regions", [(0.5, 0.3, 0.2), (0.2, 0.3, 0.5)], ids=["mix stays", "mix turns"])
def test_null_windows_alarm_in_five_percent(n, m, regions):
    rng = np.random.default_rng([6, n, m])
    own = {"south": ("olives", 0.8), "west": ("rain", 0.8)}
    alarms = [
        found(
            texts(rng, n, planted=own), texts(rng, m, planted=own, regions=regions), n_permutations=99, seed=i
        ).p_value
        <= 0.05
        for i in range(REPEATS)
    ]
    assert np.mean(alarms) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
