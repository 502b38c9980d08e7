"""Copies, near-copies and groups of two windows count once, in one window, in proportion to their rows."""

import numpy as np
import pyarrow as pa

from textdrift.windows.duplicates import distinct_documents
from textdrift.windows.paired_documents import copies_with_other_vectors, paired_documents
from textdrift.windows.reading import read_window
from textdrift.windows.simulating import sample_pair
from textdrift.windows.window import Roles


def window(texts, authors=None):
    roles = Roles(text="text", group=None if authors is None else "author")
    table = pa.table({"text": texts} | ({} if authors is None else {"author": authors}))
    return read_window(table, roles, name="window")


def test_near_copies_are_one_document_with_the_text_of_its_first_row():
    pair = paired_documents(window(["thanks", "good", "Thanks!", None]), window(["bad", "thanks."]))
    assert [documents.texts.to_pylist() for documents in pair.merged] == [["thanks", "good"], ["bad", "thanks."]]
    assert pair.merged[0].document_of_row.tolist() == [0, 1, 0, -1]
    assert [side.tolist() for side in pair.shared] == [[0], [1]]
    assert [len(documents) for documents in pair.distinct] == [3, 2]


def test_swapping_the_windows_swaps_the_documents():
    rng = np.random.default_rng(0)
    texts = np.array(sample_pair(300, 1, seed=3).reference["text"].to_pylist(), dtype=object)
    reference, current = (window(rng.choice(texts, size=200).tolist()) for _ in range(2))
    one, other = paired_documents(reference, current), paired_documents(current, reference)
    for side in (0, 1):
        assert one.merged[side].texts.equals(other.merged[1 - side].texts)
        np.testing.assert_array_equal(np.sort(one.shared[side]), np.sort(other.shared[1 - side]))


def test_a_near_copy_of_both_windows_is_placed_by_its_rows():
    def word(i):
        return "".join(chr(97 + int(d)) for d in str(i))

    reference = [f"{word(i)}{mark}" for i in range(400) for mark in ("!", ".", "?")]
    pair = paired_documents(window(reference), window([word(i) for i in range(400)]))
    placed = pair.placed(np.random.default_rng(0))
    assert sum(map(len, placed)) == 400
    assert abs(len(placed[1]) / 400 - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 400)


def test_every_group_counts_once_and_no_document_twice():
    rng = np.random.default_rng(1)
    reference, current = (
        window([f"text {i}" for i in rng.integers(60, size=n)], [f"author {i}" for i in rng.integers(40, size=n)])
        for n in (200, 80)
    )
    pair = paired_documents(reference, current)
    chosen = pair.one_of_each_group(pair.groups, rng)
    clusters = np.concatenate([of[documents] for of, documents in zip(pair.clusters, chosen, strict=True)])
    assert len(clusters) == len(set(clusters.tolist())) <= pair.groups.n_groups


def test_a_group_of_both_windows_is_placed_by_its_rows():
    reference = window([f"r{i}" for i in range(1200)], [f"a{i % 400}" for i in range(1200)])
    current = window([f"c{i}" for i in range(400)], [f"a{i}" for i in range(400)])
    pair = paired_documents(reference, current)
    chosen = pair.one_of_each_group(pair.groups, np.random.default_rng(2))
    assert sum(map(len, chosen)) == 400
    assert abs(len(chosen[1]) / 400 - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 400)


def test_rows_of_windows_without_text_are_documents_of_groups():
    roles = Roles(text=None, label="y", group="author")
    reference, current = (
        read_window(pa.table({"y": ["a", "b", "a"], "author": authors}), roles, name="window")
        for authors in (["x", "x", "y"], ["z", None, None])
    )
    pair = paired_documents(reference, current)
    assert [len(side) for side in pair.one_of_each_group(pair.groups, np.random.default_rng(0))] == [2, 3]


def test_where_nearly_all_texts_are_near_copies_of_a_few_they_count_one_by_one():
    templates = [f"the parcel number {i} came on time and all was well" for i in range(100)]
    pair = paired_documents(window(templates), window([*templates[:10], *(f"{t} again" for t in templates)]))
    assert pair.templated
    assert [len(documents) for documents in pair.merged] == [100, 110]
    assert len(pair.shared[0]) == 10
    ordinary = sample_pair(300, 300, seed=4)
    texts = [side["text"].to_pylist() for side in (ordinary.reference, ordinary.current)]
    assert not paired_documents(window(texts[0]), window(texts[1] + templates)).templated


def test_copies_of_a_vector_are_one_document():
    points = np.random.default_rng(0).normal(size=(6, 3))
    roles = Roles(text=None, embeddings="v")
    reference = read_window(None, roles, name="reference", vectors=points[[0, 1, 1, 2]])
    current = read_window(None, roles, name="current", vectors=points[[2, 3, 3]])
    pair = paired_documents(reference, current)
    assert [documents.sizes.tolist() for documents in pair.merged] == [[1, 2, 1], [1, 2]]
    assert [side.tolist() for side in pair.shared] == [[2], [0]]


def test_copies_with_other_vectors_are_counted():
    roles = Roles(text="text", embeddings="v")
    texts = ["good", "bad", None, "good", "bad", "good", "fine"]
    vectors = np.array([[1, 0], [0, 1], [5, 5], [1, 1], [0, 1.001], [2, 0], [3, 3]])
    read = read_window(texts, roles, name="window", vectors=vectors)
    assert copies_with_other_vectors(read, distinct_documents(read)) == 1
    read = read_window(["a", "b"], roles, name="window", vectors=np.eye(2))
    assert copies_with_other_vectors(read, distinct_documents(read)) == 0


def test_a_footer_new_in_one_window_does_not_empty_it():
    # With a footer of fifty words all texts of the window are near-copies of each other.
    rng = np.random.default_rng(0)
    words = np.array([f"w{a}{b}" for a in "abcdefghij" for b in "klmnopqrst"])
    footer = " ".join(f"f{a}{b}" for a in "abcde" for b in "klmnopqrst")
    before = [" ".join(rng.choice(words, size=12)) for _ in range(150)]
    after = [" ".join([*rng.choice(words, size=12), footer]) for _ in range(150)]
    pair = paired_documents(window(before), window(after))
    assert pair.templated
    assert [len(documents) for documents in pair.merged] == [150, 150]
