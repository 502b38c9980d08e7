"""Which column plays which part, guessed from names and contents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.errors import SettingsError, TextdriftError, nearest_name
from textdrift.windows.time_column import times_of

__all__ = ["GuessedRoles", "guess_roles"]

_NAMES = {
    "text": (
        "text", "body", "message", "comment", "review", "content", "tweet", "utterance", "query", "sentence",
        "description", "document", "post", "feedback",
    ),
    "label": (
        "label", "target", "class", "true_label", "gold", "y", "y_true", "sentiment", "category", "airline_sentiment",
        "ground_truth", "annotation",
    ),
    "prediction": (
        "prediction", "pred", "predicted", "y_pred", "predicted_label", "prediction_label", "model_prediction",
        "model_output", "answer",
    ),
    "time": (
        "timestamp", "time", "datetime", "created_at", "created", "date", "ts", "sent_at", "received_at", "event_time",
        "tweet_created",
    ),
    "id": ("id", "uuid", "guid", "message_id", "row_id", "tweet_id", "document_id", "record_id", "request_id"),
    "group": (
        "group", "user", "user_id", "userid", "author", "author_id", "customer_id", "session", "session_id", "thread",
        "thread_id", "conversation_id",
    ),
    "embeddings": ("embedding", "embeddings", "vector", "vectors"),
}  # fmt: skip
_ORDER = ("embeddings", "time", "id", "label", "prediction", "group")
_MOST_CLASSES = 60
_MOST_SEGMENTS = 3
_SLICES = (2, 30)
_SMALLEST_SLICE = 0.02
_SHORTEST_TEXT = 12
_SHARE_OF_PHRASES = 0.5
_FEWEST_DISTINCT = 0.2
_SUM_OFF = 1e-3


@dataclass(frozen=True, slots=True)
class GuessedRoles:
    """Which column plays which part, and what each guess rests on.

    Attributes
    ----------
    single:
        Part to column: text, label, prediction, time, id, group, embeddings, those that were found.
    probabilities:
        Label to column.
    segments:
        Columns of a few values.
    reasons:
        Part to what the guess rests on.
    """

    single: dict[str, str]
    probabilities: dict[str, str] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)


def guess_roles(table: pa.Table, *, text: str | None = None) -> GuessedRoles:
    """Guess the part of each column.

    A name decides first, where the contents can play the part; the text and the segments are found by their contents
    too: the text is the column with the longest strings that mostly differ and hold more than one word.

    Parameters
    ----------
    table:
        Any rows.
    text:
        The column of the texts, where it is known.

    Raises
    ------
    SettingsError
        When no column looks like texts, or there is no such column.

    Examples
    --------
    >>> table = pa.table({
    ...     "body": ["where is my parcel?", "it came today, thank you", "it never came"],
    ...     "label": ["question", "praise", "complaint"],
    ... })
    >>> guess_roles(table).single
    {'text': 'body', 'label': 'label'}
    """
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    if text is not None and text not in columns:
        raise SettingsError(f"no column {text!r}; {nearest_name(text, columns)}")
    single, reasons = {}, {}
    single["text"], reasons["text"] = (text, "you named it") if text is not None else _text(columns)
    for role in _ORDER:
        for name in _named(role, columns):
            if name not in single.values() and _can_play(role, columns[name]):
                single[role], reasons[role] = name, "by its name"
                break
    if "prediction" not in single and "label" in single:
        _guess_prediction(columns, single, reasons)
    labels = _values(columns[single["label"]]) if "label" in single else ()
    taken = set(single.values())
    probabilities = _probabilities(columns, labels, taken)
    if probabilities:
        reasons["probabilities"] = "they lie between 0 and 1 and add up to 1"
    taken |= set(probabilities.values())
    segments = tuple(name for name in columns if name not in taken and _is_segment(columns[name]))[:_MOST_SEGMENTS]
    if segments:
        reasons["segments"] = "they hold a few values, each in many rows"
    return GuessedRoles(single, probabilities, segments, reasons)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")


def _named(role: str, columns: Sequence[str] | dict[str, pa.Array]) -> list[str]:
    """Return the columns whose names say a role, the surest first."""
    words = _NAMES[role]
    return sorted((name for name in columns if _plain(name) in words), key=lambda name: words.index(_plain(name)))


def _is_string(column: pa.Array) -> bool:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _text(columns: dict[str, pa.Array]) -> tuple[str, str]:
    strings = {name: column for name, column in columns.items() if _is_string(column)}
    for name in _named("text", strings):
        return name, "by its name"
    sizes = {name: size for name, column in strings.items() if (size := _size_of_texts(column)) is not None}
    if not sizes:
        raise SettingsError(
            f"no column looks like texts among {', '.join(map(repr, columns)) or 'none'}; name it with --text COLUMN"
        )
    return max(sizes, key=lambda name: sizes[name]), "the longest strings of several words"


def _size_of_texts(column: pa.Array) -> float | None:
    """Return the mean length of the strings of a column, ``None`` where they are no texts."""
    strings = column.cast(pa.large_string()).drop_null()
    if not len(strings):
        return None
    length = float(pc.mean(pc.utf8_length(strings)).as_py())
    phrases = float(pc.mean(pc.match_substring(strings, " ").cast(pa.int8())).as_py())
    distinct = pc.count_distinct(strings).as_py() / len(strings)
    is_text = length >= _SHORTEST_TEXT and phrases >= _SHARE_OF_PHRASES and distinct >= _FEWEST_DISTINCT
    return length if is_text else None


def _can_play(role: str, column: pa.Array) -> bool:
    kind = column.type
    if column.null_count == len(column):
        return False
    if role == "embeddings":
        return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))
    if role == "time":
        return _is_time(column)
    if pa.types.is_nested(kind):
        return False
    n_values = int(pc.count_distinct(column).as_py())
    if role in {"id", "group"}:
        return n_values > 1 if role == "group" else n_values == len(column)
    return n_values <= min(_MOST_CLASSES, len(column) // 2 + 2) and not pa.types.is_floating(kind)


def _is_time(column: pa.Array) -> bool:
    if not (pa.types.is_timestamp(column.type) or pa.types.is_date(column.type) or _is_string(column)):
        return False
    try:
        return bool(times_of(pa.chunked_array([column]), "time").null_count == column.null_count)
    except TextdriftError:
        return False


def _values(column: pa.Array) -> tuple[str, ...]:
    return tuple(map(str, pc.unique(column.drop_null()).to_pylist()))


def _guess_prediction(columns: dict[str, pa.Array], single: dict[str, str], reasons: dict[str, str]) -> None:
    labels = set(_values(columns[single["label"]]))
    for name, column in columns.items():
        if name in single.values() or not _can_play("prediction", column):
            continue
        if len(labels) > 1 and "pred" in name.lower() and set(_values(column)) <= labels:
            single["prediction"], reasons["prediction"] = name, "it holds the values of the label"
            return


def _probabilities(columns: dict[str, pa.Array], labels: Sequence[str], taken: set[str]) -> dict[str, str]:
    """Return a column of shares for each label, where their names end or begin alike and they add up to 1."""
    numbers = {name: _numbers(column) for name, column in columns.items() if name not in taken}
    shares = {name: n for name, n in numbers.items() if n is not None and len(n) and n.min() >= 0 and n.max() <= 1}
    found: dict[str, str] = {}
    for label in labels:
        ends = [
            name for name in shares if _plain(name).split("_", 1)[-1] == _plain(label) and name not in found.values()
        ]
        if ends:
            found[label] = ends[0]
    if len(found) < max(2, len(labels)):
        return {}
    total = np.sum([shares[name] for name in found.values()], axis=0)
    return found if np.abs(total - 1).max() <= _SUM_OFF else {}


def _numbers(column: pa.Array) -> NDArray[np.float64] | None:
    """Return the numbers of a column that has one in each row, which in a csv file are strings; else ``None``."""
    if column.null_count or not (pa.types.is_floating(column.type) or _is_string(column)):
        return None
    try:
        return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    except pa.ArrowInvalid:
        return None


def _is_segment(column: pa.Array) -> bool:
    if not (_is_string(column) or pa.types.is_boolean(column.type)) or not len(column):
        return False
    counts = pc.value_counts(column.drop_null()).field("counts").to_numpy(zero_copy_only=False)
    fewest, most = _SLICES
    return bool(fewest <= len(counts) <= most and (np.sort(counts)[-2:] >= _SMALLEST_SLICE * len(column)).all())
