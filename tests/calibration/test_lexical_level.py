"""False alarms of the lexical tests: documents, bins of documents, and profiles of rows that are copies of others."""

import os

import numpy as np
import pyarrow as pa
import pytest

from textdrift.drift.lexical.terms import moved_terms
from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.lexical.vocabulary import Vocabulary
from textdrift.profile_comparing import compare_profiles
from textdrift.profiles import profile_texts
from textdrift.tokens.counting import count_tokens
from textdrift.tokens.document_bins import documents_in_bins
from textdrift.tokens.tokenization import Tokenization

REPEATS = 40 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 300
WEIGHTS = 1.0 / np.arange(1, 6001) ** 1.05
WEIGHTS /= WEIGHTS.sum()
SHORT, LONG = 30, 150
CELLS = [
    (300, 300, SHORT, False), (600, 90, SHORT, False), (900, 900, SHORT, False), (250, 250, LONG, False),
    (500, 90, LONG, False), (900, 900, SHORT, True), (1200, 150, SHORT, True),
]  # fmt: skip


def drawn(rng, n, *, longest=SHORT):
    """Draw texts of a Zipf vocabulary whose words depend on each other: each text has a topic and repeats itself."""
    texts = []
    for _ in range(n):
        words = rng.choice(6000, size=rng.integers(5, longest), p=WEIGHTS)
        topic = rng.integers(30, 300)
        again = rng.random(len(words)) < 0.2
        texts.append(" ".join(f"w{_letters(topic if a else w)}" for w, a in zip(words, again, strict=True)))
    return texts


def _letters(number):
    """Spell a number in letters: words that hold a digit do not tell texts apart."""
    return str(number).translate(str.maketrans("0123456789", "abcdefghij"))


def in_bursts(rng, n, share, burst=5):
    """Draw rows, a share of them in bursts of copies that differ in punctuation, capitals or a number."""
    n_bursts = round(share * n / burst)
    texts = drawn(rng, n - (burst - 1) * n_bursts)
    for text in texts[:n_bursts]:
        texts += [f"{text.capitalize()} {'!' * rng.integers(1, 4)} {rng.integers(100)}" for _ in range(burst - 1)]
    return texts


def with_heavy_copies(rng, n):
    """Draw different texts, each in a number of copies that has no variance to speak of: few texts are most rows."""
    copies = np.minimum(rng.pareto(1.2, size=n) + 1, 300).astype(int)
    return np.repeat(np.array(drawn(rng, n), dtype=object), copies).tolist()


def at_most_five_percent(alarms):
    alarms = np.asarray(alarms, dtype=float)
    return bool((alarms.mean(axis=0) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(alarms))).all())


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m", "longest", "in_bins"), CELLS)
def test_windows_of_one_law_alarm_in_five_percent(n, m, longest, in_bins):
    rng = np.random.default_rng([1, n, m, longest])
    alarms = []
    for _ in range(REPEATS):
        texts = (pa.array(drawn(rng, size, longest=longest), pa.large_string()) for size in (n, m))
        rows = count_tokens(*texts)
        if in_bins:
            rows = documents_in_bins(*rows, rng=rng)
        alarms.append(
            [
                TokenFrequency(n_permutations=99).compare(*rows, rng=rng).p_value <= 0.05,
                Vocabulary(n_permutations=99).compare(*rows, rng=rng).p_value <= 0.05,
                len(moved_terms(*rows)) > 0,
            ]
        )
    assert at_most_five_percent(alarms)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["bigrams", "collocations", "casing", "length", "characters"])
def test_other_units_alarm_in_five_percent(unit):
    rng = np.random.default_rng(2)
    alarms = []
    for _ in range(REPEATS):
        windows = (pa.array(in_bursts(rng, size, 0.0), pa.large_string()) for size in (400, 250))
        rows = count_tokens(*windows, Tokenization(unit=unit))
        test = TokenFrequency(n_permutations=99, unit=unit)
        alarms.append([test.compare(*rows, rng=rng).p_value <= 0.05])
    assert at_most_five_percent(alarms)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m", "copies"), [(1500, 1500, "none"), (3000, 500, "five"), (1000, 1000, "heavy")])
def test_profiles_of_rows_with_copies_alarm_in_five_percent(n, m, copies):
    rng = np.random.default_rng([3, n, m])
    law = {
        "none": lambda size: drawn(rng, size),
        "five": lambda size: in_bursts(rng, size, 0.3),
        "heavy": lambda size: with_heavy_copies(rng, size),
    }[copies]
    alarms = []
    for seed in range(REPEATS):
        profiles = [profile_texts([law(size)]) for size in (n, m)]
        report = compare_profiles(*profiles, seed=seed)
        alarms.append([finding.result.p_value <= 0.05 for finding in report.findings] + [report.verdict == "drift"])
    assert at_most_five_percent(alarms)


def test_profiles_find_a_new_word_in_three_percent_of_the_rows():
    rng = np.random.default_rng(4)
    current = [f"{text} zorblax" if i % 33 == 0 else text for i, text in enumerate(drawn(rng, 2000))]
    report = compare_profiles(profile_texts([drawn(rng, 2000)]), profile_texts([current]))
    assert report.verdict == "drift"
    assert report.diagnosis.terms[0]["term"] == "zorblax"
