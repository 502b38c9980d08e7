"""Roles of a job whose columns nobody gives: left out of the judgement, instead of told as columns that are gone."""

from __future__ import annotations

from collections.abc import Collection

from textdrift.job_config import ColumnsConfig, JobConfig

__all__ = ["optional_columns", "without_roles"]

_SINGLE = ("label", "prediction", "id", "group", "embeddings")
_LISTS = ("segments", "features")


def optional_columns(columns: ColumnsConfig) -> set[str]:
    """Return the columns of a job that a text can be judged without.

    >>> sorted(optional_columns(ColumnsConfig(text="text", prediction="p", segments=["channel"])))
    ['channel', 'p']
    """
    single = [name for name in (getattr(columns, role) for role in _SINGLE) if name is not None]
    lists = [name for role in _LISTS for name in getattr(columns, role)]
    return {*single, *lists, *columns.probabilities.values()} - {columns.text, columns.time}


def without_roles(config: JobConfig, absent: Collection[str]) -> tuple[JobConfig, tuple[str, ...]]:
    """Return a job without the roles of some columns, and what was left out: each role and its column.

    >>> job = JobConfig(name="a", reference="r", current="c",
    ...                 columns={"text": "text", "prediction": "p", "segments": ["channel", "app"]})
    >>> less, named = without_roles(job, {"p", "app", "never heard of"})
    >>> named, less.columns.prediction, less.columns.segments
    (("prediction 'p'", "segments 'app'"), None, ['channel'])
    """
    columns = config.columns
    update: dict[str, object] = {}
    named: list[str] = []
    for role in _SINGLE:
        name = getattr(columns, role)
        if name in absent:
            update[role] = None
            named.append(f"{role} {name!r}")
    for role in _LISTS:
        names = list(getattr(columns, role))
        kept = [name for name in names if name not in absent]
        if len(kept) < len(names):
            update[role] = kept
            named += [f"{role} {name!r}" for name in names if name in absent]
    gone = [name for name in columns.probabilities.values() if name in absent]
    if gone:  # a part of them is no distribution
        update["probabilities"] = {}
        named += [f"probabilities {name!r}" for name in gone]
    if not update:
        return config, ()
    return config.model_copy(update={"columns": columns.model_copy(update=update)}), tuple(named)
