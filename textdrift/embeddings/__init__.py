"""Texts in, ``Embeddings`` out."""

from textdrift.embeddings.canary import Canary, CanaryDifference
from textdrift.embeddings.embeddings import Embeddings
from textdrift.embeddings.encoder import Encoder, resolve_encoder
from textdrift.embeddings.encoding import encode_texts, texts_cut
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.embeddings.sentence_encoder import DEFAULT_MODEL, LoadedEncoder, SentenceEncoder
from textdrift.embeddings.transformer_encoder import TransformerEncoder
from textdrift.embeddings.truncation import Truncation
from textdrift.embeddings.vector_cache import VectorCache

__all__ = [
    "DEFAULT_MODEL",
    "Canary",
    "CanaryDifference",
    "Embeddings",
    "Encoder",
    "HashingEncoder",
    "LoadedEncoder",
    "SentenceEncoder",
    "TransformerEncoder",
    "Truncation",
    "VectorCache",
    "encode_texts",
    "resolve_encoder",
    "texts_cut",
]
