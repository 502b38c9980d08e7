import numpy as np
import pyarrow as pa

from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.findings.segment_slices import places_among, segment_slices
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles


def pair(first, second):
    roles = Roles(text="text", segments=("region",))
    windows = []
    for name, values in (("reference", first), ("current", second)):
        texts = [f"{name} has its text number {i} of {i * i}" for i in range(len(values))]
        table = pa.table({"text": texts, "region": pa.array(values, pa.large_string())})
        windows.append(read_window(table, roles, name=name))
    return WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None)


def test_slices_hold_every_document_of_a_value_and_the_rest_is_told():
    rng = np.random.default_rng(0)
    before = ["north"] * 40 + ["south"] * 40 + ["west"] * 29 + [None] * 7
    after = ["north"] * 50 + ["east"] * 60 + ["west"] * 50
    rng.shuffle(before)
    rng.shuffle(after)
    both = pair(before, after)
    slices, left_out = segment_slices(both)
    assert [(part.column, part.value) for part in slices] == [("region", "north")]
    for side, values in enumerate((before, after)):
        documents = slices[0].documents[side]
        held = [values[row] for row in both.documents[side].first_rows[documents]]
        assert held == ["north"] * values.count("north")
    told = {row["value"]: row for row in left_out}
    assert {value: (row["n_reference"], row["n_current"]) for value, row in told.items()} == {
        "south": (40, 0),
        "east": (0, 60),
        "west": (29, 50),
        None: (7, 0),
    }
    assert told["south"]["reason"] == "40 and 0 documents of this value; 30 are needed in each window"
    assert told[None]["reason"] == "these documents have no value of 'region'"


def test_places_among_is_what_isin_finds():
    rng = np.random.default_rng(1)
    held = np.unique(rng.integers(1000, size=300))
    some = np.unique(rng.integers(1200, size=200))
    np.testing.assert_array_equal(places_among(held, some), np.flatnonzero(np.isin(held, some)))
    assert places_among(held[:0], some).size == 0
    assert places_among(held, some[:0]).size == 0
