"""False alarms where rows come in bursts of near-copies: a template with other numbers, links or a word."""

import os

import numpy as np
import pyarrow as pa
import pytest

import textdrift
from textdrift.windows.simulating import sample_pair

REPEATS = 30 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 150
BURST = 5
WORDS = ("really", "simply", "today", "maybe", "honestly", "indeed", "again", "please")


def near_copy(text, rng):
    words = text.split()
    way = rng.integers(3)
    if way == 0:
        return f"{text} https://a.example/{rng.integers(10**6)}"
    if way == 1:
        return f"{text} {rng.integers(1000)}"
    words[rng.integers(len(words))] = WORDS[rng.integers(len(WORDS))]
    return " ".join(words)


def in_bursts(rng, n, pool, share):
    """Draw rows, a share of them in bursts of five near-copies of a text with enough words to have some."""
    n_bursts = round(share * n / BURST)
    rows = rng.choice(len(pool["text"]), size=n - (BURST - 1) * n_bursts, replace=False)
    texts = pool["text"].take(pa.array(rows)).to_pylist()
    labels = pool["label"].take(pa.array(rows)).to_pylist()
    long = [i for i, text in enumerate(texts) if len(text.split()) >= 8][:n_bursts]
    for i in long:
        texts += [near_copy(texts[i], rng) for _ in range(BURST - 1)]
        labels += [labels[i]] * (BURST - 1)
    return pa.table({"text": texts, "label": labels})


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m"), [(1000, 200), (600, 600)])
def test_bursts_of_near_copies_do_not_alarm(n, m):
    rng = np.random.default_rng(11)
    pool = sample_pair(4000, 1, seed=12).reference
    tests = {"lexical": {}, "columns": {}, "quality": {}}
    alarms = 0
    for seed in range(REPEATS):
        reference, current = in_bursts(rng, n, pool, 0.3), in_bursts(rng, m, pool, 0.3)
        alarms += textdrift.compare(reference, current, label="label", tests=tests, seed=seed).verdict == "drift"
    assert alarms / REPEATS <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)


def test_a_burst_in_the_current_window_is_named_repeated():
    rng = np.random.default_rng(13)
    pool = sample_pair(2000, 1, seed=14).reference
    texts = [text for text in pool["text"].to_pylist() if len(text.split()) >= 8]
    current = texts[400:760]
    current += [near_copy(current[0], rng) for _ in range(40)]
    report = textdrift.compare(texts[:400], current, tests={"quality": {}})
    assert report.verdict == "drift"
    assert report.diagnosis.causes[0]["cause"] == "repeated"
    assert "word for word" in report.diagnosis.causes[0]["sentence"]
