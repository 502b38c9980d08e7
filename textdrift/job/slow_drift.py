"""The slow-drift detector of a job: each window against all earlier ones together."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.running import named_rng
from textdrift.drift.slow_drift import SlowDriftState, step_slow_drift
from textdrift.drift.slow_drift_profile import slow_drift_profile
from textdrift.embeddings import VectorCache, encode_texts
from textdrift.embeddings.encoder import resolve_encoder
from textdrift.embeddings.features import Basis
from textdrift.findings.budget import slow_drift_threshold
from textdrift.history import History
from textdrift.job.windows import JobWindow, roles_of
from textdrift.job_config import ReferencePolicy
from textdrift.profiles import Profile, Span, load, save
from textdrift.windows.reading import read_window, time_span
from textdrift.windows.reading_both import read_present
from textdrift.windows.window import Window

__all__ = ["NO_STEP", "SlowStep", "slow_step"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowStep:
    """What a window did to the detector, as the history keeps it.

    Attributes
    ----------
    alarm:
        A sentence where the detector alarms; empty otherwise.
    notes:
        What the report is to say.
    state, pool:
        To be stored with the run; ``None`` where nothing is to be stored.
    """

    alarm: str = ""
    notes: tuple[str, ...] = ()
    state: dict[str, Any] | None = None
    pool: bytes | None = None


NO_STEP = SlowStep()
"""Of a job without the detector."""


def slow_step(history: History, window: JobWindow, *, current: Any = None) -> SlowStep:
    """Take the detector's step for a window.

    Words are always looked at; meaning where the reference is a fixed window, since directions that were fitted on
    windows of the pool would make every later one look new. A window that the detector has seen, or one before the last
    that it saw, changes nothing.
    """
    config = window.config
    if not config.slow_drift or config.budget is None or config.columns.text is None:
        return NO_STEP
    state = SlowDriftState.from_dict(history.slow_drift(config.name) or {})
    pool = _stored_pool(history, config.name) if state.units_in_pool else None
    rows = read_present(config.current if current is None else current, roles_of(config))
    step = step_slow_drift(
        state,
        pool,
        _profile(window, rows, pool),
        threshold=slow_drift_threshold(config.budget.false_alarms_per_year, config.budget.windows_per_year),
        rng=named_rng(config.seed, f"slow_drift:{window.name}"),
    )
    if step.state == state:
        if pool is None or state.last_window != window.name:
            return SlowStep(notes=step.notes)
        # Judged anew, the window's row is replaced; the pool that it holds stays.
        return SlowStep(notes=step.notes, state=state.to_dict(), pool=_packed(pool))
    alarm = ""
    if step.alarm:
        alarm = (
            f"Slow drift: the texts have moved against all {state.windows:,} earlier windows together; the detector "
            f"stands at {step.M:,.0f}."
        )
    notes = (*((alarm,) if alarm else ()), *step.notes)
    return SlowStep(
        alarm=alarm, notes=notes, state=step.state.to_dict(), pool=None if step.pool is None else _packed(step.pool)
    )


def _profile(window: JobWindow, rows: Window, pool: Profile | None) -> Profile:
    start, end = time_span(rows)
    meaning: dict[str, Any] = {}
    basis = _basis(window, pool)
    if basis is not None:
        points, encoder = _points(window, rows)
        meaning = {"points": points, "basis": basis, "encoder": encoder}
    return slow_drift_profile(
        rows.texts,
        window=window.name,
        groups=None if rows.roles.group is None else rows.column(rows.roles.group),
        span=None if start is None or end is None else Span(start, end),
        **meaning,
    )


def _basis(window: JobWindow, pool: Profile | None) -> Basis | None:
    """Return the directions of the pool, or those of the fixed reference at its start; ``None`` for words alone."""
    if pool is not None:
        return None if pool.sums is None else pool.sums.basis
    config = window.config
    tests = config.tests
    given = config.columns.embeddings is not None or isinstance(config.reference, ReferencePolicy)
    if given or (tests is not None and "embedding" not in tests):
        return None
    reference = read_window(config.reference, roles_of(config), name="reference")
    points, _ = _points(window, reference)
    return Basis.fit(points[reference.usable])


def _points(window: JobWindow, rows: Window) -> tuple[NDArray[Any], str]:
    """Return the vector of each row, zeros for one without a text, and what made them."""
    usable = np.flatnonzero(rows.usable)
    embeddings = encode_texts(rows.texts.take(usable), resolve_encoder(window.config.encoder), cache=VectorCache())
    points = np.zeros((rows.n_rows, embeddings.points.shape[1]), dtype=np.float64)
    points[usable] = embeddings.points
    return points, embeddings.encoder


def _stored_pool(history: History, job: str) -> Profile | None:
    stored = [profile for _, profile in history.profiles(job)]
    if not stored:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pool.profile"
        path.write_bytes(stored[-1])
        return load(path)


def _packed(pool: Profile) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pool.profile"
        save(pool, path)
        return path.read_bytes()
