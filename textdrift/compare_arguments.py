"""The arguments of compare(), looked at before anything is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from textdrift.embeddings import Embeddings
from textdrift.errors import EmbeddingsError, SettingsError
from textdrift.profiles import Profile
from textdrift.reports.visible_text import clipped, visible
from textdrift.windows.vectors import BESIDE
from textdrift.windows.window import Roles

__all__ = [
    "PROFILE_SUFFIX",
    "GivenEmbeddings",
    "check_columns",
    "check_numbers",
    "check_tests",
    "checked_probabilities",
    "column_names",
    "given_embeddings",
    "is_profile",
    "name_of_source",
    "refuse_profiles",
    "refuse_without_roles",
    "without_canary",
]

PROFILE_SUFFIX = ".profile"
"""The end of the name of a profile's file."""

_LONGEST_PATH = 4096  # of the systems we run on
_LONGEST_NAME = 200
_LONGEST_SHOWN = 80


def without_canary(encoder: Any) -> tuple[Any, Path | None]:
    """Return the encoder as ``resolve_encoder`` takes it, and where its canary is kept."""
    if not isinstance(encoder, Mapping) or encoder.get("canary") is None:
        return encoder, None
    path = encoder["canary"]
    if not isinstance(path, (str, Path)) or not str(path):
        raise SettingsError(f"the encoder setting 'canary' needs the path of a file; got {_shown(path)}")
    rest = {key: value for key, value in encoder.items() if key != "canary"}
    if not Path(path).parent.is_dir():
        raise SettingsError(f"the canary cannot be kept in {str(path)!r}: there is no such folder; make it first")
    return rest or None, Path(path)


def is_profile(source: Any) -> bool:
    """Tell whether a source is a profile or the path of one.

    >>> is_profile("monday.profile"), is_profile("monday.parquet")
    (True, False)
    """
    if isinstance(source, Profile):
        return True
    return isinstance(source, (str, Path)) and str(source).endswith(PROFILE_SUFFIX)


def refuse_profiles(*sources: Any) -> None:
    """Refuse profiles where rows are needed."""
    for source in sources:
        if is_profile(source):
            raise SettingsError(
                f"{_shown(source)} is a profile, of which no text is left, and compare() needs two windows of rows; "
                "two profiles are compared by textdrift.compare_profiles(reference, current)"
            )


@dataclass(frozen=True, slots=True)
class GivenEmbeddings:
    """Vectors that the user has: the column that holds them, or the arrays beside each window."""

    column: str | None = None
    vectors: tuple[Any, Any] = (None, None)
    space: str = "given"


def given_embeddings(embeddings: Any, *, encoder: Any) -> GivenEmbeddings:
    """Return the vectors of the user, from a column, two arrays or two ``Embeddings``."""
    if embeddings is None:
        return GivenEmbeddings()
    if encoder is not None:
        raise SettingsError("embeddings are given and an encoder too; drop one: given vectors are not encoded again")
    if isinstance(embeddings, str) and embeddings:
        return GivenEmbeddings(column=embeddings)
    try:
        vectors = tuple(embeddings)
    except TypeError:
        vectors = ()
    # What has columns is a table, and to walk through it would give their names.
    no_pair = isinstance(embeddings, (str, Mapping)) or hasattr(embeddings, "columns")
    if no_pair or len(vectors) != 2 or any(v is None for v in vectors):  # noqa: PLR2004 - a pair
        raise SettingsError(
            "embeddings needs the name of a column, or two arrays (reference, current) with one vector a row; got "
            f"{_shape_or_value(embeddings)}"
        )
    if sum(isinstance(v, Embeddings) for v in vectors) == 1:
        raise SettingsError("one of the two embeddings says its encoder and the other does not; give both in one form")
    if any(isinstance(v, Embeddings) and v.groups is not None for v in vectors):
        raise SettingsError("embeddings hold groups; name the column of the groups with group= instead")
    encoders = [v.encoder for v in vectors if isinstance(v, Embeddings)]
    if len(set(encoders)) > 1:
        raise EmbeddingsError(
            f"points of two encoders cannot be compared: reference {encoders[0]!r}, current {encoders[1]!r}; encode "
            "both windows with one"
        )
    first, second = (v.points if isinstance(v, Embeddings) else v for v in vectors)
    return GivenEmbeddings(BESIDE, (first, second), encoders[0] if encoders else "given")


