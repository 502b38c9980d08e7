"""Truncation: which texts are longer than the encoder reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

__all__ = ["Truncation"]


@dataclass(frozen=True, slots=True)
class Truncation:
    """Which of some texts an encoder cuts.

    Attributes
    ----------
    cut:
        Shape (n_texts,), boolean: the end of this text is not in its vector.
    max_tokens:
        The longest input of the encoder, in its own tokens, special ones counted.

    Examples
    --------
    >>> import numpy as np
    >>> Truncation(np.array([False, True, False]), max_tokens=256).sentence
    '1 of 3 texts are longer than the 256 tokens that the encoder reads; the rest of each is not in its vector'
    """

    cut: NDArray[Any]
    max_tokens: int

    @property
    def n_cut(self) -> int:
        """How many texts are cut."""
        return int(self.cut.sum())

    @property
    def sentence(self) -> str:
        """One line for the notes of a run, empty where no text is cut."""
        if not self.n_cut:
            return ""
        return (
            f"{self.n_cut:,} of {len(self.cut):,} texts are longer than the {self.max_tokens:,} tokens that the "
            f"encoder reads; the rest of each is not in its vector"
        )
