"""On real texts the default tokens are NLTK's wordpunct; they lie outside the project, see ``TEXTDRIFT_DATA``."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from nltk.tokenize import wordpunct_tokenize

from textdrift.tokens.tokenizing import WordTokenizer

FOLDER = os.environ.get("TEXTDRIFT_DATA", "")
FILES = sorted(Path(FOLDER).glob("*.parquet")) if FOLDER else []
MOST = 20_000  # texts of a file: NLTK splits some ten thousand a second


@pytest.mark.skipif(not FILES, reason="TEXTDRIFT_DATA names no folder of parquet files with a column text")
def test_real_texts_have_the_tokens_of_wordpunct():
    n_texts = 0
    for file in FILES:
        if "text" not in pq.read_schema(file).names:
            continue
        column = pq.read_table(file, columns=["text"]).column("text").cast(pa.large_string()).combine_chunks()
        texts = column.drop_null()[:MOST]
        ours = WordTokenizer().tokens(texts).to_pylist()
        for text, tokens in zip(texts.to_pylist(), ours, strict=True):
            assert tokens == wordpunct_tokenize(text.lower()), file.name
        n_texts += len(texts)
    assert n_texts > 0