def check_numbers(*, alpha: float, seed: int, examples: int, labels_to_ask: int = 0) -> float:
    """Refuse numbers that cannot be used; return alpha as Python's own float, which a number of NumPy need not be.

    >>> check_numbers(alpha=np.float32(0.05), seed=0, examples=0)
    0.05
    """
    is_number = isinstance(alpha, (int, float, np.integer, np.floating)) and not isinstance(alpha, bool)
    if not is_number or not 0 < alpha < 1:
        raise SettingsError(f"alpha must lie between 0 and 1; got {_shown(alpha)}")
    for name, value in (("seed", seed), ("examples", examples), ("labels_to_ask", labels_to_ask)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 0:
            raise SettingsError(f"{name} must be a whole number of at least 0; got {_shown(value)}")
    return float(str(alpha))  # of float32 the number that was meant: 0.05, and not 0.05000000074505806


def refuse_without_roles(roles: Roles, *, cost: object, labels_to_ask: int) -> None:
    """Refuse a price or a plan of labels where the columns that they need play no part."""
    predicts = roles.prediction is not None or bool(roles.probabilities)
    if cost is not None and not (predicts and roles.label is not None):
        raise SettingsError(
            "cost needs a label, and a prediction or probabilities: it prices what is predicted for which label; name "
            "their columns, or leave cost out"
        )
    if labels_to_ask and roles.label is None:
        raise SettingsError(
            "labels_to_ask needs a label column: what to ask next is learned from the labels of the reference; name it "
            "(current rows without a label may be null), or leave labels_to_ask out"
        )


def check_columns(**columns: object) -> None:
    """Refuse what is no name of a column."""
    for role, column in columns.items():
        if column is not None and (not isinstance(column, str) or not column):
            raise SettingsError(f"{role} needs the name of a column, or None for none; got {_shown(column)}")


def check_tests(tests: object) -> None:
    """Refuse what is no table of families and their options."""
    if tests is None:
        return
    example = "such as {'lexical': {'tokenizer': 'tweet'}}"
    if not isinstance(tests, Mapping):
        raise SettingsError(f"tests needs a mapping of families to their options, {example}; got {_shown(tests)}")
    if not tests:
        raise SettingsError("nothing to test: tests names no family; leave it out to run all")
    for family, options in tests.items():
        if not isinstance(family, str):
            raise SettingsError(f"tests: a family is named by a string, {example}; got {_shown(family)}")
        if options is not None and not isinstance(options, Mapping):
            raise SettingsError(f"tests: {family!r} needs a mapping of options, {example}; got {_shown(options)}")
        for option, value in (options or {}).items():
            if not isinstance(option, str):
                raise SettingsError(f"tests: an option of {family!r} is named by a string; got {_shown(option)}")
            if isinstance(value, Iterator):
                raise SettingsError(f"tests: {family}.{option} is an iterator, to be read only once; give a list")


def checked_probabilities(given: object) -> dict[str, str]:
    """Return label to column; labels are strings here, whatever they were."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise SettingsError(f"probabilities needs a mapping of labels to columns; got {_shown(given)}")
    columns = {str(label): column for label, column in given.items()}
    if len(columns) < len(given):
        raise SettingsError(f"probabilities names a label twice; got {_shown(list(given))}")
    for label, column in columns.items():
        if not isinstance(column, str) or not column:
            raise SettingsError(f"probabilities: {label!r} needs the name of a column; got {_shown(column)}")
    return columns


def column_names(argument: str, given: object) -> tuple[str, ...]:
    """Return a list of columns that an argument names; those of a set, which has no order of its own, by name."""
    if given is None:
        return ()
    if isinstance(given, str):
        raise SettingsError(f"{argument} needs a list of column names; got the string {given!r}; write [{given!r}]")
    if not isinstance(given, Iterable):
        raise SettingsError(f"{argument} needs a list of column names; got {_shown(given)}")
    names = tuple(given)
    for name in names:
        if not isinstance(name, str) or not name:
            raise SettingsError(f"{argument} needs a list of column names; one of them is {_shown(name)}")
    return tuple(sorted(names)) if isinstance(given, AbstractSet) else names


def _shape_or_value(value: object) -> str:
    if isinstance(value, Mapping):
        keys = clipped(", ".join(map(repr, value)), _LONGEST_SHOWN)
        return f"a {type(value).__name__} of {len(value)} with keys {keys}"
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"one {'table' if hasattr(value, 'columns') else 'array'} of shape {tuple(shape)}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        missing = " of which one is None" if any(v is None for v in value) else ""
        return f"a {type(value).__name__} of {len(value)}{missing}"
    return _shown(value)


def _shown(value: object) -> str:
    return clipped(repr(value), _LONGEST_SHOWN)


def name_of_source(source: Any, otherwise: str) -> str:
    """Name a window after its path; what cannot be a path, or holds a password, is not shown."""
    if isinstance(source, Mapping) and "path" in source:
        source = source["path"]
    if not isinstance(source, (str, Path)):
        return otherwise
    path = str(source)
    if "@" in path or "\n" in path or len(path) > _LONGEST_PATH:
        return otherwise
    return clipped(visible(path), _LONGEST_NAME)
