"""The challenger of a job's gate: the candidate's predictions in the very window that the champion answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.errors import SettingsError
from textdrift.job.levels import job_alpha
from textdrift.job.stages import columns_of_stage
from textdrift.job.windows import JobWindow, Stage, roles_of
from textdrift.performance.challenging import Challenge, challenge
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles, Window

__all__ = ["challenge_of"]


def challenge_of(window: JobWindow, *, stage: Stage = "inputs", current: Any = None) -> Challenge | None:
    """Compare the candidate's predictions with those of the model in use; ``None`` where the gate names no candidate.

    Where labels come late the inputs have none: the two models are compared by labels in the labelled stage.

    Raises
    ------
    SettingsError
        When the job names no column of predictions for the champion.
    WindowError
        When the window has no column of that name, or it cannot be read.
    """
    gate = window.config.gate
    if gate is None or gate.challenger is None:
        return None
    is_early = window.config.labels is not None and stage == "inputs"
    roles = replace(roles_of(window.config), label=None if is_early else columns_of_stage(window.config, stage).label)
    if roles.prediction is None:
        raise SettingsError(
            "gate.challenger needs a champion to stand against; name the column of its predictions, columns.prediction"
        )
    source = window.config.current if current is None else current
    champion = _answers(source, roles, roles.prediction)
    candidate = _answers(source, roles, gate.challenger)
    names = _names(champion, candidate)
    labels = np.full(champion.n_rows, -1, dtype=np.int64)
    if roles.label is not None:
        labels = _codes(champion.column(roles.label), names)
    return challenge(
        labels,
        _codes(champion.column(roles.prediction), names),
        _codes(candidate.column(gate.challenger), names),
        _units(champion),
        alpha=job_alpha(window.config),
        margin=gate.margin,
    )


def _answers(source: Any, roles: Roles, prediction: str) -> Window:
    bare = replace(roles, prediction=prediction, probabilities={}, time=None, segments=(), features=(), embeddings=None)
    return read_window(source, bare, name="current")


def _names(*windows: Window) -> tuple[str, ...]:
    seen: set[str] = set()
    for window in windows:
        for column in (window.roles.label, window.roles.prediction):
            if column is not None:
                seen.update(pc.unique(window.column(column).drop_null()).to_pylist())
    return tuple(sorted(seen))


def _codes(column: pa.Array, names: tuple[str, ...]) -> NDArray[np.int64]:
    positions = pc.index_in(column, value_set=pa.array(names, column.type))
    return np.asarray(positions.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _units(window: Window) -> NDArray[np.int64]:
    """Return the group, or the text, of each row as a number; a row without one is a unit of its own."""
    name = window.roles.group or window.roles.text
    if name is None:
        return np.arange(window.n_rows)
    encoded = pc.dictionary_encode(window.column(name))
    codes = np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)
    alone = codes < 0
    codes = codes.copy()
    codes[alone] = len(encoded.dictionary) + np.arange(int(alone.sum()))
    return codes
