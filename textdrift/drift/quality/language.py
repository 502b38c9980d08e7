"""Language: the question whether more, or fewer, texts are in another language than those of the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.contract import DriftResult, Evidence
from textdrift.drift.quality.share_change import ShareChange, cause_evidence, check_level, share_of_rows
from textdrift.errors import SettingsError
from textdrift.stats.contingency import hypergeometric_exact_p
from textdrift.windows.languages import Spoken

__all__ = ["Language", "in_other_languages"]

_MAIN_FROM = 0.1
_MOST_NAMED = 4
_MOST_ROWS, _MOST_LISTED = 5, 12


@dataclass(frozen=True, slots=True)
class Language:
    """The share of documents in a language, or a script, that is none of the reference's main ones.

    Main is what at least a tenth of the reference's documents are in. Only documents vote whose language, or whose
    script other than Latin, is clear, see ``spoken_in``; how many did is said.

    Null hypothesis: documents of both windows are in each language with the same probability. Two p-values: the
    smallest of the exact ones of every language (Fisher 1934, two-sided), times their number; and the exact one of the
    share outside the main languages. The larger counts: the first alone would be moved by the share of two main
    languages, and the second alone depends a little on which languages the reference shows to be main. A moved share of
    main languages is evidence (table ``languages``) and no fault.

    Parameters
    ----------
    level:
        The level at which the detectable effect is stated.
    max_documents:
        Of each window, a random sample where it has more; telling a language costs a fifth of a millisecond.

    Examples
    --------
    >>> import numpy as np, pyarrow as pa
    >>> from textdrift.windows.languages import spoken_in
    >>> english = pa.array([f"order {i} came late and nobody answered me" for i in range(40)])
    >>> german = pa.array([f"Bestellung {i} kam zu spät und niemand hat geantwortet" for i in range(10)])
    >>> mixed = pa.concat_arrays([english.slice(10), german])
    >>> result = Language().compare(
    ...     spoken_in(english, np.arange(40)), spoken_in(mixed, np.arange(40)), rng=np.random.default_rng(0)
    ... )
    >>> result.table("causes")[0]["sentence"]
    'Texts in another language than en rose from 0 % to 25.0 % of documents whose language is clear (mostly de).'
    >>> result.p_value < 0.01
    True
    """

    level: float = 0.05
    max_documents: int | None = 20_000

    def __post_init__(self) -> None:
        """Refuse a level that is no probability, and a sample of none."""
        check_level(self.level)
        if self.max_documents is not None and self.max_documents < 1:
            raise SettingsError(f"max_documents={self.max_documents!r}, and at least 1 is needed: try 20000")

    def compare(self, reference: Spoken, current: Spoken, *, rng: np.random.Generator) -> DriftResult:
        """Compare the languages of two windows; exact tests draw nothing from ``rng``."""
        del rng
        before, after = _names(reference), _names(current)
        n, m = len(before), len(after)
        tongues, number = np.unique(np.concatenate([before, after]), return_inverse=True)
        k = np.column_stack([np.bincount(each, minlength=len(tongues)) for each in (number[:n], number[n:])])
        main, main_scripts = _main(reference, before)
        outside = ShareChange(
            int((~_inside(reference, main, main_scripts)).sum()),
            n,
            int((~_inside(current, main, main_scripts)).sum()),
            m,
        )
        each = hypergeometric_exact_p(k[:, 0], k.sum(axis=1), n, n + m) if n and m else np.ones(len(tongues))
        mixed = min(1.0, len(tongues) * float(each.min(initial=1.0)))
        rows = _listed(tongues, k, (n, m), each, main, current)
        return DriftResult(
            test="quality.language",
            kind="quality",
            statistic=abs(outside.change),
            p_value=max(mixed, outside.two_sided_p),
            effects=(
                share_of_rows(outside.change, outside.interval, outside.detectable(self.level / max(len(tongues), 1))),
            ),
            n_documents=(n, m),
            evidence=(
                _cause(outside, main, rows),
                Evidence(
                    name="measures",
                    rows=(
                        {
                            "measure": "share_in_other_languages",
                            "reference": outside.reference_share,
                            "current": outside.current_share,
                        },
                        {
                            "measure": "share_whose_language_is_clear",
                            "reference": n / len(reference) if len(reference) else None,
                            "current": m / len(current) if len(current) else None,
                        },
                    ),
                ),
                Evidence(name="languages", rows=rows[:_MOST_LISTED]),
            ),
            notes=_notes(reference, current, n, m),
        )


def in_other_languages(reference: Spoken, current: Spoken) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which texts of each window are clearly in none of the main languages of the reference, shapes (n_texts,).

    >>> def spoken(*codes):
    ...     scripts = np.full(len(codes), "Latin", dtype=object)
    ...     return Spoken(np.array(codes, dtype=object), scripts, np.arange(len(codes)))
    >>> in_other_languages(spoken("en", "en"), spoken("en", "de"))[1].tolist()
    [False, True]
    """
    main, main_scripts = _main(reference, _names(reference))
    outside = []
    for side in (reference, current):
        mask = np.zeros(len(side), dtype=bool)
        mask[side.votes] = ~_inside(side, main, main_scripts)
        outside.append(mask)
    return outside[0], outside[1]


