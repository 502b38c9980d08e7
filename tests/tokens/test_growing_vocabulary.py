"""A vocabulary that grows: against a dict, and with words that are named later."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from textdrift.tokens.growing_vocabulary import GrowingVocabulary, united_vocabulary
from textdrift.tokens.unnamed import is_unnamed, shown_term, unnamed

TERMS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def strings(terms):
    return pa.array(list(terms), pa.large_string())


@settings(deadline=None)
@given(st.lists(st.lists(TERMS, unique=True, max_size=8), max_size=6))
def test_columns_are_those_of_a_dict(batches):
    vocabulary, term_of_column = GrowingVocabulary(), {}
    for terms in batches:
        columns = vocabulary.columns_of(strings(terms))
        for term, column in zip(terms, columns.tolist(), strict=True):
            assert term_of_column.setdefault(column, term) == term
    assert len(vocabulary) == len(term_of_column) == len({term for terms in batches for term in terms})
    assert sorted(term_of_column) == list(range(len(vocabulary)))
    found, place = vocabulary.sorted_terms()
    assert found == tuple(sorted(term_of_column.values()))
    assert all(found[place[column]] == term for column, term in term_of_column.items())


@settings(deadline=None)
@given(st.lists(st.lists(st.tuples(TERMS, st.booleans()), max_size=5), max_size=5), st.randoms(use_true_random=False))
def test_a_hash_goes_under_its_name_in_whatever_order_they_meet(batches, random):
    vocabularies = [list({unnamed(t) if hidden else t for t, hidden in batch}) for batch in batches]
    named = {t for v in vocabularies for t in v if not is_unnamed(t)}
    hashes = {t for v in vocabularies for t in v if is_unnamed(t)} - {unnamed(t) for t in named}
    expected = tuple(sorted(named | hashes))
    for _ in range(3):
        random.shuffle(vocabularies)
        terms, columns = united_vocabulary(*map(strings, vocabularies))
        assert terms == expected
        for vocabulary, of_vocabulary in zip(vocabularies, columns, strict=True):
            for term, column in zip(vocabulary, of_vocabulary.tolist(), strict=True):
                assert term in {terms[column], unnamed(terms[column])}


def test_a_name_and_its_hash_in_one_vocabulary_have_one_column():
    vocabulary = GrowingVocabulary()
    assert vocabulary.columns_of(strings([unnamed("zoe"), "film", "zoe"])).tolist()[0::2] in ([0, 0], [1, 1])
    assert vocabulary.sorted_terms()[0] == ("film", "zoe")


def test_a_hash_is_no_word_for_people():
    assert shown_term(unnamed("zoe")) == "(unnamed word)"
    assert not is_unnamed(unnamed("zoe")[:-1])
    assert not is_unnamed(unnamed("zoe") + "\n")
    assert len({unnamed(term) for term in map(str, range(1000))}) == 1000


def test_an_empty_union_has_no_terms():
    terms, columns = united_vocabulary()
    assert (terms, columns) == ((), [])
    assert united_vocabulary(strings([]))[1][0].dtype == np.int64
