"""Does the same text now carry another label? P(label | text), whatever P(text) did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.drift.concept.changed_documents import reference_guess
from textdrift.drift.concept.covariances import covariance_p_values
from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import PooledFit, fit_pooled
from textdrift.drift.concept.pooled_texts import modelled_labels, pool
from textdrift.drift.concept.ratings import rating_fit, rating_variance, ratings_of
from textdrift.drift.concept.relabelled_shares import (
    net_relabelled,
    relabelled_ways,
    share_by_reference,
    share_relabelled,
)
from textdrift.drift.concept.term_polarity import TermPolarity
from textdrift.drift.concept.where_labels_changed import where_labels_changed
from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.embeddings.topics import topics_of
from textdrift.stats.multiplicity import bonferroni, cauchy_combination

__all__ = ["LabelGivenText"]

_LEAST_OVERLAP = 0.1
_POWER = 0.8
_LIKELIER = 0.5
_WEIGHTS = (0.3, 0.5, 0.2)
"""Of the Cauchy combination: the average change, texts that cross over, topics."""
_WORDS_WEIGHT = 0.2
_EXPLAINED_FROM = 0.05
_REACH = 0.975
_BEYOND = 0.025
_REACH_IN_ERRORS = 1.959963984540054


@dataclass(frozen=True, slots=True)
class LabelGivenText:
    """Test whether the label depends on the window, given the text.

    Null hypothesis: label and window are independent given the text. The label share f(x) and the window share g(x)
    of texts like x are guessed by models that never saw x; then every weighted mean of (y - f)(w - g) is zero, and a
    wrong guess of one is forgiven where the other is right (Shah and Peters 2020; weights after Scheidegger, Hörrmann
    and Bühlmann 2022). Both guesses look at the points, at the words (a naive Bayes score, Wang and Manning 2012) and,
    where they are given, at the monitored model's own probabilities; those are left out where the same texts get other
    probabilities than before, for then they are no property of the text. Three alternatives are watched for each
    label: it became more or less common for the same texts; clear texts changed sides; something changed in one topic.
    Labels that are three or more numbers are also watched as a rating. Their p-values join by the Cauchy combination
    (Liu and Xie 2020), the labels by Bonferroni; where words are given, the word whose texts changed most joins them.

    Labels that merely became surer, fewer odd ones than before, are not looked for: no text got another label. No test
    of this hypothesis works for every law (Shah and Peters): it needs models that learn. A pure change of P(label) also
    moves P(label | text) and is also found.

    Cost: one logistic fit a fold for the window and for each label, O(N d^2) each.

    Attributes
    ----------
    n_folds:
        Folds of the cross-fit; a label needs as many texts in each window.
    n_components:
        Principal components of the points.
    n_topics:
        Topics looked at one by one.
    level:
        Significance level that ``detectable`` speaks of, and of the words that changed.
    """

    n_folds: int = 5
    n_components: int = 128
    n_topics: int = 8
    level: float = 0.05

    def compare(
        self, reference: LabelledEmbeddings, current: LabelledEmbeddings, *, rng: np.random.Generator
    ) -> DriftResult:
        """Compare two windows of labelled texts.

        Returns
        -------
        Kind ``concept``. Effects: ``share_relabelled``, the share of texts that a change of mind touched, both ways
        (of the current window, were its texts as the pooled ones); ``net_relabelled``, the part of it that does not
        cancel, for the label that moved most. Evidence: ``sizes``, and ``terms`` where words are given.

        Raises
        ------
        EmbeddingsError, WindowError
            When the windows do not belong together.

        Examples
        --------
        >>> import numpy as np
        >>> from textdrift.embeddings.embeddings import Embeddings
        >>> rng = np.random.default_rng(0)
        >>> points = rng.normal(size=(2000, 4))
        >>> good = points[:, 0] > 0
        >>> good[1000:] ^= rng.random(1000) < 0.2
        >>> shares = np.column_stack([~good, good]).astype(float)
        >>> windows = [
        ...     LabelledEmbeddings(Embeddings(points[rows], "toy"), shares[rows], ("bad", "good"))
        ...     for rows in (slice(1000), slice(1000, 2000))
        ... ]
        >>> result = LabelGivenText().compare(*windows, rng=rng)
        >>> result.p_value < 0.001, round(result.effects[0].value, 1)
        (True, 0.2)
        """
        texts = pool(reference, current, n_folds=self.n_folds, n_components=self.n_components, rng=rng)
        columns, notes = modelled_labels(reference, current, self.n_folds)
        notes = (*texts.notes, *notes)
        if not columns:
            return self._undecided(reference, current, (), (*notes, "concept drift was not tested"))
        fit = fit_pooled(texts, columns, reference.label_names)
        if fit.overlap < _LEAST_OVERLAP:
            note = "the windows hardly overlap: concept drift cannot be separated from other texts"
            sizes = Evidence(name="sizes", rows=({"name": "overlap", "value": fit.overlap},))
            return self._undecided(reference, current, (sizes,), (*notes, note))
        topics = topics_of(fit.points, self.n_topics, rng).of_row
        parts = covariance_p_values(fit, topics)
        ratings = ratings_of(fit.label_names)
        if ratings is not None:
            among = rating_variance(fit, ratings)
            rated = covariance_p_values(rating_fit(fit, ratings), topics, among_copies=among)
            parts = np.vstack([parts, rated])
        p_value = bonferroni([cauchy_combination(p, _WEIGHTS) for p in parts])
        terms: tuple[dict[str, Any], ...] = ()
        if reference.counts is not None and current.counts is not None:
            terms = TermPolarity(level=self.level).find(fit, reference.counts, current.counts)
            p_word = float(terms[0]["p_value"]) if terms else 1.0
            p_value = cauchy_combination([p_value, p_word], [1 - _WORDS_WEIGHT, _WORDS_WEIGHT])
        evidence = [Evidence(name="sizes", rows=_sizes(fit, parts)), Evidence(name="relabelled", rows=_ways(fit))]
        if ratings is not None:
            evidence.append(Evidence(name="rating", rows=(_rating(fit, ratings),)))
        guess = None
        if p_value <= _EXPLAINED_FROM:
            guess = reference_guess(texts, columns)
            evidence += [
                Evidence(name="terms", rows=terms),
                *where_labels_changed(fit, guess, topics, (reference, current), level=_EXPLAINED_FROM),
            ]
        return DriftResult(
            test="concept.label_given_text",
            kind="concept",
            statistic=float(-ndtri(p_value / 2)),
            p_value=p_value,
            effects=self._effects(fit, guess),
            n_documents=(len(reference), len(current)),
            evidence=tuple(evidence),
            notes=notes,
        )

    def _effects(self, fit: PooledFit, guess: NDArray[Any] | None) -> tuple[Effect, Effect]:
        """Return the sizes; ``guess`` is the reference's own, where the test finds a change."""
        gross, gross_error = (None if guess is None else share_by_reference(fit, guess)) or share_relabelled(fit)
        net, net_error = net_relabelled(fit)
        moved, k = int(np.argmax(np.abs(net))), len(net)
        # What is seen for sure is seen by one part of the combination, for one label.
        shares = np.array([_WEIGHTS[0] / 2, _WEIGHTS[1]]) * (1 - _WORDS_WEIGHT) / k
        average, crossing = -ndtri(self.level * shares) + ndtri(_POWER)
        among_labels = float(-ndtri(_BEYOND / k))
        return (
            # A sum of parts that are held at 0 or above is above 0 by chance; only the test says that it is not.
            _magnitude("share_relabelled", gross, gross_error, crossing, at_least_0=guess is None),
            _magnitude("net_relabelled", abs(net[moved]), net_error[moved], average, reach=among_labels),
        )

    def _undecided(
        self,
        reference: LabelledEmbeddings,
        current: LabelledEmbeddings,
        evidence: tuple[Evidence, ...],
        notes: tuple[str, ...],
    ) -> DriftResult:
        unknown = [
            Effect(name=name, value=0.0, low=0.0, high=1.0, detectable=np.inf)
            for name in ("share_relabelled", "net_relabelled")
        ]
        return DriftResult(
            test="concept.label_given_text",
            kind="concept",
            statistic=0.0,
            p_value=1.0,
            effects=tuple(unknown),
            n_documents=(len(reference), len(current)),
            evidence=evidence,
            notes=notes,
        )