def _names(spoken: Spoken) -> NDArray[Any]:
    """Return the language of each text that votes, or the name of its script where only that is clear."""
    votes = spoken.votes
    language, script = spoken.language[votes].astype(str), spoken.script[votes].astype(str)
    return np.where(language != "", language, np.char.add(script, " script"))


def _main(reference: Spoken, names: NDArray[Any]) -> tuple[list[str], list[str]]:
    """Return the main languages of the reference, most frequent first, and its main scripts."""
    found = []
    for values in (names, reference.script[reference.votes].astype(str)):
        kinds, count = np.unique(values, return_counts=True)
        order = np.argsort(-count, kind="stable")
        found.append([str(kinds[i]) for i in order if count[i] >= _MAIN_FROM * len(values)])
    return found[0], found[1]


def _inside(spoken: Spoken, main: list[str], main_scripts: list[str]) -> NDArray[np.bool_]:
    """Return whether each text that votes is in a main language, or where that is unclear in a main script."""
    language, script = spoken.language[spoken.votes], spoken.script[spoken.votes]
    return np.asarray(np.isin(language, main) | ((language == "") & np.isin(script, main_scripts)), dtype=bool)


def _listed(
    tongues: NDArray[Any],
    k: NDArray[np.int64],
    totals: tuple[int, int],
    p_values: NDArray[np.float64],
    main: list[str],
    current: Spoken,
) -> tuple[dict[str, Any], ...]:
    """Return a row of each language, that whose share grew most first, and where some of its texts stand."""
    shares = k / np.maximum(totals, 1)
    names, rows = _names(current), current.rows[current.votes]
    return tuple(
        {
            "language": str(tongues[i]),
            "main": str(tongues[i]) in main,
            "reference_share": float(shares[i, 0]),
            "current_share": float(shares[i, 1]),
            "p_value": float(p_values[i]),
            "rows": np.sort(rows[names == tongues[i]])[:_MOST_ROWS].tolist(),
        }
        for i in np.argsort(shares[:, 0] - shares[:, 1], kind="stable")
    )


def _cause(outside: ShareChange, main: list[str], rows: tuple[dict[str, Any], ...]) -> Evidence:
    """Return the table ``causes``, whose sentence names the languages that moved most."""
    rose = outside.change > 0.0
    moved = [row for row in (rows if rose else rows[::-1]) if not row["main"]]
    moved = [row for row in moved if (row["current_share"] > row["reference_share"]) == rose][:_MOST_NAMED]
    mostly = f" (mostly {', '.join(row['language'] for row in moved)})" if moved else ""
    return cause_evidence(
        "language",
        f"Texts in another language than {' or '.join(main) or 'those of the reference'}",
        outside.change,
        (outside.reference_share, outside.current_share),
        f"documents whose language is clear{mostly}",
    )


def _notes(reference: Spoken, current: Spoken, n: int, m: int) -> tuple[str, ...]:
    clear = f"{n} of {len(reference)} reference and {m} of {len(current)} current documents"
    return (f"The language was clear in {clear}; the others are too short, or could be of several.",)
