"""A pair of windows: copies are one document, no text is encoded twice, samples nest."""

import numpy as np
import pyarrow as pa

from textdrift.drift.labelled_documents import labelled_documents
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles


class CountingEncoder:
    name, fingerprint, precision, batch_size = "counting", "c0ffee", "float32", 16

    def __init__(self):
        self.seen = []

    def encode(self, texts):
        self.seen += texts
        return HashingEncoder().encode(texts)


def pair(reference, current, encoder, labels=("a", "b")):
    roles = Roles(text="text", label="y")
    tables = [pa.table({"text": t, "y": [labels[i % 2] for i in range(len(t))]}) for t in (reference, current)]
    windows = [read_window(t, roles, name=n) for t, n in zip(tables, ("reference", "current"), strict=True)]
    return WindowPair(*windows, encoder=lambda: encoder, cache=lambda: None)


def test_each_text_is_encoded_once_whoever_asks():
    encoder = CountingEncoder()
    both = pair([f"r{i}" for i in range(60)] + ["r1"] * 9, [f"c{i}" for i in range(40)] + ["r1"], encoder)
    small = both.sample(20, both.every_document)
    both.embeddings(small)
    both.embeddings(both.every_document)
    labelled_documents(both, 1000)
    assert len(encoder.seen) == len(set(encoder.seen))


def test_samples_of_different_sizes_nest():
    both = pair([f"r{i}" for i in range(100)], [f"c{i}" for i in range(50)], HashingEncoder())
    small, large = both.sample(10, both.every_document), both.sample(40, both.every_document)
    for side in (0, 1):
        assert set(small[side]) <= set(large[side])
        assert (np.diff(large[side]) > 0).all()


def test_vectors_belong_to_their_documents():
    texts = [f"text number {i}" for i in range(30)]
    both = pair(texts, texts[::-1], HashingEncoder())
    chosen = (np.array([3, 7]), np.array([0, 29]))
    reference, current = both.embeddings(chosen)
    expected = HashingEncoder().encode([texts[3], texts[7], texts[29], texts[0]])
    np.testing.assert_allclose(np.vstack([reference.points, current.points]), expected, atol=1e-3)


def test_a_text_of_both_windows_counts_in_one_of_them():
    both = pair(["a", "b", "c", "d"], ["c", "d", "e"], HashingEncoder())
    counting = [{both.documents[side].texts[i].as_py() for i in both.every_document[side]} for side in (0, 1)]
    assert counting[0] | counting[1] == set("abcde")
    assert not counting[0] & counting[1]
    assert {"a", "b"} <= counting[0]
    assert "e" in counting[1]
    assert both.n_shared == 2


def test_a_shared_text_is_placed_in_proportion_to_its_copies():
    shared = [f"s{i}" for i in range(400)]
    both = pair(shared * 3, shared, HashingEncoder())
    in_current = len(both.every_document[1]) / 400
    assert abs(in_current - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 400)


def test_labels_and_words_speak_of_the_documents_that_count():
    shared = [f"s{i}" for i in range(60)]
    both = pair(shared + [f"r{i}" for i in range(20)], shared, HashingEncoder())
    reference, current = both.categories("label")
    assert len(reference.documents) + len(current.documents) == 80
    prepared = labelled_documents(both, 1000)
    assert len(prepared.reference) + len(prepared.current) == 80


def grouped_pair(encoder):
    roles = Roles(text="text", label="y", group="author")

    def window(name, first):
        rows = {
            "text": [f"{name[0]}{i}" for i in range(60)],
            "y": ["a", "b"] * 30,
            "author": [f"p{first + i // 3}" for i in range(60)],
        }
        return read_window(pa.table(rows), roles, name=name)

    return WindowPair(window("reference", 0), window("current", 15), encoder=lambda: encoder, cache=lambda: None)


def test_with_groups_one_document_of_each_counts():
    both = grouped_pair(HashingEncoder())
    assert sum(map(len, both.every_document)) == 35  # five of the groups are in both windows
    assert [len(side) for side in both.placed_documents] == [60, 60]
    assert sum(len(categories.documents) for categories in both.categories("label")) == 35
    labelled = labelled_documents(both, 100)
    assert len(labelled.reference) + len(labelled.current) == 35


def test_vectors_know_the_group_of_their_document():
    both = grouped_pair(HashingEncoder())
    reference, current = both.embeddings((np.array([0, 2, 59]), np.array([0, 1])))
    assert reference.groups.tolist() == [0, 0, 19]
    assert current.groups.tolist() == [15, 15]


def test_quality_looks_at_one_row_of_each_group_and_copies_at_all():
    both = grouped_pair(HashingEncoder())
    assert sum(found.n_rows for found in both.audits_of_groups) == 35
    assert [found.n_rows for found in both.audits] == [60, 60]


def test_near_copies_are_encoded_once_and_are_one_document():
    encoder = CountingEncoder()
    both = pair(["thanks", "good", "Thanks!"], ["THANKS", "bad"], encoder)
    assert [len(documents) for documents in both.documents] == [2, 2]
    assert both.n_distinct == (3, 2)
    both.embeddings(both.every_document)
    assert len(encoder.seen) == 3
