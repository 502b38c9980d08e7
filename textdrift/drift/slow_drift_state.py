"""What the slow-drift detector remembers from window to window, and what one window did to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np

from textdrift.drift.weekday_pattern import WindowTrace
from textdrift.errors import SettingsError, nearest_name
from textdrift.profiles import Profile

__all__ = ["SlowDriftState", "SlowDriftStep", "noted", "turned_off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowDriftState:
    """What the detector remembers from window to window, beside the pool of earlier ones.

    Attributes
    ----------
    bets:
        The detector of each kind of bet (``power_bets``); 0 at the start and after an alarm.
    windows:
        Windows seen, tested or not.
    last_window:
        The name of the last one.
    alarms:
        Names of the windows that alarmed, oldest first.
    units_in_pool:
        Documents in the pool; copies, or rows of a group, counted once within each window.
    first_p_values:
        Those of the first stretch, at the start or since the last alarm.
    first_traces:
        What those windows leave behind, for the test of weekdays; empty again once it is done.
    shared:
        Of the texts or groups that were looked up among the earlier ones: how many were there, and how many were looked
        up.
    off:
        Why the detector is off; empty while it is on.

    Examples
    --------
    >>> SlowDriftState.from_dict(SlowDriftState(bets=(1.0, 4.0), windows=3).to_dict()).M
    2.5
    """

    bets: tuple[float, ...] = (0.0,)
    windows: int = 0
    last_window: str = ""
    alarms: tuple[str, ...] = ()
    units_in_pool: int = 0
    first_p_values: tuple[float, ...] = ()
    first_traces: tuple[WindowTrace, ...] = ()
    shared: tuple[int, int] = (0, 0)
    off: str = ""

    @property
    def M(self) -> float:  # noqa: N802 - its name in every paper
        """The detector: the mean of all bets."""
        return float(np.mean(self.bets))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as JSON holds them; ``M`` stands beside the bets that it is the mean of."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return {"M": self.M, **plain}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> SlowDriftState:
        """Return the state of such a dict.

        Raises
        ------
        SettingsError
            When it has a key that no state has.
        """
        known = ["M", *(kept.name for kept in fields(cls))]
        for name in given:
            if name not in known:
                raise SettingsError(f"a state of the slow-drift detector has no {name!r}; {nearest_name(name, known)}")
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in given.items() if name != "M"
        }
        traces = (
            {**trace, "meaning": tuple(trace["meaning"]), "words": tuple(trace["words"])}
            for trace in plain.pop("first_traces", ())
        )
        return cls(**plain, first_traces=tuple(WindowTrace(**trace) for trace in traces))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowDriftStep:
    """What one window did to the detector.

    Attributes
    ----------
    state:
        To be stored.
    pool:
        To be stored beside it, and to be given as ``earlier`` with the next window; ``None`` after an alarm.
    p_values:
        Of ``semantic`` and ``lexical`` alone, and of ``both`` together; empty where nothing was tested.
    e_value:
        What the window multiplied the detector by, M = (M before + 1) e; 1 where nothing was tested. In the first
        stretch that of ``calibrated``, which moves nothing.
    M:
        The detector with this window, before a restart.
    alarm:
        Whether M reached the threshold.
    notes:
        What a reader should know, such as why nothing was tested.
    """

    state: SlowDriftState
    pool: Profile | None
    p_values: Mapping[str, float] = field(default_factory=dict)
    e_value: float = 1.0
    M: float = 0.0
    alarm: bool = False
    notes: tuple[str, ...] = ()


def noted(step: SlowDriftStep, note: str) -> SlowDriftStep:
    """Return the step with a note."""
    return replace(step, notes=(f"Slow drift: {note}",))


def turned_off(step: SlowDriftStep, reason: str) -> SlowDriftStep:
    """Return the step of a detector that is off from here on, and says why."""
    state = replace(step.state, off=reason, bets=(0.0,), units_in_pool=0, first_traces=())
    note = f"The slow-drift detector is off: {reason}. Its half of the budget is not spent."
    return replace(step, pool=None, state=state, notes=(note,))
