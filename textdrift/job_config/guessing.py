"""Which column plays which part, guessed from names and contents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from textdrift.errors import SettingsError, nearest_name
from textdrift.job_config.column_contents import (
    decimal_comma_in,
    distinct_values,
    is_feature,
    is_segment,
    is_string,
    is_time,
    is_unique,
    numbers_in,
    size_of_texts,
    values_in,
)
from textdrift.job_config.left_out import left_out_sentences
from textdrift.reports.visible_text import clipped

__all__ = ["GuessedRoles", "guess_roles", "text_by_name"]

# Whole names that say a part, the surest first.
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
    "id": ("id", "uuid", "guid", "message_id", "row_id", "tweet_id", "document_id", "record_id", "request_id", "key"),
    "group": (
        "group", "user", "user_id", "userid", "author", "author_id", "customer_id", "session", "session_id", "thread",
        "thread_id", "conversation_id",
    ),
    "embeddings": ("embedding", "embeddings", "vector", "vectors"),
}  # fmt: skip
# Words that a name says a part by where no whole name does.
_WORDS = {
    "label": ("label", "labels", "target", "class", "gold", "truth", "sentiment", "annotation"),
    "prediction": ("pred", "prediction", "predicted", "yhat"),
    "time": ("time", "timestamp", "datetime", "date", "created", "received", "sent", "posted", "published", "at", "ts"),
    "id": ("id", "ids", "uuid", "guid", "key", "no", "nr", "number"),
    "group": ("user", "author", "customer", "session", "thread", "conversation", "speaker", "account"),
    "embeddings": ("embedding", "embeddings", "vector", "vectors"),
}
_ORDER = ("embeddings", "time", "id", "prediction", "label", "group")
_OF_A_GROUP = ("id", "name", "handle", "key", "uuid", "no")
# A group counts once, so that fewer, or fewer for so many rows, could show next to nothing.
_FEWEST_GROUPS, _SHARE_OF_GROUPS = 10, 0.05
_PREFIXES = ("p", "prob", "proba", "probability", "score")
_MOST_CLASSES = 60
_MOST_SEGMENTS = 3
_MOST_FEATURES = 20
_SUM_OFF = 1e-3
_LONGEST_SHOWN = 300


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
    features:
        Columns of numbers or names that no other part was found for.
    reasons:
        Part to what the guess rests on.
    unsure:
        Part to a column that may play it, where none surely does, and what speaks for it or against it.
    left_out:
        A sentence for the columns of each kind that could be used and are not.
    """

    single: dict[str, str]
    probabilities: dict[str, str] = field(default_factory=dict)
    segments: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    reasons: dict[str, str] = field(default_factory=dict)
    unsure: dict[str, tuple[str, str]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def told(self) -> Iterator[str]:
        """Yield each guess as a line for a person, those that are not sure last, and then what is left out."""
        listed = {role: [column] for role, column in self.single.items()}
        listed |= {"probabilities": [*self.probabilities.values()], "segments": [*self.segments]}
        for role, columns in (listed | {"features": [*self.features]}).items():
            if columns:
                yield f"guessed {role}: {', '.join(columns)} ({self.reasons[role]})"
        for role, (column, reason) in self.unsure.items():
            yield f"not sure of {role}: {column} ({reason}); it stands there as a comment"
        yield from self.left_out


def guess_roles(table: pa.Table, *, text: str | None = None) -> GuessedRoles:
    """Guess the part of each column.

    A name decides first, where the contents can play the part: a whole name, then a word in it. The text, the time, the
    segments and the features are found by their contents too: the text is the column with the longest strings that
    mostly differ and hold more than one word.

    Parameters
    ----------
    table:
        Any rows.
    text:
        The column of the texts, where it is known.

    Raises
    ------
    SettingsError
        When no column looks like texts, or anything else to compare, or there is no such column.

    Examples
    --------
    >>> table = pa.table({
    ...     "body": ["where is my parcel?", "it came today, thank you", "it never came"],
    ...     "label": ["question", "praise", "complaint"],
    ...     "order_no": [17, 18, 19],
    ... })
    >>> guess_roles(table).single
    {'text': 'body', 'id': 'order_no', 'label': 'label'}
    """
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    if text is not None and text not in columns:
        raise SettingsError(f"no column {text!r}; {nearest_name(text, columns)}")
    single, reasons = _single(columns, text)
    taken = set(single.values())
    labels = values_in(columns[single["label"]]) if "label" in single else ()
    probabilities = _probabilities(columns, labels, taken)
    taken |= set(probabilities.values())
    commas = {name: number for name in columns if name not in taken and (number := decimal_comma_in(columns[name]))}
    sliced = [name for name in columns if name not in taken and is_segment(columns[name])]
    segments = tuple(sliced[:_MOST_SEGMENTS])
    unsure = _unsure(columns, single, taken | {*segments, *commas})
    taken |= {*segments, *commas, *(name for name, _ in unsure.values())}
    rest = [name for name in columns if name not in taken and not _is_named("id", name)]
    found = [name for name in rest if is_feature(columns[name])]
    features = tuple(found[:_MOST_FEATURES])
    too_many = {"segments": sliced[_MOST_SEGMENTS:], "features": found[_MOST_FEATURES:]}
    left_out = tuple(left_out_sentences(too_many, commas))
    if not (features or any(role in single for role in ("text", "label", "prediction"))):
        shown = clipped(", ".join(map(repr, columns)), _LONGEST_SHOWN) or "none"
        raise SettingsError(
            f"no column looks like texts, nor like anything else to compare, among {shown}; {_TO_BE_NAMED}"
            f"{''.join(f'; {sentence}' for sentence in left_out)}"
        )
    return GuessedRoles(single, probabilities, segments, features, reasons | _REASONS, unsure, left_out)


_TO_BE_NAMED = (
    "name the texts with --text COLUMN. A table of numbers is compared by columns of numbers that differ, and that are "
    "not called an id: name them in a job file, columns: {text: null, features: [COLUMN]}, or by textdrift compare "
    "--text '' --features COLUMN"
)
_REASONS = {
    "probabilities": "they lie between 0 and 1 and add up to 1",
    "segments": "they hold a few values, each in many rows",
    "features": "numbers or names that no other part was found for",
}


def _single(columns: Mapping[str, pa.Array], text: str | None) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parts that one column plays, and what each guess rests on."""
    single, reasons = {}, {}
    texts = (text, "you named it") if text is not None else _text(columns)
    if texts is not None:
        single["text"], reasons["text"] = texts
    for role in _ORDER:
        for name, reason in _named(role, columns):
            if name not in single.values() and _can_play(role, columns[name]):
                single[role], reasons[role] = name, reason
                break
    times = [name for name in columns if name not in single.values() and _is_timestamp(columns[name])]
    if "time" not in single and len(times) == 1:
        single["time"], reasons["time"] = times[0], "the only column of times"
    return single, reasons


def text_by_name(columns: Iterable[str]) -> str | None:
    """Return the column that by its name may hold the texts.

    >>> text_by_name(["id", "Review_Body", "rating"]), text_by_name(["id", "amount"])
    ('Review_Body', None)
    """
    columns = list(columns)
    for name, _ in _named("text", columns):
        return name
    return next((name for name in columns if any(part in _NAMES["text"] for part in _plain(name).split("_"))), None)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")


def _named(role: str, columns: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the columns whose names say a role, the surest first, and how."""
    whole = _NAMES[role]
    names = sorted((name for name in columns if _plain(name) in whole), key=lambda name: whole.index(_plain(name)))
    yield from ((name, "by its name") for name in names)
    for name in columns:
        parts = _plain(name).split("_")
        if role == "id":  # id_of_x is something else
            parts = parts[-1:]
        elif role == "group":  # user_id is a user, and user_timezone is none
            parts = [part for part in parts if part not in _OF_A_GROUP][-1:]
        if name not in names and any(word in parts for word in _WORDS.get(role, ())):
            yield name, "by a word in its name"


def _is_named(role: str, name: str) -> bool:
    return any(True for _ in _named(role, [name]))


def _text(columns: Mapping[str, pa.Array]) -> tuple[str, str] | None:
    strings = {name: column for name, column in columns.items() if is_string(column)}
    for name, reason in _named("text", strings):
        return name, reason
    sizes = {name: size for name, column in strings.items() if (size := size_of_texts(column)) is not None}
    return (max(sizes, key=lambda name: sizes[name]), "the longest strings of several words") if sizes else None


def _can_play(role: str, column: pa.Array) -> bool:
    kind = column.type
    if column.null_count == len(column):
        return False
    if role == "embeddings":
        return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))
    if role == "time":
        return is_time(column)
    if pa.types.is_nested(kind) or pa.types.is_floating(kind) or _is_timestamp(column):
        return False
    n_rows, n_values = len(column), distinct_values(column)
    if role == "id":
        return is_unique(column)
    fewest, most = (
        (max(_FEWEST_GROUPS, _SHARE_OF_GROUPS * n_rows), n_rows - 1)
        if role == "group"
        else (0, min(_MOST_CLASSES, n_rows // 2 + 2))
    )
    return max(1, fewest) <= n_values <= most


def _is_timestamp(column: pa.Array) -> bool:
    return bool(pa.types.is_timestamp(column.type) or pa.types.is_date(column.type)) and is_time(column)


def _unsure(
    columns: Mapping[str, pa.Array], single: Mapping[str, str], taken: Iterable[str]
) -> dict[str, tuple[str, str]]:
    """Return for each part that nothing surely plays the first column that may."""
    left = {name: column for name, column in columns.items() if name not in set(taken)}
    found: dict[str, tuple[str, str]] = {}

    def propose(role: str, name: str, reason: str) -> None:
        if role not in single and role not in found and name not in {column for column, _ in found.values()}:
            found[role] = (name, reason)

    for name, column in left.items():
        if _is_named("time", name) and pa.types.is_integer(column.type):
            propose("time", name, "its name says so, and it holds numbers: convert it to timestamps")
        elif is_time(column):
            propose("time", name, "one of several columns of times")
        if _is_named("id", name) and not is_unique(column):
            propose("id", name, "its name says so, and it does not tell all rows apart")
        elif _tells_rows_apart(column):
            propose("id", name, "each row has a value of its own")
        if _is_named("group", name) and 1 < (n_groups := distinct_values(column)) < len(column):
            propose("group", name, f"its name says so, and {n_groups:,} groups are few: each would count once")
        if "rating" in name.lower() or "stars" in name.lower():
            propose("label", name, "a rating may be what a model learns")
    return found


def _tells_rows_apart(column: pa.Array) -> bool:
    """Whether each row has a name of its own that is no text, no time and, where a csv file has it, no number."""
    is_name = is_string(column) and is_unique(column) and size_of_texts(column) is None
    return is_name and not is_time(column) and numbers_in(column) is None


def _probabilities(columns: Mapping[str, pa.Array], labels: Sequence[str], taken: Iterable[str]) -> dict[str, str]:
    """Return a column of shares for each label, where their names end or begin alike and they add up to 1."""
    numbers = {name: numbers_in(column) for name, column in columns.items() if name not in set(taken)}
    shares = {name: n for name, n in numbers.items() if n is not None and len(n) and n.min() >= 0 and n.max() <= 1}
    found: dict[str, str] = {}
    if not labels:  # the classes are what stands behind p_ or prob_
        parts = {name: _plain(name).partition("_") for name in shares}
        found = {last: name for name, (first, _, last) in parts.items() if first in _PREFIXES and last}
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
