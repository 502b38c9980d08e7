"""Texts and tokenizers of every odd kind: a clear result, or an error that says what to do."""

from __future__ import annotations

import numpy as np
import pytest

import textdrift
from textdrift.errors import TextdriftError, TokenizerError

UNITS = ["hashtags", "emoji", "characters", "casing", "punctuation", "length", "bigrams", "links", "handles"]


def several(make, n: int = 60) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(0)
    return [make(rng) for _ in range(n)], [make(rng) for _ in range(n)]


ODD = {
    "one word": lambda rng: "".join(rng.choice(list("abcdef"), size=3)),
    "only emoji": lambda rng: "".join(rng.choice(["\N{GRINNING FACE}", "\N{PARTY POPPER}", "\N{FIRE}"], size=4)),
    "right to left": lambda rng: " ".join(rng.choice(["שלום", "עולם", "مرحبا", "بالعالم", "طيب", "לא"], size=6)),
    "control characters": lambda rng: "\x00\x07".join(rng.choice(list("abcdefgh"), size=7)) + "\x1b[31m\u202e",
    "combining marks": lambda rng: " ".join(rng.choice(["हिन्दी", "में", "शिकायत", "cafe\u0301", "अच्छा"], size=6)),
    "without spaces": lambda rng: "".join(rng.choice(["返金", "を", "要求", "する", "手机", "很好"], size=8)),
    "punctuation": lambda rng: "".join(rng.choice(list("!?.,;…"), size=5)),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD.keys())
def test_two_samples_of_odd_texts_do_not_drift_in_any_unit(make) -> None:
    report = textdrift.compare(*several(make), tests={"lexical": {"units": UNITS}})
    assert report.verdict in {"no_drift", "inconclusive"}
    assert len(report.findings) == 2 + len(UNITS)
    assert all(0 < finding.result.p_value <= 1 for finding in report.findings)
    assert "\x1b" not in report.to_terminal()
    assert "\x00" not in report.to_html()


def test_a_text_of_a_megabyte_is_a_text() -> None:
    before, after = several(lambda rng: " ".join(rng.choice(["parcel", "late", "fine", "lost", "box"], size=9)), 80)
    rng = np.random.default_rng(1)
    after[0] = " ".join("".join(rng.choice(list("abcdefghijkl"), size=6)) for _ in range(150_000))
    assert len(after[0]) > 1_000_000
    report = textdrift.compare(before, after, tests={"lexical": {}})
    assert {finding.result.test for finding in report.findings} == {"lexical.vocabulary", "lexical.token_frequency"}
    assert all(row["current_documents"] > 1 for f in report.findings for row in f.result.table("terms"))


def test_very_many_different_terms_are_no_drift_by_themselves() -> None:
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    rng = np.random.default_rng(2)
    words = ["".join(word) for word in letters[rng.integers(0, 26, size=(100_000, 9))]]
    texts = [" ".join(words[i : i + 5]) for i in range(0, 100_000, 5)]
    report = textdrift.compare(texts[:10_000], texts[10_000:], tests={"lexical": {}})
    assert report.verdict != "drift"
    assert report.findings[0].result.sizes["used_in_current"] > 49_000


def test_a_lone_surrogate_is_told_with_its_row() -> None:
    with pytest.raises(TextdriftError, match="row 1"):
        textdrift.compare(["fine", "bad \ud800"], ["fine", "good"], tests={"lexical": {}})


@pytest.mark.parametrize("answer", [None, "a b", ["\ud800"]])
def test_a_tokenizer_that_answers_wrongly_is_named(answer) -> None:
    def wrong(_text):
        return answer

    with pytest.raises(TokenizerError, match="the tokenizer wrong returned"):
        textdrift.compare(["one text"], ["another"], tests={"lexical": {"tokenizer": wrong}})


def test_a_tokenizer_that_raises_is_named_and_chained() -> None:
    def broken(_text):
        raise RuntimeError("no model")

    with pytest.raises(TokenizerError, match=r"the tokenizer broken failed .* RuntimeError: no model") as caught:
        textdrift.compare(["one text"], ["another"], tests={"lexical": {"tokenizer": broken}})
    assert isinstance(caught.value.__cause__, RuntimeError)
