"""Documents with their segments and topics: copies and groups count once, very many are sampled and that is said."""

import numpy as np
import pyarrow as pa

from textdrift.drift.embedding.segments import MeaningInSegments
from textdrift.drift.lexical.segments import WordsInSegments
from textdrift.drift.preparing_slices import named_topics, segments_of, sliced_vectors, sliced_words, topic_column
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles

ABOUT = {"bags": "my bag was lost at the belt", "crew": "the crew on board was kind"}


def pair(rng, n=300, *, roles=None, copies=1, column="region"):
    roles = roles or Roles(text="text", segments=(column,))
    windows = []
    for side in ("reference", "current"):
        topic = rng.integers(2, size=n)
        texts = [
            f"{list(ABOUT.values())[about]} {' '.join(f'{side}{word}' for word in rng.integers(10**6, size=3))}"
            for about in topic
        ]
        table = {"text": texts, column: np.array(["north", "south"])[rng.integers(2, size=n)].tolist()}
        table |= {"who": [f"{side}{i // 3}" for i in range(n)]}
        taken = np.repeat(np.arange(n), copies)
        windows.append(read_window(pa.table(table).take(pa.array(taken)), roles, name=side))
    return WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None)


def test_a_copy_of_a_text_counts_once():
    both = pair(np.random.default_rng(0), 120, copies=4)
    prepared = sliced_words(both, WordsInSegments())
    assert (len(prepared.reference), len(prepared.current)) == (120, 120)
    assert prepared.reference.segments.columns == ("region",)


def test_one_document_of_each_group_is_looked_at_and_that_is_said():
    roles = Roles(text="text", segments=("region",), group="who")
    prepared = sliced_vectors(pair(np.random.default_rng(1), 300, roles=roles), MeaningInSegments())
    assert (len(prepared.reference), len(prepared.current)) == (100, 100)
    assert "One document of each of 200 groups" in prepared.notes[-1]


def test_very_many_documents_are_sampled_and_that_is_said():
    both = pair(np.random.default_rng(2))
    prepared = sliced_words(both, WordsInSegments(max_documents=90))
    assert (len(prepared.reference), len(prepared.current)) == (90, 90)
    assert prepared.notes[0] == "Segments were searched in a random sample of 90 of the 300 reference documents."
    rows = both.documents[0].first_rows[prepared.documents[0]]
    names = prepared.reference.segments.values[0]
    values = [names[code] for code in prepared.reference.segments.codes[:, 0]]
    assert values == [both.windows[0].column("region")[int(row)].as_py() for row in rows]


def test_topics_are_named_by_their_words_and_the_same_for_whoever_asks():
    both = pair(np.random.default_rng(3))
    topics = named_topics(both)
    assert len(set(topics.names)) == len(topics.names) >= 4
    assert any("belt" in name or "bag" in name for name in topics.names)
    again = named_topics(both)
    assert again.names == topics.names
    np.testing.assert_array_equal(again.codes[1], topics.codes[1])
    prepared = sliced_vectors(both, MeaningInSegments())
    assert prepared.current.segments.columns == ("region", "topic")
    np.testing.assert_array_equal(prepared.current.segments.codes[:, 1], topics.codes[1])


def test_topics_have_another_name_where_a_column_has_theirs():
    both = pair(np.random.default_rng(4), 120, column="topic")
    assert topic_column(both) == "topic of the text"
    assert segments_of(both, both.every_document)[0].columns == ("topic",)


def test_windows_without_words_or_texts_in_common_columns_have_topics_by_number():
    rng = np.random.default_rng(5)
    roles = Roles(text=None, segments=("region",), embeddings="vector")
    windows = []
    for side in ("reference", "current"):
        points = rng.normal(size=(80, 4)).astype(np.float32)
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(points.ravel()), 4)
        table = pa.table({"vector": vectors, "region": ["north", "south"] * 40})
        windows.append(read_window(table, roles, name=side))
    both = WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None)
    assert named_topics(both).names[0] == "topic 1"
