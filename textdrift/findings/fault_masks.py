"""Which rows of two windows carry a fault that is seen in their texts: placeholders, languages, templates, leaks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from textdrift.drift.preparing_texts import skeletons
from textdrift.drift.quality.language import in_other_languages
from textdrift.drift.window_pair import WindowPair
from textdrift.windows.auditing import Audit
from textdrift.windows.duplicates import Documents
from textdrift.windows.languages import spoken_in

__all__ = ["Masks", "documents_of_rows", "masks_of"]

Masks = tuple[NDArray[np.bool_], NDArray[np.bool_]]

_MOST_READ = 20_000


def masks_of(pair: WindowPair, cause: str) -> Masks | None:
    """Return which rows carry a fault, shapes (n_rows,); ``None`` where their texts alone do not say.

    Languages of windows with more than 20,000 documents are not looked at: that takes seconds for each 10,000. Rows of
    a text that both windows hold are taken for leaked in both, since it is not known which of them were there by right.

    Parameters
    ----------
    pair:
        Two windows with texts.
    cause:
        A name of the causes of drift of kind ``quality``.
    """
    if cause == "placeholder":
        reference, current = pair.audits
        return (
            _of_rows(reference.documents, reference.is_placeholder),
            _of_rows(current.documents, current.is_placeholder),
        )
    if cause == "language":
        return _in_other_languages(pair)
    if cause == "template":
        return _from_templates(pair)
    return _in_both(*pair.audits) if cause == "leak" else None


def documents_of_rows(audit: Audit) -> NDArray[np.int64]:
    """Return the document of each row, near-copies as one, numbered over both windows; -1 without a text."""
    of_row = audit.documents.document_of_row
    clusters = audit.clusters if audit.clusters is not None else np.arange(len(audit.documents))
    return np.asarray(np.where(of_row < 0, -1, clusters[of_row]), dtype=np.int64)


def _in_other_languages(pair: WindowPair) -> Masks | None:
    reference, current = pair.documents
    if max(len(reference), len(current)) > _MOST_READ:
        return None
    spoken = [spoken_in(documents.texts, documents.first_rows) for documents in (reference, current)]
    outside = in_other_languages(spoken[0], spoken[1])
    return _of_rows(reference, outside[0]), _of_rows(current, outside[1])


def _from_templates(pair: WindowPair) -> Masks:
    found = skeletons(pair, None)
    marks = []
    for documents, placed, side in zip(pair.documents, found.documents, (found.reference, found.current), strict=True):
        made = np.zeros(len(documents), dtype=bool)
        made[placed] = side.skeleton >= 0
        marks.append(_of_rows(documents, made))
    return marks[0], marks[1]


def _in_both(reference: Audit, current: Audit) -> Masks:
    before, after = documents_of_rows(reference), documents_of_rows(current)
    both = np.intersect1d(before[before >= 0], after[after >= 0])
    return np.isin(before, both), np.isin(after, both)


def _of_rows(documents: Documents, marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the marks of documents as marks of their rows; a row without a text has none."""
    of_row = documents.document_of_row
    return np.asarray((of_row >= 0) & marks[of_row], dtype=bool)
