"""What the datasets library has besides a Dataset: each is told what to pass instead, and that works."""

import datasets
import pytest

from textdrift.errors import SettingsError
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles

FEATURES = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])})
ROWS = datasets.Dataset.from_dict({"text": ["good", "bad", "fine"], "label": [1, 0, 1]}, features=FEATURES)
ROLES = Roles(label="label")


def test_a_stream_is_told_to_take_rows_and_what_it_is_told_works():
    stream = ROWS.to_iterable_dataset()
    with pytest.raises(SettingsError, match="a stream, and a window has an end") as refused:
        read_window(stream, ROLES, name="w")
    advice = str(refused.value).partition("so many of its rows: ")[2].replace("10_000", "2")
    window = read_window(eval(advice, {"datasets": datasets, "stream": stream}), ROLES, name="w")  # noqa: S307 - our own line
    assert window.column("label").to_pylist() == ["pos", "neg"]


def test_a_stream_of_splits_names_them():
    splits = datasets.IterableDatasetDict({"train": ROWS.to_iterable_dataset()})
    with pytest.raises(SettingsError, match=r"several splits \(train\); pass one of them"):
        read_window(splits, ROLES, name="w")


def test_selected_rows_of_a_split_are_read_with_the_names_of_their_labels():
    split = datasets.DatasetDict({"train": ROWS})["train"].select([2, 1])
    assert read_window(split, ROLES, name="w").column("label").to_pylist() == ["pos", "neg"]
