"""Features that let a linear model bend: the edges and the squares of the leading components."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["bends", "edges"]

_FARTHEST = 4.0
_SCALE = 0.3


def edges(components: NDArray[Any]) -> NDArray[Any]:
    """Return how far each text lies beyond one deviation, on either side of each component; shape (N, 2 c).

    Texts of a kind that a window hardly holds lie at the edge of it: there the odds of the window bend, and a plain
    line through them would spread what happens at the edge over all texts. The columns are centred and small, so that
    a ridge penalty lets only many texts bend a model.

    Parameters
    ----------
    components:
        Shape (N, c), centred.

    Examples
    --------
    >>> import numpy as np
    >>> edges(np.array([[-3.0], [-1.0], [1.0], [3.0]])).round(2).tolist()
    [[-0.03, 0.08], [-0.03, -0.03], [-0.03, -0.03], [0.08, -0.03]]
    """
    units = _units(components)
    return _small(np.hstack([np.maximum(units - 1.0, 0.0), np.maximum(-units - 1.0, 0.0)]))


def bends(components: NDArray[Any]) -> NDArray[Any]:
    """Return the edges of each component, and its square; shape (N, 3 c).

    Where texts spread out, or a topic of a few texts grows, the odds of a window and of a label bend along the
    components; a plain line misses that, and what it misses in both guesses looks like a change of labels. The squares
    are centred and small as the edges are.

    Parameters
    ----------
    components:
        Shape (N, c), centred.

    Examples
    --------
    >>> import numpy as np
    >>> bends(np.array([[-3.0], [-1.0], [1.0], [3.0]])).round(2).tolist()
    [[-0.03, 0.08, 0.06], [-0.03, -0.03, -0.06], [-0.03, -0.03, -0.06], [0.08, -0.03, 0.06]]
    """
    return np.hstack([edges(components), _small(_units(components) ** 2 / _FARTHEST)])


def _units(components: NDArray[Any]) -> NDArray[Any]:
    """Return each component in deviations; one far text cannot rule a column."""
    spread = components.std(axis=0)
    return np.asarray(np.clip(components / np.where(spread > 0, spread, 1.0), -_FARTHEST, _FARTHEST))


def _small(columns: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(_SCALE * (columns - columns.mean(axis=0)))
