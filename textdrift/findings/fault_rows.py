"""Which rows of two windows carry a fault of the pipeline, and what each row counts once they are dealt with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.window_pair import WindowPair
from textdrift.errors import WindowError
from textdrift.findings.fault_masks import Masks, documents_of_rows, masks_of
from textdrift.windows.auditing import Audit
from textdrift.windows.repairing import Cut

__all__ = ["FaultRows", "fault_rows"]

_REMEDIES = {"escaped": "repaired", "mojibake": "repaired", "truncated": "cut alike", "recased": "levelled"}
_LEFT_OUT = ("placeholder", "language", "template", "leak", "late")
_TRIMMED = {"characters": 1, "bytes": 3}  # a cut may leave a blank that is trimmed, or fall inside a character

_Weights = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class FaultRows:
    """What one fault does to the rows of two windows.

    Attributes
    ----------
    cause:
        The fault.
    touched:
        The share of the rows of the reference, and of the current window, that carry it; ``None`` where it is no fault
        of single rows, or nobody said which they are.
    kept:
        What each row counts once the rows with the fault are left out, shapes (n_rows,); ones where their texts can be
        repaired instead. ``None`` where the fault cannot explain a drift of the texts.
    remedy:
        What is done about it: repaired, left out, cut alike, levelled.
    """

    cause: str
    touched: tuple[float | None, float | None]
    kept: _Weights | None = None
    remedy: str | None = None


def fault_rows(pair: WindowPair, cause: str, *, mask: Masks | None, cut: Cut | None) -> FaultRows:
    """Return the rows that carry a fault.

    Of stripped texts it is not known which they are: a text may have had no capital before. As many are counted as the
    fall of the share of texts with the mark that fell most takes.

    Parameters
    ----------
    pair:
        Two windows with texts.
    cause:
        A name of the causes of drift of kind ``quality``.
    mask:
        Which rows carry it, shapes (n_rows,), boolean, where the caller knows; else see ``masks_of``.
    cut:
        The limit, of texts that were cut.

    Raises
    ------
    WindowError
        A mask has not one value a row.
    """
    audits = pair.audits
    mask = masks_of(pair, cause) if mask is None else mask
    if mask is not None:
        return _left_out(cause, mask, audits)
    if cause == "repeated":
        return _repeated(audits)
    if cause == "missing":
        return FaultRows(cause, (_share(audits[0].n_missing, audits[0]), _share(audits[1].n_missing, audits[1])))
    if cause not in _REMEDIES:
        return FaultRows(cause, (None, None))
    return FaultRows(
        cause,
        _stripped(*audits) if cause == "recased" else (_marked(audits[0], cause, cut), _marked(audits[1], cause, cut)),
        (np.ones(audits[0].n_rows), np.ones(audits[1].n_rows)),
        _REMEDIES[cause],
    )


def _left_out(cause: str, mask: Masks, audits: tuple[Audit, Audit]) -> FaultRows:
    for carried, audit, name in zip(mask, audits, ("reference", "current"), strict=True):
        if carried.shape != (audit.n_rows,):
            raise WindowError(
                f"the mask of the cause {cause!r} has the shape {carried.shape} for the {audit.n_rows} {name} rows; "
                "give one boolean a row"
            )
    touched = (_share(int(mask[0].sum()), audits[0]), _share(int(mask[1].sum()), audits[1]))
    if cause not in _LEFT_OUT:
        return FaultRows(cause, touched)
    return FaultRows(cause, touched, (np.where(mask[0], 0.0, 1.0), np.where(mask[1], 0.0, 1.0)), "left out")


def _repeated(audits: tuple[Audit, Audit]) -> FaultRows:
    """Keep the first row of each document; one of both windows counts in each by the share of its rows there.

    Once in each window it would weigh more in the smaller one, and two samples of one stream would differ.
    """
    documents = [documents_of_rows(audit) for audit in audits]
    n = 1 + max(int(of_row.max(initial=-1)) for of_row in documents)
    rows = [np.bincount(of_row[of_row >= 0], minlength=n) for of_row in documents]
    kept, touched = [], []
    for audit, of_row, here in zip(audits, documents, rows, strict=True):
        held, first = np.unique(of_row, return_index=True)
        first, held = first[held >= 0], held[held >= 0]
        weights = np.zeros(audit.n_rows)
        weights[first] = here[held] / (rows[0] + rows[1])[held]
        kept.append(weights)
        touched.append(_share(audit.n_usable - len(first), audit))
    return FaultRows("repeated", (touched[0], touched[1]), (kept[0], kept[1]), "left out")


def _marked(audit: Audit, cause: str, cut: Cut | None) -> float:
    if cause == "escaped":
        marks = audit.has_markup
    elif cause == "mojibake":
        marks = audit.is_mojibake
    elif cut is None:
        marks = np.zeros(len(audit.documents), dtype=bool)
    else:
        lengths = audit.n_characters if cut.unit == "characters" else audit.n_bytes
        marks = (lengths <= cut.length) & (lengths >= cut.length - _TRIMMED[cut.unit])
    return _share(float(audit.documents.sizes @ marks), audit)


def _stripped(reference: Audit, current: Audit) -> tuple[float, float]:
    """Return the share of the rows of each window that must have lost a mark for it to have fallen as it did."""
    capitals = _fallen((reference, reference.has_capital), (current, current.has_capital))
    punctuation = _fallen((reference, reference.has_punctuation), (current, current.has_punctuation))
    return max(capitals, punctuation, key=lambda lost: lost[1])


def _fallen(*windows: tuple[Audit, NDArray[np.bool_]]) -> tuple[float, float]:
    before, after = (_share(float(audit.documents.sizes @ marks), audit) for audit, marks in windows)
    most = max(before, after)
    return (1.0 - before / most, 1.0 - after / most) if most > 0.0 else (0.0, 0.0)


def _share(n: float, audit: Audit) -> float:
    return float(n) / audit.n_rows if audit.n_rows else 0.0
