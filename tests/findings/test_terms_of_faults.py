"""Debris of a fault is told apart from the words that people say anew."""

import numpy as np
import pyarrow as pa
import pytest

from textdrift import compare
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.findings.explained_shares import Counterfactual
from textdrift.findings.terms_of_faults import terms_of_faults
from textdrift.windows.reading import read_window
from textdrift.windows.repairing import cut_alike, mended
from textdrift.windows.simulating import Dose, sample_pair
from textdrift.windows.window import Roles


def texts(table):
    return table.column("text").to_pylist()


def garbled(text):
    return f"{text} schön groß".encode().decode("latin-1")


@pytest.fixture(scope="module")
def both():
    """A new feature in a tenth of the texts, and another twentieth that was wrongly decoded."""
    pair = sample_pair(800, 800, dose=Dose(new_words=0.10), seed=3)
    reference = [f"{text} schön groß" if i % 20 == 0 else text for i, text in enumerate(texts(pair.reference))]
    current = [garbled(text) if i % 20 == 0 else text for i, text in enumerate(texts(pair.current))]
    return reference, current, set(pair.planted.terms)


def test_in_a_report_the_new_words_stand_before_the_debris_of_a_fault(both):
    reference, current, planted = both
    report = compare(reference, current, tests={"lexical": {}, "quality": {}})
    terms = report.to_dict()["diagnosis"]["terms"]
    debris = [row["term"] for row in terms if row.get("cause") == "mojibake"]
    assert "schã" in debris
    assert not planted & set(debris)
    places = [place for place, row in enumerate(terms) if row["term"] in debris]
    assert min(places) == len(terms) - len(debris)
    assert planted & {row["term"] for row in terms[:5]}
    assert report.to_html().count("of garbled characters</span>") >= len(debris)
    causes = report.to_frame("terms").set_index("term")["cause"]
    assert causes["schã"] == "mojibake"


def test_a_word_that_moved_without_the_fault_too_is_none_of_it(both):
    reference, current, _ = both
    every = [f"{text} brandnew" if i % 4 else text for i, text in enumerate(current)]
    pair = pair_of(reference, every)
    ones = np.ones(800), np.ones(800)
    found = terms_of_faults(pair, {"mojibake": Counterfactual(ones, mended)})
    assert found["schã"] == "mojibake"
    assert "brandnew" not in found


def test_rows_that_are_left_out_take_their_words_with_them():
    rng = np.random.default_rng(0)
    words = np.array([f"word{i}" for i in range(60)])
    sides = [[" ".join(rng.choice(words, 6)) for _ in range(300)] for _ in range(2)]
    sides[1][:30] = [f"no comment {i} {text}" for i, text in enumerate(sides[1][:30])]
    kept = np.ones(300), np.where(np.arange(300) < 30, 0.0, 1.0)
    found = terms_of_faults(pair_of(*sides), {"placeholder": Counterfactual(kept)})
    assert found["comment"] == found["no"] == "placeholder"


def test_of_a_fault_that_touches_all_texts_no_word_can_be_told(both):
    reference, current, _ = both
    ones = np.ones(800), np.ones(800)
    assert (
        terms_of_faults(pair_of(reference, current), {"truncated": Counterfactual(ones, cut_alike, of_all=True)}) == {}
    )


def test_where_every_text_carries_the_fault_nothing_is_told():
    pair = pair_of(["one text", "another text"], ["third text", "fourth text"])
    assert terms_of_faults(pair, {"placeholder": Counterfactual((np.ones(2), np.zeros(2)))}) == {}


def pair_of(reference, current):
    windows = [
        read_window(pa.table({"text": side}), Roles(), name=name) for side, name in ((reference, "a"), (current, "b"))
    ]
    return WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None)
