"""Texts in, ``Embeddings`` out."""

from textdrift.embeddings.embeddings import Embeddings

__all__ = ["Embeddings"]
