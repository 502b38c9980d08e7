"""Reading the two windows of a comparison: what the current one lacks of the reference is told, and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pyarrow as pa

from textdrift.errors import MissingColumnError
from textdrift.windows.absent_columns import absent_columns, roles_without
from textdrift.windows.reading import is_bounded, names_in_source, read_window
from textdrift.windows.window import AbsentColumn, Roles, Window

__all__ = ["read_both", "read_present", "spared_columns"]


def read_both(
    reference: Any,
    current: Any,
    roles: Roles,
    *,
    names: tuple[str, str] = ("reference", "current"),
    vectors: tuple[Any, Any] = (None, None),
) -> tuple[Window, Window]:
    """Read both windows with the same roles, which are those that the current window has a column for.

    A column that the current window alone lacks is a finding and no error: it plays no role in either window, and
    ``absent`` of the current one says so. Only labels stay those of the reference, and the current window knows none.
    Of the text and of embeddings, and of a time that ``start`` or ``end`` is applied to, it stays an error; so does a
    column that the reference lacks, or the last one that could be compared.

    Cost: as ``read_window`` for each; where a column is missing, the header of the reference is read again.

    Parameters
    ----------
    reference, current:
        Sources, as ``read_window`` takes them.
    roles:
        Which column plays which part.
    names:
        What people call the windows.
    vectors:
        Beside the sources, as ``read_window`` takes them.

    Raises
    ------
    TextdriftError
        As ``read_window``.

    Examples
    --------
    >>> before = pa.table({"text": ["good", "bad"], "label": ["x", "y"]})
    >>> after = pa.table({"text": ["good", "bad"], "lable": ["x", "y"]})
    >>> windows = read_both(before, after, Roles(label="label"))
    >>> windows[1].absent[0].resembles, windows[1].column("label").to_pylist()
    ('lable', [None, None])
    """
    reference, current = (_held(source) for source in (reference, current))
    first = read_window(reference, roles, name=names[0], vectors=vectors[0])
    second = _read_present(current, roles, names[1], vectors[1], lambda: names_in_source(reference, roles.text))
    if not second.absent:
        return first, second
    # As they were checked: labels of probabilities may have another spelling now.
    kept = roles_without(first.roles, second.absent)
    table = second.table
    if any(column.role == "label" for column in second.absent):
        label = str(roles.label)
        kept = replace(kept, label=label)
        table = table.append_column(label, pa.nulls(second.n_rows, pa.large_string()))
    return (
        replace(first, table=first.table.select(kept.columns()), roles=kept),
        replace(second, table=table, roles=kept),
    )


def read_present(source: Any, roles: Roles, *, name: str = "current") -> Window:
    """Read one window with the roles that it has a column for; ``absent`` lists the others.

    Parameters
    ----------
    source, roles, name:
        As ``read_window`` takes them.

    Raises
    ------
    TextdriftError
        As ``read_window``; of a missing column only where a comparison cannot do without, see ``read_both``.

    Examples
    --------
    >>> window = read_present(pa.table({"text": ["good"], "city": ["Rome"]}), Roles(label="label", segments=("city",)))
    >>> window.roles.label, window.roles.segments, window.absent[0].name
    (None, ('city',), 'label')
    """
    return _read_present(_held(source), roles, name, None, tuple)


def spared_columns(
    source: Any, roles: Roles, missing: Iterable[str], *, available: Iterable[str], known: Iterable[str]
) -> tuple[AbsentColumn, ...]:
    """Return the columns that a current window lacks, where it can be compared without them; else none.

    >>> def spared(*missing):
    ...     absent = spared_columns("a.csv", Roles(label="label"), missing, available=["id"], known=[])
    ...     return [column.name for column in absent]
    >>> spared("label"), spared("text", "label")
    (['label'], [])
    """
    absent = absent_columns(roles, missing, available=available, known=known)
    told = {column.name for column in absent}
    spared = not (roles.time in told and is_bounded(source))
    return absent if spared and told == set(missing) and _can_be_compared(roles_without(roles, absent)) else ()


def _read_present(source: Any, roles: Roles, name: str, vectors: Any, known: Callable[[], tuple[str, ...]]) -> Window:
    try:
        return read_window(source, roles, name=name, vectors=vectors)
    except MissingColumnError as error:
        absent = spared_columns(source, roles, error.missing, available=error.available, known=known())
        if not absent:
            raise
    return replace(read_window(source, roles_without(roles, absent), name=name, vectors=vectors), absent=absent)


def _held(source: Any) -> Any:
    """Return a stream of batches, which can be read only once, as a table."""
    return source.read_all() if isinstance(source, pa.RecordBatchReader) else source


def _can_be_compared(roles: Roles) -> bool:
    return any(map(roles.has, ("text", "label", "prediction", "embeddings", "features")))
