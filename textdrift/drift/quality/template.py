"""Template: the question whether more, or fewer, texts are made from a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.quality.blocks import change_p_value
from textdrift.drift.quality.share_change import ShareChange, cause_evidence, check_level, share_of_rows
from textdrift.errors import SettingsError

__all__ = ["Skeletons", "Template"]

_MOST_LISTED, _MOST_ROWS = 10, 5


@dataclass(frozen=True, slots=True)
class Skeletons:
    """The skeleton of each document of one window.

    Attributes
    ----------
    skeleton:
        Shape (n_documents,): numbered over both windows, -1 for none; see ``skeleton_clusters``.
    rows:
        Shape (n_documents,): where each document stands in its window.
    """

    skeleton: NDArray[np.int64]
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Template:
    """The share of documents made from a template: a bot, a form, a mail merge ("Dear Ann, your red mugs will be ...").

    Near-copies are one document here, so what ``Copies`` calls repeated is not called a template once more: a skeleton
    is made of documents that differ in more than numbers, links and a word or two. It counts where it holds at least
    five documents, and a thousandth of the smaller window. Two null hypotheses, as in ``Copies``: documents of both
    windows are exchangeable, or blocks are (a campaign falls into one window as a whole, and the reference shows how
    large an honest one is). The larger p-value counts, see ``change_p_value``; so a template that the reference had and
    that ended is not called a change.

    Parameters
    ----------
    level:
        The level at which the detectable effect is stated.
    n_permutations:
        Of the full round, where the reference holds templates of its own.

    Examples
    --------
    >>> reference = Skeletons(np.full(200, -1), np.arange(200))
    >>> current = Skeletons(np.where(np.arange(200) < 20, 0, -1), np.arange(200))
    >>> result = Template().compare(reference, current, rng=np.random.default_rng(0))
    >>> result.table("causes")[0]["sentence"], round(result.p_value, 7)
    ('Texts made from a template rose from 0.0% to 10.0% of documents.', 1.2e-06)
    """

    level: float = 0.05
    n_permutations: int = 999

    def __post_init__(self) -> None:
        """Refuse a level that is no probability, and a test without permutations."""
        check_level(self.level)
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations={self.n_permutations!r}, and at least 1 is needed: try 999")

    def compare(self, reference: Skeletons, current: Skeletons, *, rng: np.random.Generator) -> DriftResult:
        """Compare the skeletons of two windows; permutations, where some are needed, are drawn from ``rng``."""
        sides = (reference, current)
        n, m = (len(side.skeleton) for side in sides)
        n_skeletons = 1 + max(int(side.skeleton.max(initial=-1)) for side in sides)
        counts = np.column_stack(
            [np.bincount(side.skeleton[side.skeleton >= 0], minlength=n_skeletons) for side in sides]
        )
        made = ShareChange(int(counts[:, 0].sum()), n, int(counts[:, 1].sum()), m)
        shares = (made.reference_share, made.current_share)
        return DriftResult(
            test="quality.template",
            kind="quality",
            statistic=abs(made.change),
            p_value=change_p_value(counts, n, m, n_permutations=self.n_permutations, rng=rng),
            effects=(share_of_rows(made.change, made.interval, made.detectable(self.level)),),
            n_documents=(n, m),
            evidence=(
                cause_evidence("template", "Texts made from a template", made.change, shares, "documents"),
                Evidence(
                    name="measures",
                    rows=({"measure": "share_from_templates", "reference": shares[0], "current": shares[1]},),
                ),
                Evidence(name="templates", rows=_largest(counts, current)),
            ),
        )


def _largest(counts: NDArray[np.int64], current: Skeletons) -> tuple[dict[str, Any], ...]:
    """Return the templates with most documents more in the current window, and where some of them stand."""
    order = np.argsort(counts[:, 0] - counts[:, 1], kind="stable")[:_MOST_LISTED]
    return tuple(
        {
            "reference_documents": int(counts[i, 0]),
            "current_documents": int(counts[i, 1]),
            "rows": np.sort(current.rows[current.skeleton == i])[:_MOST_ROWS].tolist(),
        }
        for i in order
    )
