"""Template: the question whether more, or fewer, texts are made from a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.quality.blocks import pieces_of
from textdrift.drift.quality.one_event import OneEvent, event_reach, one_event
from textdrift.drift.quality.share_change import ShareChange, cause_evidence, check_level, share_of_rows
from textdrift.errors import SettingsError
from textdrift.stats.permutations import in_two_rounds, permutation_p_value
from textdrift.windows.numbers_in_words import percentage

__all__ = ["Skeletons", "Template"]

Counts = NDArray[np.int64]

_MOST_LISTED, _MOST_ROWS = 10, 5
_CELLS_AT_ONCE = 4_000_000
_LEAST_SHARE = 0.03  # of one template: with power 0.8 it shows where it is 0.04, twice what is material


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
    five documents, and a thousandth of the smaller window.

    A campaign is one event: it starts, sends some documents, and ends. Two null hypotheses: documents of both windows
    are exchangeable (a form that people always used), or campaigns are drawn into the windows, each as a whole and for
    itself, in proportion to the documents of the windows. What one window holds of a template beyond its fair share is
    a campaign, see ``pieces_of``. The larger p-value counts, so the level holds for campaigns of any size, however
    rare. Where they are of one size and the windows are equal, k campaigns that all stand in one have p = 2 / 2^k.

    One template alone therefore has no small p-value: the one campaign of two windows stands in one of them. Where the
    test stays silent at its level, a template that fills 3 % of the current documents at least is stated as a fact,
    without a p-value, if the reference knew none of a tenth of its share, see ``one_event``. So a new bot is told, and
    so is the first campaign of that size; one that ended is not, nor one that was there and grew.

    Parameters
    ----------
    level:
        The level at which the detectable effect is stated.
    n_permutations:
        Of the full round of draws.

    Examples
    --------
    >>> reference = Skeletons(np.full(200, -1), np.arange(200))
    >>> current = Skeletons(np.where(np.arange(200) < 20, 0, -1), np.arange(200))
    >>> result = Template().compare(reference, current, rng=np.random.default_rng(0))
    >>> result.table("causes")[0]["sentence"], result.has_p_value
    ('One template makes 10.0 % of the documents; none of the reference made more than 0 %.', False)
    """

    level: float = 0.05
    n_permutations: int = 999

    def __post_init__(self) -> None:
        """Refuse a level that is no probability, and a test without permutations."""
        check_level(self.level)
        if self.n_permutations < 1:
            raise SettingsError(f"n_permutations={self.n_permutations!r}, and at least 1 is needed: try 999")

    def compare(self, reference: Skeletons, current: Skeletons, *, rng: np.random.Generator) -> DriftResult:
        """Compare the skeletons of two windows; where campaigns fall is drawn from ``rng``."""
        sides = (reference, current)
        n, m = (len(side.skeleton) for side in sides)
        n_skeletons = 1 + max(int(side.skeleton.max(initial=-1)) for side in sides)
        counts = np.column_stack(
            [np.bincount(side.skeleton[side.skeleton >= 0], minlength=n_skeletons) for side in sides]
        )
        made = ShareChange(int(counts[:, 0].sum()), n, int(counts[:, 1].sum()), m)
        shares = (made.reference_share, made.current_share)
        p_value = max(made.two_sided_p, self._p_of_campaigns(counts, n, m, rng))
        measure = {"measure": "share_from_templates", "reference": shares[0], "current": shares[1]}
        evidence = (
            Evidence(name="measures", rows=(measure,)),
            Evidence(name="templates", rows=_largest(counts, current)),
        )
        event = one_event(counts, n, m, least_share=_LEAST_SHARE) if p_value > self.level else None
        if event is not None:
            return event.stated("quality.template", "template", _said(event), (n, m), *evidence)
        # Of one template alone, its size is what shows.
        reach = max(made.detectable(self.level), event_reach(_LEAST_SHARE, m))
        return DriftResult(
            test="quality.template",
            kind="quality",
            statistic=abs(made.change),
            p_value=p_value,
            effects=(share_of_rows(made.change, made.interval, reach),),
            n_documents=(n, m),
            evidence=(
                cause_evidence("template", "Texts made from a template", made.change, shares, "documents"),
                *evidence,
            ),
        )

    def _p_of_campaigns(self, counts: Counts, n: int, m: int, rng: np.random.Generator) -> float:
        """Return how often whole campaigns, each drawn into a window for itself, differ as much."""
        block, _ = pieces_of(counts, n, m)
        sizes, total, share = block[block > 0], int(counts.sum()), n / max(n + m, 1)
        if block.max(initial=0) <= 1:
            return 0.0
        n_single = total - int(sizes.sum())

        def drawn(n_draws: int) -> _Drawn:
            in_reference = rng.binomial(n_single, share, size=n_draws)
            step = max(1, _CELLS_AT_ONCE // len(sizes))
            for start in range(0, n_draws, step):
                part = in_reference[start : start + step]
                part += (rng.random((len(part), len(sizes))) < share) @ sizes
            far = np.abs(in_reference - share * total)
            return _Drawn(permutation_p_value(abs(float(counts[:, 0].sum()) - share * total), far))

        return in_two_rounds(drawn, self.n_permutations).p_value


def _said(event: OneEvent) -> str:
    return (
        f"One template makes {percentage(event.rows.current_share)} of the documents; none of the reference made "
        "more than "
        f"{percentage(event.largest_before)}."
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    p_value: float


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
