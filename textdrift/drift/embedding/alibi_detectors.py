"""Alibi Detect's detectors beside ``MMDDrift``, by name.

Left out: ``ContextMMDDrift`` asks about concept, not about meaning, and does not run with scikit-learn 1.9 (it needs
``CalibratedClassifierCV(cv="prefit")``, which is gone). The online detectors watch a stream, not two windows. The
detectors of single columns (``KSDrift``, ``CVMDrift`` and others) test every dimension of an embedding by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from textdrift.drift.embedding.alibi_classifiers import AlibiClassifier, AlibiSpotTheDiff
from textdrift.drift.embedding.alibi_learned_kernel import AlibiLearnedKernel
from textdrift.drift.embedding.alibi_lsdd import AlibiLsdd

__all__ = ["ALIBI_DETECTORS", "AlibiClassifier", "AlibiLearnedKernel", "AlibiLsdd", "AlibiSpotTheDiff"]

ALIBI_DETECTORS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "alibi_lsdd": AlibiLsdd,
        "alibi_learned_kernel": AlibiLearnedKernel,
        "alibi_classifier": AlibiClassifier,
        "alibi_spot_the_diff": AlibiSpotTheDiff,
    }
)
"""The detectors beside ``MMDDrift``, by the second half of their names."""
