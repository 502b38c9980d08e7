"""Missing, markup, encoding and casing: exact tests of one mark in two windows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from textdrift.drift.contract import DriftTest
from textdrift.drift.quality import Casing, Copies, Encoding, Length, Markup, Missing, Placeholder
from textdrift.errors import SettingsError
from textdrift.windows.auditing import Audit, audit
from textdrift.windows.duplicates import distinct_documents
from textdrift.windows.window import Roles, Window

EVERY = (Missing, Copies, Length, Markup, Encoding, Casing, Placeholder)
LEVEL = 0.05 / 42


def audited(texts: list[str | None]) -> Audit:
    window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(), "window")
    return audit(window, distinct_documents(window))


def sentences(n: int, rng: np.random.Generator) -> list[str]:
    """Texts of made-up words with capitals, full stops and an accent here and there."""
    words = np.array([a + b for a in ("ka", "lo", "mi", "su", "te", "vé", "ru") for b in ("na", "per", "st", "lim")])
    lengths = rng.integers(3, 20, n)
    return [" ".join(rng.choice(words, size=k)).capitalize() + "." for k in lengths]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.mark.parametrize("test", EVERY)
def test_identical_windows_do_not_drift(test, rng):
    same = audited([*sentences(300, rng), None, "Twice.", "Twice."])
    result = test().compare(same, same, rng=rng)
    assert isinstance(test(), DriftTest)
    assert (result.kind, result.p_value, result.effects[0].name, result.effects[0].value) == (
        "quality", 1.0, "share_of_rows", 0.0,
    )  # fmt: skip
    assert result.table("causes") == ()


@pytest.mark.parametrize("test", EVERY)
@pytest.mark.parametrize("sizes", [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_a_window_of_few_or_no_texts_says_nothing(test, sizes, rng):
    reference, current = (audited([*(f"text {i}" for i in range(size)), None]) for size in sizes)
    result = test().compare(reference, current, rng=rng)
    assert result.p_value > 0.5
    assert result.effects[0].detectable > 0.9


@pytest.mark.parametrize("test", EVERY)
def test_the_same_generator_state_gives_the_same_result(test, rng):
    reference, current = audited(sentences(200, rng)), audited([*sentences(150, rng), *["Again."] * 6])
    first, second = (test().compare(reference, current, rng=np.random.default_rng(1)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("test", EVERY)
def test_a_level_that_is_no_probability_is_refused(test):
    with pytest.raises(SettingsError, match="level=0"):
        test(level=0)


def corrupted(fault: str, texts: list[str], rng: np.random.Generator) -> list[str | None]:
    change = {
        "missing": lambda _: None,
        "mojibake": lambda t: (t + " é").encode().decode("latin-1"),
        "escaped": lambda t: f"<p>{t}&nbsp;</p>",
        "recased": lambda t: t.lower().replace(".", ""),
    }[fault]
    share = {"missing": 0.06, "mojibake": 0.2, "escaped": 0.3, "recased": 1.0}[fault]
    return [change(t) if hit else t for t, hit in zip(texts, rng.random(len(texts)) < share, strict=True)]


@pytest.mark.parametrize(
    ("test", "fault"), [(Missing, "missing"), (Encoding, "mojibake"), (Markup, "escaped"), (Casing, "recased")]
)
def test_a_planted_fault_is_found_named_and_measured(test, fault, rng):
    reference, healthy = sentences(1000, rng), sentences(1000, rng)
    faulty = corrupted(fault, healthy, rng)
    result = test().compare(audited(reference), audited(faulty), rng=rng)
    (cause,) = result.table("causes")
    touched = sum(a != b for a, b in zip(healthy, faulty, strict=True)) / 1000
    effect = result.effects[0]
    assert result.p_value <= LEVEL
    assert cause["cause"] == fault
    assert cause["share_of_rows"] == effect.value == pytest.approx(touched, abs=0.02)
    assert effect.low <= touched <= effect.high
    assert effect.detectable < touched
    assert cause["direction"] == ("down" if fault == "recased" else "up")
    # ... and a repaired pipeline is a change too, but for casing, where only falls count.
    back = test().compare(audited(faulty), audited(reference), rng=rng)
    assert back.p_value == (1.0 if fault == "recased" else result.p_value)


def test_the_p_value_is_twice_fishers_tail(rng):
    reference, current = [None] * 4 + ["a"] * 96, [None] * 15 + ["a"] * 65
    result = Missing().compare(audited(reference), audited(current), rng=rng)
    table = [[15, 65], [4, 96]]
    tail = min(stats.fisher_exact(table, alternative=side).pvalue for side in ("less", "greater"))
    assert result.p_value == pytest.approx(2 * tail, rel=1e-9)
    assert result.table("causes")[0]["sentence"] == "Rows without a text rose from 4.0 % to 18.8 % of all rows."


def test_stripped_punctuation_alone_is_recased(rng):
    reference, current = sentences(500, rng), [t.replace(".", "") for t in sentences(500, rng)]
    result = Casing().compare(audited(reference), audited(current), rng=rng)
    assert result.table("causes")[0]["sentence"].startswith("Texts with punctuation fell from 100 % to 0 %")


def test_a_corpus_without_capitals_cannot_lose_them_and_says_what_else_could_show(rng):
    lower = [t.lower() for t in sentences(400, rng)]
    assert Casing().compare(audited(lower[:200]), audited(lower[200:]), rng=rng).effects[0].detectable < 0.1
    bare = [t.replace(".", "") for t in lower]
    assert Casing().compare(audited(bare[:200]), audited(bare[200:]), rng=rng).effects[0].detectable == float("inf")


@pytest.mark.parametrize("test", [Markup, Encoding, Casing])
def test_copies_of_one_marked_text_are_one_document(test, rng):
    marked = {Markup: "<p>A.</p>", Encoding: "Ã© A.", Casing: "lower"}[test]
    reference, current = sentences(300, rng), [*sentences(200, rng), *[marked] * 100]
    assert test().compare(audited(reference), audited(current), rng=rng).p_value > 0.1


def test_popular_short_texts_in_uneven_windows_are_no_fault():
    # A small window meets relatively more of the popular texts, and those lack capitals: no pipeline changed.
    rng = np.random.default_rng(7)
    weights = 1 / np.arange(1, 201)
    p_values = []
    for _ in range(150):
        popular = [f"popular {k}" for k in rng.choice(200, size=900, p=weights / weights.sum())]
        rows = np.array([*popular, *(f"Unique {i}." for i in range(900))])[rng.permutation(1800)].tolist()
        p_values.append(Casing().compare(audited(rows[:1600]), audited(rows[1600:]), rng=rng).p_value)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.08


@pytest.mark.parametrize("test", [Missing, Markup, Encoding, Casing])
def test_random_halves_alarm_no_more_often_than_promised(test):
    rng = np.random.default_rng(11)
    base = sentences(600, rng)
    for fault in ("mojibake", "escaped", "recased", "missing"):
        hit = rng.random(600) < 0.1
        base = [
            corrupted(fault, [t], np.random.default_rng(0))[0] if h and t else t for t, h in zip(base, hit, strict=True)
        ]
    pool = np.array(base, dtype=object)
    p_values = []
    for _ in range(200):
        shuffled = pool[rng.permutation(600)].tolist()
        p_values.append(test().compare(audited(shuffled[:400]), audited(shuffled[400:]), rng=rng).p_value)
    assert np.mean(np.array(p_values) <= 0.05) <= 0.09
