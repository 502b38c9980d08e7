from __future__ import annotations

import numpy as np
import pytest

from textdrift.drift.lexical.explaining import explain_words
from textdrift.drift.lexical.token_frequency import TokenFrequency
from textdrift.drift.lexical.word_shift import sentiment_shift


def tables_of(windows, **more):
    return {table.name: table.rows for table in explain_words(*windows, **more)}


def test_the_parts_of_the_word_shift_add_up_to_the_divergence_that_the_test_reports(draw, counted) -> None:
    rng = np.random.default_rng(0)
    windows = counted(draw(150, rng), [f"{text} brandnew" if i % 3 else text for i, text in enumerate(draw(120, rng))])
    for min_documents in (2, 5, 20):
        result = TokenFrequency(n_permutations=99, min_documents=min_documents).compare(*windows, rng=rng)
        parts = [row["part"] for row in tables_of(windows, min_documents=min_documents)["word_shift"]]
        assert sum(parts) == pytest.approx(result.sizes["js_bits"], rel=1e-9)


def test_documents_are_those_that_hold_the_words_of_their_window(counted) -> None:
    before = [f"parcel{chr(97 + i)} on time" for i in range(20)] + ["parcelz early today"]
    after = [f"box{chr(97 + i)} on time" for i in range(18)] + ["boxy lost in a storm", "boxz lost in a storm again"]
    many = counted(before * 1 + [f"x{i} on time" for i in range(40)], after + [f"y{i} lost at sea" for i in range(40)])
    documents = tables_of(many)["documents"]
    current = [row for row in documents if row["window"] == "current"]
    assert current[0]["score"] == 1.0
    assert all("lost" in row["words"] for row in current[:5])
    assert [row["score"] for row in current] == sorted((row["score"] for row in current), reverse=True)
    reference = [row for row in documents if row["window"] == "reference"]
    assert all({"on", "time"} & set(row["words"]) for row in reference)


def test_windows_that_do_not_differ_have_no_stories_and_no_documents(draw, counted) -> None:
    documents = draw(100, np.random.default_rng(1))
    tables = tables_of(counted(documents, documents))
    assert "stories" not in tables
    assert "documents" not in tables


def test_the_sentiment_of_labels_without_an_order_is_not_made_up(draw, counted) -> None:
    rng = np.random.default_rng(2)
    windows = counted(draw(80, rng), draw(80, rng))
    shares = np.eye(2)[rng.integers(0, 2, size=80)]
    assert "sentiment_shift" not in tables_of(windows, shares=shares, label_names=("sports", "politics"))
    assert "sentiment_shift" not in tables_of(
        windows, shares=np.eye(13)[np.arange(80) % 13], label_names=tuple("0123456789abc")
    )
    ids = tuple(str(i) for i in range(80))
    assert "sentiment_shift" not in tables_of(windows, shares=np.eye(80), label_names=ids)
    assert "sentiment_shift" in tables_of(windows, shares=shares, label_names=("1", "5"))


def test_the_standard_error_of_the_mean_sentiment_is_that_of_resampled_documents(draw, counted) -> None:
    rng = np.random.default_rng(3)
    reference, current = counted(draw(300, rng), draw(250, rng))
    scores = rng.normal(size=len(reference.terms))
    stated = sentiment_shift(reference, current, scores).standard_error
    changes = []
    for _ in range(400):
        first, second = (side.taken(rng.integers(0, len(side), size=len(side))) for side in (reference, current))
        changes.append(sentiment_shift(first, second, scores).change)
    assert np.std(changes) == pytest.approx(stated, rel=0.15)
