"""The names of the columns that have a role, checked before anything is read."""

from __future__ import annotations

from collections import Counter

from textdrift.errors import SettingsError
from textdrift.windows.column_types import spelled_label
from textdrift.windows.window import Roles

__all__ = ["check_roles"]


def check_roles(roles: Roles) -> None:
    """Raise where one column plays two roles that exclude each other, or where no column plays any."""
    for role, given in (("segments", roles.segments), ("features", roles.features)):
        listed: object = given
        if isinstance(listed, str):
            msg = f"{role} are a list of columns, and {given!r} is a str; write [{given!r}]"
            raise SettingsError(msg)
    spelled = Counter(spelled_label(label) for label in roles.probabilities)
    twice = [label for label, times in spelled.items() if times > 1]
    if twice:
        msg = f"probabilities give a column to {twice[0]!r} twice, as str and as number or bool; keep one"
        raise SettingsError(msg)
    empty = [label for label, column in roles.probabilities.items() if not column]
    if empty:
        msg = f"probabilities name no column for {', '.join(map(repr, empty))}; give each label its column"
        raise SettingsError(msg)
    single = {"text": roles.text, "label": roles.label, "prediction": roles.prediction, "time": roles.time}
    rest = {"id": roles.id, "group": roles.group, "embeddings": roles.embeddings}
    played = [(role, column) for role, column in (single | rest).items() if column is not None]
    played += [(f"probability of {label!r}", column) for label, column in roles.probabilities.items()]
    # A label or a prediction may also be a segment; a column that has another value in each row may not.
    segments = [("segment", column) for column in roles.segments]
    # A feature may also be a segment, or a probability of the model.
    shared = (*roles.segments, *roles.probabilities.values())
    features = [("feature", column) for column in roles.features if column not in shared]
    if not played and not segments and not features:
        msg = "no column has a role; name at least the text column, features, or a label or prediction"
        raise SettingsError(msg)
    exclusive = played + [(role, c) for role, c in segments if c not in (roles.label, roles.prediction)] + features
    twice = [column for column, times in Counter(roles.features).items() if times > 1]
    if twice:
        msg = f"the column {twice[0]!r} is named twice among the features; keep one"
        raise SettingsError(msg)
    for column, times in Counter(column for _, column in exclusive).items():
        if times > 1:
            both = " and ".join(role for role, played_by in exclusive if played_by == column)
            msg = f"the column {column!r} is given as {both}; each of these roles needs a column of its own"
            raise SettingsError(msg)
