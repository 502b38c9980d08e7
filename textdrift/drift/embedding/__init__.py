"""Is the meaning different?"""

from textdrift.drift.embedding.alibi import AlibiMmd
from textdrift.drift.embedding.mean_embedding import MeanEmbedding
from textdrift.drift.embedding.mmd import Mmd

__all__ = ["AlibiMmd", "MeanEmbedding", "Mmd"]
