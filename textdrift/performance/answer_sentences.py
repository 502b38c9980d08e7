"""What the answers to a plan of labels tell so far, in words: the rates, and whether the question is settled."""

from __future__ import annotations

from typing import Protocol

__all__ = ["CHANGED", "NOT_CHANGED", "OPEN", "sentence_of_answers"]

CHANGED = "changed"
NOT_CHANGED = "not changed by more than material"
OPEN = "open"

_ENOUGH_TO_FORECAST = 20
"""Below so many answers a forecast of how many more it takes jumps about with each of them."""


class _Estimate(Protocol):
    """What the sentence says of an estimate; see ``AnytimeEstimate``."""

    @property
    def error_rate(self) -> tuple[float, float, float]: ...
    @property
    def expected(self) -> tuple[float, float, float]: ...
    @property
    def difference(self) -> tuple[float, float, float]: ...
    @property
    def settled(self) -> str: ...
    @property
    def material(self) -> float: ...
    @property
    def n_answered(self) -> int: ...
    @property
    def n_unlabelled(self) -> int: ...
    @property
    def n_more(self) -> int | None: ...


def sentence_of_answers(estimate: _Estimate) -> str:
    """Return what is known, for a reader; how many more labels it takes is said once and nowhere else."""
    value, low, high = (f"{100 * rate:.1f}" for rate in estimate.error_rate)
    if estimate.n_answered == estimate.n_unlabelled:
        known = f"All documents have a label: {value} % of the judgements are wrong"
    else:
        answers = {0: "Before any label is asked", 1: "After one label"}
        when = answers.get(estimate.n_answered, f"After {estimate.n_answered:,} labels")
        of_all = f"of the {estimate.n_unlabelled:,} documents that had none" if estimate.n_answered else ""
        wrong = f"{low} to {high} % of the judgements are wrong, best guess {value} %"
        known = f"{' '.join(filter(None, (when, of_all)))}, {wrong}"
    would_be = f"if labels still meant what they meant in the reference it would be {100 * estimate.expected[0]:.1f} %"
    return f"{known}; {would_be}. {_verdict(estimate)}"


def _verdict(estimate: _Estimate) -> str:
    value, low, high = (100 * part for part in estimate.difference)
    span = f"{abs(value):.1f} points ({min(abs(low), abs(high)):.1f} to {max(abs(low), abs(high)):.1f})"
    if estimate.settled == CHANGED:
        way = "more" if low > 0 else "fewer"
        return f"Labels changed their meaning: {span} {way} are wrong than expected."
    if estimate.settled == NOT_CHANGED:
        less = f"{100 * estimate.material:.1f} points"
        return f"The difference is less than {less}: labels did not change their meaning by more."
    between = f"the difference lies between {low:+.1f} and {high:+.1f} points"
    so_far = f"It is open whether labels changed their meaning: {between}"
    if estimate.n_answered < min(_ENOUGH_TO_FORECAST, estimate.n_unlabelled):
        return f"{so_far}; from {_ENOUGH_TO_FORECAST} answers on it can be forecast how many more it takes."
    if estimate.n_more is None:
        sure = 100 * max(estimate.expected[2] - estimate.expected[0], estimate.expected[0] - estimate.expected[1])
        return (
            f"{so_far}, and more labels of this window will not settle it unless they come to differ more: the guess "
            f"is only sure to {sure:.1f} points."
        )
    if estimate.n_more == 1:
        return f"{so_far}; one more label may settle it."
    # A forecast: two digits say enough.
    return f"{so_far}; about {int(float(f'{estimate.n_more:.2g}')):,} more labels are likely needed."
