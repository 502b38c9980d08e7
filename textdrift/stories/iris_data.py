"""Fresh Iris flowers, and the classifier that says their species."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["FEATURES", "IRIS_ROLES", "Meadow", "iris_meadow", "measured_flowers"]

FEATURES: Final = ("sepal_length", "sepal_width", "petal_length", "petal_width")

IRIS_ROLES: Final[dict[str, Any]] = {
    "text": None,
    "features": list(FEATURES),
    "label": "species",
    "prediction": "answer",
    "probabilities": {"setosa": "p_setosa", "versicolor": "p_versicolor", "virginica": "p_virginica"},
    "id": "flower",
}
"""The roles of the columns, as ``compare`` takes them; ``configs/stories/iris.yaml`` holds the same."""

_SMALLEST = 0.1  # cm, what the measurements are rounded to; nothing is shorter


@dataclass(frozen=True, slots=True)
class Meadow:
    """Where flowers grow, and the classifier that was trained on others.

    Attributes
    ----------
    species:
        Names of the species, equally frequent.
    means, covariances:
        Shapes (3, 4) and (3, 4, 4): the law of the measurements of each species in cm, see `iris_meadow`.
    model:
        A fitted classifier of scikit-learn.
    """

    species: NDArray[np.str_]
    means: NDArray[np.float64]
    covariances: NDArray[np.float64]
    model: Any


def iris_meadow() -> Meadow:
    """Train a logistic regression on one half of Iris, and fit the law of fresh flowers to the other half.

    The 75 flowers with an even number in ``sklearn.datasets.load_iris`` train the classifier. To the other 75 a normal
    law of the four measurements is fitted, one for each species. Every flower of a window is drawn from it, those of
    the reference too: two windows are samples of one law then, and no flower that was trained on is judged.

    Examples
    --------
    >>> meadow = iris_meadow()
    >>> meadow.species.tolist(), meadow.means.shape
    (['setosa', 'versicolor', 'virginica'], (3, 4))
    """
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    iris = load_iris()
    trained = np.arange(len(iris.target)) % 2 == 0
    groups = [iris.data[~trained & (iris.target == code)] for code in range(len(iris.target_names))]
    return Meadow(
        species=iris.target_names,
        means=np.stack([group.mean(axis=0) for group in groups]),
        covariances=np.stack([np.cov(group.T) for group in groups]),
        model=LogisticRegression(max_iter=1000).fit(iris.data[trained], iris.target[trained]),
    )


def measured_flowers(
    meadow: Meadow, n: int, rng: np.random.Generator, *, too_long: float = 0.0, name: str = "flower"
) -> pa.Table:
    """Return fresh flowers with their measurements, their species and what the classifier says of them.

    Parameters
    ----------
    meadow:
        Where they grow.
    n:
        How many.
    rng:
        Draws them.
    too_long:
        By how many cm the caliper reads each length too long; the classifier is told what the caliper reads.
    name:
        Begins the numbers of the flowers.

    Examples
    --------
    >>> table = measured_flowers(iris_meadow(), 8, np.random.default_rng(0))
    >>> table.num_rows, table.column_names[:3]
    (8, ['flower', 'sepal_length', 'sepal_width'])
    """
    species = rng.integers(len(meadow.species), size=n)
    factors = np.linalg.cholesky(meadow.covariances)
    grown = meadow.means[species] + np.einsum("nij,nj->ni", factors[species], rng.normal(size=(n, len(FEATURES))))
    read = np.maximum(_SMALLEST, np.round(grown + too_long, 1))
    chances = meadow.model.predict_proba(read)
    columns: dict[str, Any] = {"flower": [f"{name}-{number:04}" for number in range(n)]}
    columns |= {feature: read[:, place] for place, feature in enumerate(FEATURES)}
    columns |= {"species": meadow.species[species], "answer": meadow.species[chances.argmax(axis=1)]}
    columns |= {f"p_{of}": chances[:, place] for place, of in enumerate(meadow.species)}
    return pa.table(columns)
