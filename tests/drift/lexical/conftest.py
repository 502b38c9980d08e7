from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from textdrift.tokens.counting import count_tokens
from textdrift.tokens.token_counts import TokenCounts

Documents = list[str]
Draw = Callable[[int, np.random.Generator], Documents]


@pytest.fixture(scope="session")
def draw() -> Draw:
    """Documents of a Zipf vocabulary whose tokens depend on each other: each text has a topic and repeats itself."""
    weights = 1.0 / np.arange(1, 4001) ** 1.05
    weights /= weights.sum()

    def documents(size: int, rng: np.random.Generator) -> Documents:
        drawn = []
        for _ in range(size):
            length = rng.integers(5, 30)
            tokens = rng.choice(4000, size=length, p=weights)
            topic = rng.integers(30, 300)
            repeated = rng.random(length) < 0.15
            drawn.append(
                " ".join(f"w{topic if again else token}" for token, again in zip(tokens, repeated, strict=True))
            )
        return drawn

    return documents


@pytest.fixture(scope="session")
def counted() -> Callable[[Documents, Documents], tuple[TokenCounts, TokenCounts]]:
    def count(reference: Documents, current: Documents) -> tuple[TokenCounts, TokenCounts]:
        return count_tokens(pa.array(reference, pa.large_string()), pa.array(current, pa.large_string()))

    return count
