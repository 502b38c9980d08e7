"""Does a moved P(label) alone explain what is seen? The story to rule out before concept drift is named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.drift.concept.changed_documents import reference_guess
from textdrift.drift.concept.label_stories import Stories, stories_given_text, stories_within_labels
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_texts import PooledTexts, modelled_labels, pool
from textdrift.drift.contract import DriftResult, Effect, Evidence, sizes_table

__all__ = ["LabelShift"]

_POWER = 0.8
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True, slots=True)
class LabelShift:
    """Test whether a change of P(label) alone explains both windows.

    Null hypothesis: label shift, that is P(text | label) stayed. Then whatever is computed from a text alone has the
    same mean as before among the texts of each label; here it is computed from the guesses of models that know the
    reference only, so that a poor model costs power and not the level. Two means are watched. *The stories*: the mean
    log-likelihood ratio of "P(label) moved" to "the same texts were given other labels, no more of them than need be".
    *Crossing*: whether texts read less like their own label than before, as when labels are swapped at random. The
    p-value is twice the smaller of the two. The plain mean of a guess would give D - J delta, the test of Lipton, Wang
    and Smola (2018); its power is less, as it also counts the texts whose label lost some, which say nothing.

    Where topics moved too, this null hypothesis is false for a reason that is neither story. Both are then told apart
    by P(label | text) alone, which stands beside it in the evidence (`stories_given_text`).

    It supports a name, and never decides that something drifted: covariate drift breaks it, too.

    Cost: one logistic fit a fold for each label, O(N d^2) each.

    Attributes
    ----------
    n_folds:
        Folds of the cross-fits.
    n_components:
        Principal components of the points.
    level:
        Significance level that ``detectable`` speaks of.
    """

    n_folds: int = 5
    n_components: int = 128
    level: float = 0.05

    def compare(
        self, reference: LabelledEmbeddings, current: LabelledEmbeddings, *, rng: np.random.Generator
    ) -> DriftResult:
        """Compare two windows of labelled texts.

        Returns
        -------
        Kind ``concept``, effect ``way_to_relabelling``: 0 where the texts of each label read as before, 1 where they
        read as if other texts had been given the label. Evidence: ``sizes`` and ``sizes_given_text``, from texts within
        labels and from labels given the text, with the rows ``way``, its standard errors ``way_error_shifted`` and
        ``way_error_relabelled`` around 0 and around 1, ``p_stories``, ``p_crossed`` and ``log_likelihood_ratio``;
        ``labels``, a row for each label with its change of share, the most gained first, ``None`` for several in one.
        Errors are ``None`` where no share moved.

        Raises
        ------
        EmbeddingsError, WindowError
            When the windows do not belong together.

        Examples
        --------
        >>> import numpy as np
        >>> from textdrift.embeddings.embeddings import Embeddings
        >>> rng = np.random.default_rng(1)
        >>> def window(n_bad, n_good):
        ...     bad = np.repeat([True, False], [n_bad, n_good])
        ...     points = rng.normal(size=(n_bad + n_good, 3)) + 1.5 * bad[:, None]
        ...     shares = np.column_stack([bad, ~bad]).astype(float)
        ...     return LabelledEmbeddings(Embeddings(points, "toy"), shares, ("bad", "good"))
        >>> result = LabelShift().compare(window(200, 200), window(280, 120), rng=rng)
        >>> result.p_value > 0.01, abs(result.effects[0].value) < 0.5
        (True, True)
        """
        texts = pool(reference, current, n_folds=self.n_folds, n_components=self.n_components, rng=rng)
        columns, notes = modelled_labels(reference, current, self.n_folds)
        notes = (*texts.notes, *notes)
        if not columns:
            return self._undecided(reference, current, (*notes, "label shift was not tested"))
        names, member, guess = _labels_and_guesses(texts, columns, reference.label_names, self.n_folds)
        stories = stories_within_labels(guess, member, texts.is_current)
        given_text = stories_given_text(guess, member, texts.is_current)
        p_value = min(1.0, 2 * max(min(stories.p_value, stories.p_crossed), _TINY))
        return DriftResult(
            test="concept.label_shift",
            kind="concept",
            statistic=float(-ndtri(p_value / 2)),
            p_value=p_value,
            effects=(self._effect(stories),),
            n_documents=(len(reference), len(current)),
            evidence=(
                Evidence(name="sizes", rows=_sizes(stories)),
                Evidence(name="sizes_given_text", rows=_sizes(given_text)),
                Evidence(name="labels", rows=_changes(names, member, texts.is_current)),
            ),
            notes=notes,
        )

    def _effect(self, stories: Stories) -> Effect:
        error = stories.way_errors[0]
        reach = float(ndtri(0.975)) * error
        detectable = float(-ndtri(self.level / 4) + ndtri(_POWER)) * error
        return Effect(
            name="way_to_relabelling",
            value=stories.way,
            low=stories.way - reach,
            high=stories.way + reach,
            detectable=detectable,
        )

    def _undecided(
        self, reference: LabelledEmbeddings, current: LabelledEmbeddings, notes: tuple[str, ...]
    ) -> DriftResult:
        unknown = Effect(name="way_to_relabelling", value=0.0, low=-np.inf, high=np.inf, detectable=np.inf)
        return DriftResult(
            test="concept.label_shift",
            kind="concept",
            statistic=0.0,
            p_value=1.0,
            effects=(unknown,),
            n_documents=(len(reference), len(current)),
            notes=notes,
        )


def _labels_and_guesses(
    texts: PooledTexts, columns: list[int], label_names: tuple[str, ...], n_folds: int
) -> tuple[tuple[str | None, ...], NDArray[Any], NDArray[Any]]:
    """Return names, shares and guesses of the modelled labels, and of the rest (``None``: several labels in one)."""
    guess = reference_guess(texts, columns)
    names: list[str | None] = [label_names[column] for column in columns]
    member = texts.shares[:, columns]
    rest = np.clip(1 - member.sum(axis=1), 0.0, 1.0)
    sides = [rest[side].sum() for side in (~texts.is_current, texts.is_current)]
    if len(columns) == 1 or min(sides) >= n_folds:
        others = [name for column, name in enumerate(label_names) if column not in columns]
        names.append(others[0] if len(others) == 1 else None)
        member = np.column_stack([member, rest])
        guess = np.column_stack([guess, np.clip(1 - guess.sum(axis=1), 0.0, 1.0)])
    return tuple(names), member, guess


def _changes(
    names: tuple[str | None, ...], member: NDArray[Any], is_current: NDArray[Any]
) -> tuple[dict[str, object], ...]:
    changes = member[is_current].mean(axis=0) - member[~is_current].mean(axis=0)
    order = np.argsort(-changes, kind="stable")
    return tuple({"label": names[i], "change": float(changes[i])} for i in order)


def _sizes(stories: Stories) -> tuple[dict[str, object], ...]:
    error_shifted, error_relabelled = (error if np.isfinite(error) else None for error in stories.way_errors)
    sizes: dict[str, float | int | None] = {
        "way": stories.way,
        "way_error_shifted": error_shifted,
        "way_error_relabelled": error_relabelled,
        "p_stories": stories.p_value,
        "p_crossed": stories.p_crossed,
        "log_likelihood_ratio": stories.log_likelihood_ratio,
    }
    return sizes_table(sizes).rows
