"""Copies of one text are one document."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from textdrift.windows.duplicates import distinct_documents, merged_documents
from textdrift.windows.window import Roles, Window


def window_of(texts, chunks=1):
    cuts = np.array_split(np.arange(len(texts)), chunks)
    column = pa.chunked_array([[texts[i] for i in cut] for cut in cuts], pa.large_string())
    return Window(pa.table({"text": column}), Roles(text="text"), "today")


def test_copies_collapse_and_keep_the_order_of_their_first_rows():
    documents = distinct_documents(window_of(["b", "a", "b", "c", "a", "b"]))
    assert documents.texts.to_pylist() == ["b", "a", "c"]
    assert documents.document_of_row.tolist() == [0, 1, 0, 2, 1, 0]
    assert documents.first_rows.tolist() == [0, 1, 3]
    assert documents.sizes.tolist() == [3, 2, 1]
    assert len(documents) == 3


def test_rows_without_a_text_belong_to_no_document():
    documents = distinct_documents(window_of([None, "a", "", " \t", "a", None]))
    assert documents.document_of_row.tolist() == [-1, 0, -1, -1, 0, -1]
    assert documents.first_rows.tolist() == [1]
    assert documents.texts.to_pylist() == ["a"]


def test_texts_that_differ_in_one_character_are_no_copies():
    texts = ["Good", "good", "good ", "good.", "go\u0301od", "g\u00f3od"]
    assert len(distinct_documents(window_of(texts))) == len(texts)


def test_copies_collapse_across_chunks():
    texts = ["a", "b", None, "a", "c", "b", "a"]
    whole, cut = distinct_documents(window_of(texts)), distinct_documents(window_of(texts, chunks=4))
    assert cut.texts.equals(whole.texts)
    assert cut.texts.type == pa.large_string()
    np.testing.assert_array_equal(cut.document_of_row, whole.document_of_row)
    np.testing.assert_array_equal(cut.first_rows, whole.first_rows)


def test_every_row_of_a_window_without_text_is_its_own_document():
    documents = distinct_documents(Window(pa.table({"label": ["x", "x"]}), Roles(text=None, label="label"), "today"))
    assert documents.document_of_row.tolist() == [0, 1]
    assert documents.sizes.tolist() == [1, 1]
    assert len(documents) == 2


@given(st.lists(st.none() | st.text("ab ", max_size=3), min_size=1), st.integers(1, 4))
def test_documents_are_what_a_dictionary_would_hold(texts, chunks):
    first_rows = {}
    for row, text in enumerate(texts):
        if text is not None and text.strip():
            first_rows.setdefault(text, row)
    order = {text: document for document, text in enumerate(first_rows)}
    documents = distinct_documents(window_of(texts, chunks))
    assert documents.texts.to_pylist() == list(first_rows)
    assert documents.first_rows.tolist() == list(first_rows.values())
    assert documents.document_of_row.tolist() == [order.get(text, -1) for text in texts]
    assert documents.sizes.tolist() == [texts.count(text) for text in first_rows]
    usable = documents.document_of_row >= 0
    back = documents.texts.take(pa.array(documents.document_of_row[usable])).to_pylist()
    assert back == [text for text, keep in zip(texts, usable, strict=True) if keep]


def test_merged_documents_keep_every_row_and_the_first_text():
    documents = distinct_documents(window_of(["b", "a", None, "b", "c", "a"]))
    merged = merged_documents(documents, np.array([9, 4, 9]))  # "b" and "c" are one
    assert merged.texts.to_pylist() == ["b", "a"]
    assert merged.document_of_row.tolist() == [0, 1, -1, 0, 0, 1]
    assert merged.first_rows.tolist() == [0, 1]
    assert merged.sizes.tolist() == [3, 2]


def test_documents_that_are_all_different_stay_as_they_are():
    documents = distinct_documents(window_of(["b", "a"]))
    assert merged_documents(documents, np.array([1, 0])) is documents
