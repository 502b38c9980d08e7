"""The documents with a label: every label is kept, and a sample is said."""

import pyarrow as pa

from textdrift.drift.labelled_documents import labelled_documents
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles


def pair(reference, current, encoder, labels=("a", "b")):
    roles = Roles(text="text", label="y")
    tables = [pa.table({"text": t, "y": [labels[i % 2] for i in range(len(t))]}) for t in (reference, current)]
    windows = [read_window(t, roles, name=n) for t, n in zip(tables, ("reference", "current"), strict=True)]
    return WindowPair(*windows, encoder=lambda: encoder, cache=lambda: None)


def test_labels_of_one_window_only_are_kept_among_the_others_and_said():
    roles = Roles(text="text", label="y")
    reference = pa.table({"text": [f"r{i}" for i in range(40)], "y": ["a", "b"] * 20})
    current = pa.table({"text": [f"c{i}" for i in range(40)], "y": ["a", "new"] * 20})
    windows = [read_window(t, roles, name=n) for t, n in ((reference, "reference"), (current, "current"))]
    prepared = labelled_documents(WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None), 100)
    assert prepared.reference.label_names == prepared.current.label_names == ("a", "b", "new")
    assert len(prepared.reference) == len(prepared.current) == 40
    assert "'b', 'new'" in prepared.notes[0]


def test_a_sample_of_labelled_documents_is_said():
    prepared = labelled_documents(
        pair([f"r{i}" for i in range(60)], [f"c{i}" for i in range(60)], HashingEncoder()), 25
    )
    assert len(prepared.reference) == len(prepared.current) == 25
    assert "random sample of 25 of the 60 reference documents with a label" in prepared.notes[0]
