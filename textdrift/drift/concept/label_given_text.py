"""Does the same text now carry another label? P(label | text), whatever P(text) did."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from textdrift.drift.concept.labelled import LabelledEmbeddings
from textdrift.drift.concept.pooled_fit import PooledFit, fit_pooled, modelled_labels, pool
from textdrift.drift.concept.term_polarity import TermPolarity
from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.stats.multiplicity import bonferroni, cauchy_combination

__all__ = ["LabelGivenText", "covariance_p_values", "net_relabelled", "share_relabelled"]

_LEAST_OVERLAP = 0.1
_POWER = 0.8
_LIKELIER = 0.5


@dataclass(frozen=True, slots=True)
class LabelGivenText:
    """Test whether the label depends on the window, given the text.

    Null hypothesis: label and window are independent given the text. The label share f(x) and the window share g(x)
    of texts like x are guessed by models that never saw x; then every weighted mean of (y - f)(w - g) is zero, and a
    wrong guess of one is forgiven where the other is right (Shah and Peters 2020; weights after Scheidegger, Hörrmann
    and Bühlmann 2022). Three alternatives are watched for each label: it became more or less common for the same
    texts; clear texts changed sides; something changed in one topic. Their p-values join by the Cauchy combination
    (Liu and Xie 2020), the labels by Bonferroni. No test of this hypothesis works for every law (Shah and Peters): it
    needs models that learn. A pure change of P(label) also moves P(label | text) and is also found.

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
        if not columns:
            return self._undecided(reference, current, (), (*notes, "concept drift was not tested"))
        fit = fit_pooled(texts, columns, reference.label_names)
        topics = _topics(fit.points, self.n_topics, rng)
        parts = covariance_p_values(fit, topics)
        sizes = _sizes(fit, parts)
        if fit.overlap < _LEAST_OVERLAP:
            note = "the windows hardly overlap: concept drift cannot be separated from other texts"
            return self._undecided(reference, current, (Evidence(name="sizes", rows=sizes),), (*notes, note))
        p_value = bonferroni([cauchy_combination(p) for p in parts])
        evidence = [Evidence(name="sizes", rows=sizes)]
        if reference.counts is not None and current.counts is not None:
            terms = TermPolarity(level=self.level).find(fit, reference.counts, current.counts)
            evidence.append(Evidence(name="terms", rows=terms))
        return DriftResult(
            test="concept.label_given_text",
            kind="concept",
            statistic=float(stats.norm.isf(p_value / 2)),
            p_value=p_value,
            effects=self._effects(fit),
            n_documents=(len(reference), len(current)),
            evidence=tuple(evidence),
            notes=notes,
        )

    def _effects(self, fit: PooledFit) -> tuple[Effect, Effect]:
        gross, gross_error = share_relabelled(fit)
        net, net_error = net_relabelled(fit)
        moved = int(np.argmax(np.abs(net)))
        multiple = float(stats.norm.isf(self.level / 2) + stats.norm.ppf(_POWER))
        return (
            _magnitude("share_relabelled", gross, gross_error, multiple * float(net_error.max())),
            _magnitude("net_relabelled", abs(net[moved]), net_error[moved], multiple * float(net_error[moved])),
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


def covariance_p_values(fit: PooledFit, topics: NDArray[Any]) -> NDArray[Any]:
    """Return the three p-values of each label: on average, along the score, in the topics; shape (k, 3).

    With R = (y - f)(w - g) and a weight h that knows neither y nor w, Z = sum(R h) / sqrt(sum((R h)^2)) is standard
    normal under the null hypothesis when many texts share in it. Where few do (a topic of a small window) its tails are
    heavier, so p is Student's with as many degrees of freedom as texts that count: (sum (R h)^2)^2 / sum (R h)^4. For
    h = 1 the variance is inflated by what f and g learned from the same texts; for the other weights, of both signs or
    few texts, that is too little to see.

    Parameters
    ----------
    fit:
        The cross-fitted guesses.
    topics:
        Shape (N,), integers: clusters of the texts, made without labels and windows.
    """
    member = topics[:, None] == np.unique(topics)[None, :]
    products = fit.label_residual * fit.window_residual[:, None]

    def p_value(terms: NDArray[Any]) -> NDArray[Any]:
        spread = np.sqrt((terms**2).sum(axis=0))
        z = np.divide(terms.sum(axis=0), spread, out=np.zeros_like(spread), where=spread > 0)
        return np.asarray(2 * stats.t.sf(np.abs(z), _texts_that_count(terms)))

    rows = []
    for product, score, net, error in zip(products.T, fit.score.T, *net_relabelled(fit), strict=True):
        weighted = product * score
        average = float(2 * stats.t.sf(abs(net) / error, _texts_that_count(product))) if error > 0 else 1.0
        in_topics = p_value(np.column_stack([product[:, None] * member, weighted[:, None] * member]))
        rows.append([average, float(p_value(weighted)), bonferroni(in_topics)])
    return np.array(rows)


def _texts_that_count(terms: NDArray[Any]) -> NDArray[Any]:
    """Return the number of equal terms that would vary as these do, at least 1."""
    squares = terms**2
    fourth = (squares**2).sum(axis=0)
    count = np.divide(squares.sum(axis=0) ** 2, fourth, out=np.ones_like(fourth), where=fourth > 0)
    return np.asarray(np.maximum(1.0, count))


def net_relabelled(fit: PooledFit) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return by how much each label became more common for the same texts, and its standard error, both (k,).

    sum(R) / sum((w - g)^2): the average over texts that both windows hold (overlap weights, Li, Morgan and Zaslavsky
    2018). -0.07 reads "7 of 100 comparable texts lost the label".
    """
    window = fit.window_residual
    products = fit.label_residual * window[:, None]
    weight = (window**2).sum()
    return products.sum(axis=0) / weight, np.sqrt(fit.inflation * (products**2).sum(axis=0)) / weight


def share_relabelled(fit: PooledFit) -> tuple[float, float]:
    """Return the share of texts whose label changed, whichever way, and its standard error.

    Where a share a of the texts without a label gained it, and a share b of those with it lost it, the label's
    probability moved by a (1 - f) - b f. So a and b are the coefficients of v (1 - f) and -v f, v = w - g, in the least
    squares regression of y - f, f first brought to scale by a regression of y on [1 - f, f]; the share relabelled is
    a mean(1 - f) + b mean(f). Being shares, a and b are held non-negative (Lawson and Hanson): that sees a change one
    way, which moves all texts alike, as well as one both ways, which moves the clear ones. Over labels: half the sum,
    since each text that changes is lost to one label and gained by another. The standard error is the sandwich's of
    the regression without the bounds, hence a little large.
    """
    from scipy.optimize import nnls

    v = fit.window_residual
    influence = np.zeros(len(v))
    share = 0.0
    # One label against the rest is the whole story; its mirror has the same a and b, swapped.
    weight = 1.0 if fit.label.shape[1] == 1 else 0.5
    for y, f in zip(fit.label.T, fit.label_probability.T, strict=True):
        plain = np.column_stack([1 - f, f])
        scaled = plain @ np.linalg.lstsq(plain, y, rcond=None)[0]
        design = np.column_stack([v * (1 - scaled), -v * scaled])
        contrast = np.array([np.mean(1 - scaled), np.mean(scaled)])
        share += weight * float(contrast @ nnls(design, y - scaled)[0])
        inverse = np.linalg.pinv(design.T @ design)
        left = y - scaled - design @ (inverse @ (design.T @ (y - scaled)))
        influence += weight * (design @ (inverse @ contrast)) * left
    return share, float(np.sqrt((influence**2).sum()))


def _magnitude(name: str, value: float, error: float, detectable: float) -> Effect:
    reach = float(stats.norm.ppf(0.975)) * error
    return Effect(
        name=name,
        value=float(value),
        low=float(max(0.0, value - reach)),
        high=float(value + reach),
        detectable=float(detectable),
    )


def _sizes(fit: PooledFit, parts: NDArray[Any]) -> tuple[dict[str, object], ...]:
    rows: list[dict[str, object]] = [
        {"name": "overlap", "value": fit.overlap},
        {"name": "accuracy", "value": _accuracy(fit)},
    ]
    net, error = net_relabelled(fit)
    for label, p, estimate, se in zip(fit.label_names, parts, net, error, strict=True):
        rows += [
            {"name": f"{name}: {label}", "value": float(value)}
            for name, value in zip(
                ("net_relabelled", "net_relabelled_error", "p_average", "p_score", "p_topics"),
                (estimate, se, *p),
                strict=True,
            )
        ]
    return tuple(rows)


def _accuracy(fit: PooledFit) -> float:
    """Share of texts that the guess gets right: how much the test can know."""
    probability, label = fit.label_probability, fit.label
    if probability.shape[1] == 1:
        return float(((probability[:, 0] > _LIKELIER) == (label[:, 0] > _LIKELIER)).mean())
    return float((probability.argmax(axis=1) == label.argmax(axis=1)).mean())


def _topics(points: NDArray[Any], n_topics: int, rng: np.random.Generator) -> NDArray[Any]:
    """Cluster the texts without looking at labels or windows."""
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning

    model = KMeans(n_clusters=min(n_topics, len(points)), n_init=1, random_state=int(rng.integers(2**31)))
    with warnings.catch_warnings():
        # Fewer distinct texts than topics: the topics that stay empty are simply not looked at.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(model.fit_predict(points))
