"""The encoder itself: is it still the one that the reference was encoded with?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from textdrift.drift.contract import DriftResult, Effect, sizes_table
from textdrift.embeddings.canary import Canary

__all__ = ["EncoderCanary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderCanary:
    """Does the encoder give the probe texts the vectors that it gave them when the reference was made?

    No null hypothesis: probe texts are fixed, and what a program computes is no matter of chance. The effect,
    ``encoder_changed``, is 1 where more lies between the vectors than numeric precision explains, and else 0.
    Cost: one second on a CPU, for 37 probe texts.

    Parameters
    ----------
    level:
        Not used; every test has one.

    Examples
    --------
    >>> from textdrift.embeddings import HashingEncoder
    >>> then, now = Canary.of(HashingEncoder()), Canary.of(HashingEncoder(32))
    >>> EncoderCanary().compare(then, now, rng=np.random.default_rng(0)).effects[0].value
    1.0
    """

    level: float = 0.05

    def compare(self, reference: Canary, current: Canary, *, rng: np.random.Generator) -> DriftResult:  # noqa: ARG002 - every test is given one
        """Compare the canary that lies beside the reference with that of the encoder in use.

        Raises
        ------
        EncoderError
            When the two were made of other probe texts, by other versions of textdrift.
        """
        difference = reference.compare(current)
        changed = float(difference.changed)
        sizes = {
            "mean_distance": difference.mean_distance if np.isfinite(difference.mean_distance) else None,
            "max_distance": difference.max_distance if np.isfinite(difference.max_distance) else None,
            "same_tokenizer": int(difference.same_tokenizer),
            "same_fingerprint": int(difference.same_fingerprint),
        }
        return DriftResult(
            test="embedding.encoder_canary",
            kind="encoder",
            statistic=changed,
            p_value=1.0,
            has_p_value=False,
            effects=(Effect(name="encoder_changed", value=changed, low=changed, high=changed, detectable=0.0),),
            n_documents=(len(reference.vectors), len(current.vectors)),
            evidence=(sizes_table(sizes),),
            notes=(f"{difference.sentence[0].upper()}{difference.sentence[1:]}.",),
        )
