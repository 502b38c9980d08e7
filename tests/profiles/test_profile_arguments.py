"""What is no stream of lists of texts, and settings no profile can be made with, are told with the remedy."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from textdrift.errors import ProfileError, SettingsError
from textdrift.profiles import profile_texts
from textdrift.profiles.profile_arguments import checked_settings
from textdrift.tokens.tokenization import Tokenization

COLUMN = {"text": ["good film", "bad film"]}


@pytest.mark.parametrize(
    ("batches", "said"),
    [
        (["good film", "bad film"], r"batch 0 is 'good film' \(str\).*wrap them, \[\['good film', …\]\]"),
        ([["fine"], b"abc"], r"batch 1 is b'abc' \(bytes\).*list or an array"),
        (pa.array(["good film"]), r"batch 0 is .*StringScalar.*wrap them"),
        (np.array(["good film"]), r"batch 0 is .*wrap them"),
        (pl.Series(["good film"]), r"batch 0 is 'good film'"),
        ("abc", r"the batches are 'abc' \(str\).*wrap them"),
        (b"abc", r"the batches are b'abc' \(bytes\)"),
        (None, r"the batches are None \(NoneType\)"),
        (COLUMN, r"a table \(dict\).*textdrift\.profile\(table\)"),
        (pd.DataFrame(COLUMN), r"a table \(DataFrame\).*textdrift\.profile\(table\)"),
        (pl.DataFrame(COLUMN), r"a table \(DataFrame\).*textdrift\.profile\(table\)"),
        (pl.LazyFrame(COLUMN), r"a table \(LazyFrame\).*textdrift\.profile\(table\)"),
        (pa.table(COLUMN), r"a table \(Table\).*textdrift\.profile\(table\)"),
        ([pa.table(COLUMN)], r"batch 0 is a table \(Table\).*textdrift\.profile\(\*tables\)"),
        ([{"text": "a"}], r"batch 0 is a table \(dict\)"),
    ],
)
def test_what_is_no_stream_of_lists_of_texts_is_told(batches, said):
    with pytest.raises(ProfileError, match=said):
        profile_texts(batches)


def test_a_text_where_groups_were_needed_is_told():
    with pytest.raises(ProfileError, match=r"batch 0 of groups is 'ab' \(str\)"):
        profile_texts([["one", "two"]], groups=["ab"])


@pytest.mark.parametrize(
    ("tokenization", "said"),
    [
        ("tweet", r"write Tokenization\(tokenizer='tweet'\)"),
        ("bigrams", r"write Tokenization\(unit='bigrams'\)"),
        ({"unit": "bigrams", "stemmer": "english"}, r"write Tokenization\(unit='bigrams', stemmer='english'\)"),
        (str.split, r"write Tokenization\(tokenizer=your_function\)"),
        (3, r"is 3 \(int\).*write Tokenization\(tokenizer='tweet'\)"),
    ],
)
def test_what_is_no_tokenization_is_told_how_to_be_one(tokenization, said):
    with pytest.raises(SettingsError, match=said):
        profile_texts([["a"]], tokenization=tokenization)


def test_collocations_are_not_profiled():
    with pytest.raises(ProfileError, match=r"decided over both windows.*count unit='bigrams'"):
        profile_texts([["a b"]], tokenization=Tokenization(unit="collocations"))


@pytest.mark.parametrize("n_bins", ["256", 256.0, True, None])
def test_bins_that_are_no_whole_number_are_told(n_bins):
    with pytest.raises(SettingsError, match=r"n_bins is .*a whole number was needed"):
        profile_texts([["a"]], n_bins=n_bins)


@pytest.mark.parametrize("n_bins", [0, -2, 100, 2**17])
def test_bins_that_are_no_power_of_two_or_too_many_are_told_even_without_texts(n_bins):
    with pytest.raises(SettingsError, match="power of two from 1 to 65,536"):
        profile_texts([], n_bins=n_bins)


def test_bins_may_be_any_whole_number_that_fits():
    assert checked_settings(None, np.int64(512)) == (Tokenization(), 512)
    assert checked_settings(None, 65_536)[1] == 65_536
