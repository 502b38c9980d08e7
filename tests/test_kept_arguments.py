import datetime as dt
import inspect
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import textdrift
from textdrift.embeddings import HashingEncoder
from textdrift.kept_arguments import kept_arguments


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("week1.csv", "week1.csv"),
        (Path("data") / "week1.csv", "data/week1.csv"),
        ({"path": Path("a.csv"), "start": dt.date(2024, 1, 2)}, {"path": "a.csv", "start": "2024-01-02"}),
        ({"path": "a.csv", "start": None}, "a.csv"),
        ({"path": ["a.csv", "b.csv"]}, {"path": ["a.csv", "b.csv"]}),
        ({"sql": "sqlite:///a.db", "query": "select 1"}, {"sql": "sqlite:///a.db", "query": "select 1"}),
        (None, None),
    ],
)
def test_a_window_is_kept_by_its_path(source, kept):
    assert kept_arguments(reference=source) == {"arguments": {"reference": kept}, "not_kept": {}}


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (pd.DataFrame({"text": ["Ann wrote this"]}), "rows in memory"),
        (["Ann wrote this"], "rows in memory"),
        ({"text": ["Ann wrote this"]}, "rows in memory"),
        ("postgresql://ann:secret@host/db", "an address that may hold a password"),
        ("https://host/a.parquet?token=secret", "an address that may hold a password"),
        ({"sql": "postgresql://ann:secret@host/db", "query": "q"}, "an address that may hold a password"),
        ({"path": ["a.csv", "s3://ann:secret@host/b.csv"]}, "an address that may hold a password"),
        ("Ann wrote\nthis", "a str"),
        ("x" * 5000, "a str"),
        ({"path": np.array(["a"])}, "path is a ndarray"),
    ],
)
def test_rows_and_passwords_are_not_written_into_a_report(source, what):
    kept = kept_arguments(current=source)
    assert kept == {"arguments": {}, "not_kept": {"current": what}}
    assert "Ann" not in json.dumps(kept)
    assert "secret" not in json.dumps(kept)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (HashingEncoder(), "a HashingEncoder"),
        ({"lexical": {"tokenizer": str.split}}, "lexical.tokenizer is a method_descriptor"),
        ([np.zeros((2, 2))] * 2, "a ndarray"),
        (float("nan"), "a float"),
        ({"lexical": {"vocabulary": ["word"] * 9000}}, "a dict too long to be kept"),
        ({("a", "b"): 1}, "it has a tuple for a key"),
    ],
)
def test_what_json_cannot_hold_is_told_by_its_type(value, what):
    assert kept_arguments(tests=value)["not_kept"] == {"tests": what}


def test_what_says_the_same_is_kept_alike():
    empty = kept_arguments(segments=(), probabilities={}, encoder={})["arguments"]
    assert empty == kept_arguments(segments=None, probabilities=None, encoder=None)["arguments"]


def test_numbers_are_kept_with_all_of_their_digits():
    values = {"alpha": 0.012345678901234, "seed": np.int64(3), "cost": {"matrix": {True: {"b": np.float64(1234567.5)}}}}
    kept = json.loads(json.dumps(kept_arguments(**values)["arguments"]))
    assert kept == {"alpha": 0.012345678901234, "seed": 3, "cost": {"matrix": {"True": {"b": 1234567.5}}}}


def test_a_report_accounts_for_every_argument_of_compare():
    texts = [f"parcel {i} came" for i in range(60)]
    report = textdrift.compare(texts, texts, tests={"lexical": {"n_permutations": 199}}, alpha=0.0123456789)
    settings = json.loads(json.dumps(report.to_dict()))["settings"]
    told = {**settings["arguments"], **settings["not_kept"]}
    assert set(told) == set(inspect.signature(textdrift.compare).parameters)
    assert settings["arguments"]["tests"] == {"lexical": {"n_permutations": 199}}
    assert settings["arguments"]["alpha"] == 0.0123456789
    assert settings["not_kept"] == dict.fromkeys(("reference", "current"), "rows in memory")
