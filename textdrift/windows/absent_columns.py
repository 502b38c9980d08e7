"""AbsentColumn: a column with a role that the reference has and the current window has not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace

from textdrift.windows.window import NO_PROBABILITIES, AbsentColumn, Roles

__all__ = ["absent_columns", "roles_without"]

_ALIKE = 0.6
_PARTS = re.compile(r"[^\W_]+")


def absent_columns(
    roles: Roles, missing: Iterable[str], *, available: Iterable[str], known: Iterable[str]
) -> tuple[AbsentColumn, ...]:
    """Return what each missing column was, and the new column whose name is nearest to its own.

    Parameters
    ----------
    roles:
        As the user named them.
    missing:
        The columns that the current window lacks.
    available:
        The columns that it has.
    known:
        The columns of the reference: none of them is another one under a new name.

    Examples
    --------
    >>> roles = Roles(label="label", segments=("city",))
    >>> found = absent_columns(roles, ["label"], available=["text", "Label_v2", "city"], known=["text", "label"])
    >>> found[0].told, found[0].resembles
    ("Column 'label' (the label)", 'Label_v2')
    """
    lost = set(missing)
    new = [name for name in available if name not in {*known, *roles.columns()}]
    return tuple(
        AbsentColumn(role, column, _nearest(column, new)) for role, column in _optional(roles) if column in lost
    )


def roles_without(roles: Roles, absent: Iterable[AbsentColumn]) -> Roles:
    """Return the roles that are left; probabilities are of use only where every class has its own.

    >>> roles = Roles(label="answer", segments=("city", "answer"))
    >>> roles_without(roles, [AbsentColumn("label", "answer"), AbsentColumn("segment", "answer")])
    Roles(text='text', label=None, prediction=None, probabilities=mappingproxy({}), time=None, id=None, group=None, \
segments=('city',), embeddings=None, features=())
    """
    lost = {(column.role, column.name) for column in absent}
    single = {
        role: None for role in ("label", "prediction", "time", "id", "group") if (role, getattr(roles, role)) in lost
    }
    has_all = not any(role == "probability" for role, _ in lost)
    return replace(
        roles,
        **single,
        probabilities=roles.probabilities if has_all else NO_PROBABILITIES,
        segments=tuple(column for column in roles.segments if ("segment", column) not in lost),
        features=tuple(column for column in roles.features if ("feature", column) not in lost),
    )


def _optional(roles: Roles) -> list[tuple[str, str]]:
    """Return role and column of everything that a comparison can do without."""
    single = [(role, getattr(roles, role)) for role in ("label", "prediction")]
    single += [("probability", column) for column in roles.probabilities.values()]
    single += [(role, getattr(roles, role)) for role in ("time", "id", "group")]
    single += [("segment", column) for column in roles.segments]
    single += [("feature", column) for column in roles.features]
    return [(role, column) for role, column in single if column is not None]


def _nearest(name: str, new: list[str]) -> str | None:
    parts = _parts(name)
    longer = [each for each in new if parts and parts <= _parts(each)]
    if len(longer) == 1:  # "at" is more like "at_utc" than letters say
        return longer[0]
    lowered = {each.lower(): each for each in reversed(new)}
    match = difflib.get_close_matches(name.lower(), list(lowered), n=1, cutoff=_ALIKE)
    return lowered[match[0]] if match else None


def _parts(name: str) -> set[str]:
    return set(_PARTS.findall(name.lower()))
