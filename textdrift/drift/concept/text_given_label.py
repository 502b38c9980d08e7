"""Are the texts of each label different? P(text | label), which a moved P(label) leaves as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from textdrift.drift.concept.labelled import LabelledEmbeddings, check_comparable
from textdrift.drift.contract import DriftResult, Effect, Evidence
from textdrift.stats.cross_fitting import principal_components
from textdrift.stats.permutations import (
    in_two_rounds,
    max_standardised,
    permutation_p_value,
    reference_indicators,
)

__all__ = ["TextGivenLabel", "within_label_statistics"]

_RIDGES = (0.01, 0.1, 1.0, 10.0)
_POWER = 0.8


@dataclass(frozen=True, slots=True)
class TextGivenLabel:
    """Test whether the texts of each label moved.

    Null hypothesis: given the label, text and window are independent. It holds when only the shares of the labels
    moved (label shift), and is broken by covariate drift as well as by concept drift: it supports a name, it never
    decides one. The statistic is the whitened shift of the mean within labels, for several ridges, the largest
    standardised one kept; windows are permuted inside labels, so the p-value is exact.

    Cost: one product of the (N, d) points with the permutations, batched.

    Attributes
    ----------
    n_permutations:
        Permutations of the full round.
    n_components:
        Principal components of the points.
    min_documents:
        Texts of a label needed in each window; other labels are left out, with a note.
    level:
        Significance level that ``detectable`` speaks of.
    """

    n_permutations: int = 499
    n_components: int = 128
    min_documents: int = 5
    level: float = 0.05

    def compare(
        self, reference: LabelledEmbeddings, current: LabelledEmbeddings, *, rng: np.random.Generator
    ) -> DriftResult:
        """Compare two windows of labelled texts.

        Returns
        -------
        Kind ``concept``, effect ``std_shift_within_labels``: the root of the squared mean shift within labels over
        the total variance within labels, averaged over labels by their texts, freed of its bias (negative where there
        is less shift than chance makes).

        Raises
        ------
        EmbeddingsError, WindowError
            When the windows do not belong together.

        Examples
        --------
        >>> import numpy as np
        >>> from textdrift.embeddings.embeddings import Embeddings
        >>> rng = np.random.default_rng(0)
        >>> def window(n_bad, n_good):
        ...     bad = np.repeat([True, False], [n_bad, n_good])
        ...     points = rng.normal(size=(n_bad + n_good, 3)) + 2.0 * bad[:, None]
        ...     shares = np.column_stack([bad, ~bad]).astype(float)
        ...     return LabelledEmbeddings(Embeddings(points, "toy"), shares, ("bad", "good"))
        >>> result = TextGivenLabel(n_permutations=99).compare(window(150, 50), window(50, 150), rng=rng)
        >>> result.p_value > 0.01
        True
        """
        check_comparable(reference, current)
        k = len(reference.label_names)
        counts = np.stack([np.bincount(window.codes, minlength=k) for window in (reference, current)])
        columns = np.flatnonzero((counts >= self.min_documents).all(axis=0))
        rare = [name for c, name in enumerate(reference.label_names) if c not in columns and counts[:, c].any()]
        notes = (
            ()
            if not rare
            else (f"labels with fewer than {self.min_documents} texts in a window were left out: {', '.join(rare)}",)
        )
        if columns.size == 0:
            return self._undecided(reference, current, (*notes, "texts within labels were not compared"))
        codes = np.concatenate([reference.codes, current.codes])
        kept = np.isin(codes, columns)
        is_current = np.repeat([False, True], [len(reference), len(current)])[kept]
        codes = codes[kept]
        points = np.concatenate([reference.embeddings.points, current.embeddings.points])[kept]
        points = principal_components(points, self.n_components)

        def run(n_permutations: int) -> DriftResult:
            statistics = within_label_statistics(points, codes, is_current, n_permutations, rng)
            combined, standardised = max_standardised(statistics)
            return DriftResult(
                test="concept.text_given_label",
                kind="concept",
                statistic=float(combined[0]),
                p_value=permutation_p_value(combined[0], combined[1:]),
                effects=(_std_shift(points, codes, is_current, self.level),),
                n_documents=(int((~is_current).sum()), int(is_current.sum())),
                evidence=(
                    Evidence(
                        name="sizes",
                        rows=tuple(
                            {"name": f"standardised shift at ridge {ridge}", "value": float(z)}
                            for ridge, z in zip(_RIDGES, standardised[:, 0], strict=True)
                        ),
                    ),
                ),
                notes=notes,
            )

        return in_two_rounds(run, self.n_permutations)

    def _undecided(
        self, reference: LabelledEmbeddings, current: LabelledEmbeddings, notes: tuple[str, ...]
    ) -> DriftResult:
        unknown = Effect(name="std_shift_within_labels", value=0.0, low=-np.inf, high=np.inf, detectable=np.inf)
        return DriftResult(
            test="concept.text_given_label",
            kind="concept",
            statistic=0.0,
            p_value=1.0,
            effects=(unknown,),
            n_documents=(len(reference), len(current)),
            notes=notes,
        )


def within_label_statistics(
    points: NDArray[Any], codes: NDArray[Any], is_current: NDArray[Any], n_permutations: int, rng: np.random.Generator
) -> NDArray[Any]:
    """Return the whitened mean shift within labels of the observed and all permuted windows, shape (ridges, B + 1).

    For each label, with n and m texts in the windows and D the difference of their means in the directions of the
    pooled covariance within labels (eigenvalues e): sum over labels of
    n m / (n + m) sum_j D_j^2 / (e_j + ridge mean(e)).
    """
    centred = _centred_within(points, codes)
    values, directions = np.linalg.eigh(centred.T @ centred / len(centred))
    values = np.maximum(values, 0.0)
    inverse = np.array([1 / (values + ridge * values.mean() + np.finfo(float).tiny) for ridge in _RIDGES])
    rotated = (centred @ directions).astype(np.float32)
    statistics = np.zeros((len(_RIDGES), n_permutations + 1))
    for code in np.unique(codes):
        before = np.flatnonzero((codes == code) & ~is_current)
        after = np.flatnonzero((codes == code) & is_current)
        own = rotated[np.concatenate([before, after])].T
        n, m = len(before), len(after)
        done = 0
        for columns in reference_indicators(n, m, n_permutations, rng):
            # The label's rows sum to zero, so the sum over the reference alone gives the difference of the means.
            difference = (own @ columns).astype(np.float64) * (1 / n + 1 / m)
            statistics[:, done : done + columns.shape[1]] += n * m / (n + m) * (inverse @ difference**2)
            done += columns.shape[1]
    return statistics


def _centred_within(points: NDArray[Any], codes: NDArray[Any]) -> NDArray[Any]:
    centred = np.array(points, dtype=np.float64)
    for code in np.unique(codes):
        centred[codes == code] -= centred[codes == code].mean(axis=0)
    return centred


def _std_shift(points: NDArray[Any], codes: NDArray[Any], is_current: NDArray[Any], level: float) -> Effect:
    """Size of the mean shift within labels; variance of a squared length of a normal vector for its interval."""
    centred = _centred_within(points, codes)
    covariance = centred.T @ centred / len(centred)
    total = float(np.trace(covariance))
    if total <= 0:
        return Effect(name="std_shift_within_labels", value=0.0, low=0.0, high=0.0, detectable=np.inf)
    squared = noise = along = reach = 0.0
    largest = float(np.linalg.eigvalsh(covariance)[-1])
    for code in np.unique(codes):
        parts = [centred[(codes == code) & (is_current == side)] for side in (False, True)]
        share = (len(parts[0]) + len(parts[1])) / len(codes)
        inverse_size = 1 / len(parts[0]) + 1 / len(parts[1])
        difference = parts[1].mean(axis=0) - parts[0].mean(axis=0)
        bias = sum(part.var(axis=0, ddof=1).sum() / len(part) for part in parts)
        squared += share * (float(difference @ difference) - bias)
        noise += 2 * (share * inverse_size) ** 2 * float((covariance**2).sum())
        along += 4 * share**2 * inverse_size * float(difference @ covariance @ difference)
        reach += share**2 * inverse_size
    error = np.sqrt(noise + along)
    z = float(ndtri(0.975))
    return Effect(
        name="std_shift_within_labels",
        value=_signed_root(squared / total),
        low=_signed_root((squared - z * error) / total),
        high=_signed_root((squared + z * error) / total),
        detectable=_detectable(noise, reach * largest, total, level),
    )


def _detectable(noise: float, slope: float, total: float, level: float) -> float:
    """Solve q = quantile + 0.84 sqrt(noise + 4 slope q) for the squared shift q that shows with power 0.8."""
    quantile = float(-ndtri(level)) * np.sqrt(noise)
    u = float(ndtri(_POWER))
    half = quantile + 2 * u**2 * slope
    q = half + np.sqrt(max(0.0, half**2 - quantile**2 + u**2 * noise))
    return float(np.sqrt(q / total))


def _signed_root(value: float) -> float:
    return float(np.sign(value) * np.sqrt(abs(value)))
