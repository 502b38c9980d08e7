"""What the monitored model said, and whether one model said it in both windows."""

import numpy as np
import pyarrow as pa

from textdrift.drift.labelled_documents import labelled_documents
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.windows.reading import read_window
from textdrift.windows.window import Roles


def scored_pair(n_shared, *, moved=0.0, off=0):
    """Two windows that share texts; the model's answer to shared texts moved for the first `off` of them."""
    names = [f"{word} {other}" for word in ("red", "blue", "old", "new", "big", "odd", "sad") for other in
             ("train", "house", "river", "table", "cloud", "stone", "paper", "glass")]  # fmt: skip
    shared, own = names[:n_shared], [[f"{n} {side} morning" for n in names] for side in ("early", "late")]
    tables = []
    for side in (0, 1):
        texts = shared + own[side]
        chances = np.linspace(0.1, 0.8, len(texts))
        chances[:n_shared] = np.linspace(0.2, 0.7, n_shared)
        if side:
            chances[:off] += moved
        tables.append(pa.table({"text": texts, "y": ["a", "b"] * (len(texts) // 2) + ["a"] * (len(texts) % 2),
                                "pa": chances, "pb": 1 - chances}))  # fmt: skip
    roles = Roles(text="text", label="y", probabilities={"a": "pa", "b": "pb"})
    windows = [read_window(t, roles, name=n) for t, n in zip(tables, ("reference", "current"), strict=True)]
    return WindowPair(*windows, encoder=HashingEncoder, cache=lambda: None)


def test_the_models_answers_are_used_only_where_shared_texts_show_one_model():
    same, few = scored_pair(24), scored_pair(10)
    changed = scored_pair(24, moved=0.01, off=1)
    assert same.model_answers.of_one_model
    assert labelled_documents(same, 1000).reference.scores.shape[1] == 1
    for other in (few, changed):
        assert not other.model_answers.of_one_model
        assert labelled_documents(other, 1000).reference.scores is None
