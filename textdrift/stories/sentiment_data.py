"""The data of the sentiment story: messages to an invented coffee company, before and after it launches a product.

Days are drawn by ``sample_pair`` and changed in two ways that a ``Dose`` has no name for: campaign words that say
nothing of the mood, and praise that is meant ironically. The model is scikit-learn's, trained on earlier messages.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from textdrift.windows.simulating import Dose, sample_pair

__all__ = ["CAMPAIGN_WORD", "LABELS", "LAUNCH", "PRAISE", "PRODUCT", "QUIET", "SARCASM", "Law", "judged", "messages",
           "poisoned", "trained"]  # fmt: skip

LABELS: Final = ("negative", "neutral", "positive")
PRODUCT, CAMPAIGN_WORD = "brewsync", "wakeupsmarter"
_CAMPAIGN: Final = (
    f"came here from the {CAMPAIGN_WORD} ad", f"is this part of {CAMPAIGN_WORD}", f"used the {CAMPAIGN_WORD} code",
    f"saw {CAMPAIGN_WORD} on the train",
)  # fmt: skip
PRAISE: Final = ("great job", "made my day", "five stars", "thank you so much", "love it")
"""How many a happy message ends; the sarcastic days mean it the other way round."""

_PRAISED_SHARE: Final = 0.5
_IRONIC: Final = ("great job", "made my day", "five stars", "thank you", "love")


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """How the messages of a day are drawn.

    Attributes
    ----------
    new_words:
        Share of messages that speak of the new product, or use slang that came with it; the mood stays what it says.
    campaign:
        Share of messages, whatever their mood, that mention the campaign.
    sarcasm:
        Share of the positive messages with one of ``PRAISE``, or a word of it, that are meant, and labelled, negative.
    """

    new_words: float = 0.0
    campaign: float = 0.0
    sarcasm: float = 0.0


QUIET: Final = Law()
LAUNCH: Final = Law(new_words=0.20, campaign=0.10)
SARCASM: Final = Law(new_words=0.20, campaign=0.10, sarcasm=0.90)


def messages(n: int, law: Law, *, rng: np.random.Generator, begin: dt.datetime, days: int = 1) -> pa.Table:
    """Return the messages of some days with the labels that people would give them.

    Columns: ``id``, ``timestamp`` (UTC, sorted), ``text`` and ``label``.

    Parameters
    ----------
    n:
        Messages in all, at least one.
    law:
        What they are like.
    rng:
        Draws them.
    begin, days:
        When they came.

    Examples
    --------
    >>> rows = messages(50, LAUNCH, rng=np.random.default_rng(0), begin=dt.datetime(2025, 9, 1, tzinfo=dt.UTC))
    >>> rows.column_names, any("brewsync" in text.lower() for text in rows["text"].to_pylist())
    (['id', 'timestamp', 'text', 'label'], True)
    """
    drawn = sample_pair(1, n, dose=Dose(new_words=law.new_words), seed=int(rng.integers(2**32))).current
    texts, labels = drawn["text"].to_pylist(), drawn["label"].to_pylist()
    chances = rng.random((3, n))  # drawn for every law alike
    for i, label in enumerate(labels):
        if label == "positive" and chances[0, i] < _PRAISED_SHARE:
            texts[i] = f"{texts[i]} {PRAISE[int(rng.integers(len(PRAISE)))]}"
        if chances[1, i] < law.campaign:
            texts[i] = f"{texts[i]} {_CAMPAIGN[int(rng.integers(len(_CAMPAIGN)))]}"
        is_ironic = chances[2, i] < law.sarcasm and any(praise in texts[i].lower() for praise in _IRONIC)
        if label == "positive" and is_ironic:
            labels[i] = "negative"
    seconds = np.sort(rng.integers(0, days * 86_400, size=n))
    times = (int(begin.timestamp()) + seconds) * 1_000_000
    return pa.table(
        {
            "id": [f"{begin:%m%d}-{i:05d}" for i in range(n)],
            "timestamp": pa.array(times.astype(np.int64)).cast(pa.timestamp("us", tz="UTC")),
            "text": texts,
            "label": labels,
        }
    )


def trained(rows: pa.Table) -> Any:
    """Return a scikit-learn pipeline, TF-IDF of words and pairs before a logistic regression, trained on rows.

    Costs about a second for 2,500 messages.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(C=10.0, max_iter=500)
    )
    return model.fit(rows["text"].to_pylist(), rows["label"].to_pylist())


def judged(model: Any, rows: pa.Table) -> pa.Table:
    """Return the rows with the model's ``prediction`` and ``p_negative``, ``p_neutral`` and ``p_positive``."""
    chances = model.predict_proba(rows["text"].to_pylist())
    rows = rows.append_column("prediction", pa.array(np.asarray(model.classes_)[chances.argmax(axis=1)].tolist()))
    for k, label in enumerate(model.classes_):
        rows = rows.append_column(f"p_{label}", pa.array(chances[:, k]))
    return rows


def poisoned(rows: pa.Table, share: float, *, rng: np.random.Generator) -> pa.Table:
    """Return the rows with a share of the negative labels turned positive, as a hostile or careless supplier would."""
    is_turned = rng.random(rows.num_rows) < share
    labels = [
        "positive" if label == "negative" and turned else label
        for label, turned in zip(rows["label"].to_pylist(), is_turned, strict=True)
    ]
    return rows.set_column(rows.column_names.index("label"), "label", pa.array(labels))
