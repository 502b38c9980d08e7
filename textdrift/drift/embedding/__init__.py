"""Is the meaning different?"""

from textdrift.drift.embedding.alibi import AlibiMmd

__all__ = ["AlibiMmd"]
