"""Small profiles for the tests of this room."""

import numpy as np
import pytest

from textdrift.embeddings.features import Basis
from textdrift.profiles import profile_texts

WORDS = [f"word{chr(97 + i)}" for i in range(20)]


def texts_of(seed, n):
    """Return texts of a few words, a tenth of them null or blank."""
    rng = np.random.default_rng(seed)
    share = 1 / np.arange(1, 21)
    texts = [" ".join(rng.choice(WORDS, rng.integers(1, 8), p=share / share.sum())) for _ in range(n)]
    return [rng.choice([None, " "]) if rng.random() < 0.1 else text for text in texts]


@pytest.fixture(scope="session")
def basis():
    return Basis.fit(np.random.default_rng(99).normal(size=(300, 6)))


@pytest.fixture(scope="session")
def shards(basis):
    """Forty shards of one stream, with counts and sums, and the rows that they are of."""
    made = []
    for seed in range(40):
        texts = texts_of(seed, 30)
        points = np.random.default_rng(1000 + seed).normal(size=(30, 6)).astype(np.float32)
        profile = profile_texts(
            [texts], points=[points], basis=basis, encoder="an encoder", n_bins=16, name=f"shard {seed}"
        )
        made.append((profile, texts, points))
    return made