def _magnitude(
    name: str, value: float, error: float, multiple: float, *, reach: float = _REACH_IN_ERRORS, at_least_0: bool = False
) -> Effect:
    return Effect(
        name=name,
        value=float(value),
        low=0.0 if at_least_0 else float(max(0.0, value - reach * error)),
        high=float(value + reach * error),
        detectable=float(multiple * error),
    )


def _sizes(fit: PooledFit, parts: NDArray[Any]) -> tuple[dict[str, object], ...]:
    rows: list[dict[str, object]] = [
        {"name": "overlap", "value": fit.overlap},
        {"name": "accuracy", "value": _accuracy(fit)},
    ]
    net, error = net_relabelled(fit)
    for label, p, estimate, se in zip(fit.label_names, parts[: len(fit.label_names)], net, error, strict=True):
        rows += [
            {"name": f"{name}: {label}", "value": float(value)}
            for name, value in zip(
                ("net_relabelled", "net_relabelled_error", "p_average", "p_crossing", "p_topics"),
                (estimate, se, *p),
                strict=True,
            )
        ]
    return tuple(rows)


def _ways(fit: PooledFit) -> tuple[dict[str, Any], ...]:
    """For each label: its net change among comparable texts, and who gained and who lost it, with 95 % intervals."""
    rows = []
    reach = float(ndtri(_REACH))
    net, error = net_relabelled(fit)
    for column, label in enumerate(fit.label_names):
        (gained, lost), covariance = relabelled_ways(fit, column)
        rows.append(
            {
                "label": label,
                "net": float(net[column]),
                "net_low": float(net[column] - reach * error[column]),
                "net_high": float(net[column] + reach * error[column]),
                "gained": float(gained),
                "gained_error": float(np.sqrt(covariance[0, 0])),
                "lost": float(lost),
                "lost_error": float(np.sqrt(covariance[1, 1])),
            }
        )
    return tuple(sorted(rows, key=lambda row: -abs(row["net"])))


def _rating(fit: PooledFit, ratings: NDArray[Any]) -> dict[str, Any]:
    net, error = net_relabelled(rating_fit(fit, ratings))
    span = float(np.ptp(ratings))
    reach = float(ndtri(_REACH)) * float(error[0])
    return {"change": span * float(net[0]), "low": span * float(net[0] - reach), "high": span * float(net[0] + reach)}


def _accuracy(fit: PooledFit) -> float:
    """Share of texts that the guess gets right: how much the test can know."""
    probability, label = fit.label_probability, fit.label
    if probability.shape[1] == 1:
        return float(((probability[:, 0] > _LIKELIER) == (label[:, 0] > _LIKELIER)).mean())
    return float((probability.argmax(axis=1) == label.argmax(axis=1)).mean())
