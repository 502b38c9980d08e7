"""WordPieces: into how many pieces an encoder's tokenizer breaks each word, and which words it cannot read at all."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textdrift.embeddings.model_places import local_folders
from textdrift.embeddings.sentence_encoder import LoadedEncoder, SentenceEncoder
from textdrift.errors import EncoderError

__all__ = ["WordPieces", "tokenizer_of", "word_pieces"]

# Heavily split: at least so many pieces, of at most so many characters on average. By MiniLM's tokenizer that is 0.9 %
# of the 63,967 lower-case words of a dictionary of American English, and 0.07 to 0.12 % of the words of film reviews
# and of talk on Reddit, but 92 % of random strings of 6 to 12 letters and all of ten letters and digits. At an average
# of under 3 characters it would be 6.8 % of the dictionary, among them "disappoint", "unhelpful" and "incompetent".
_MANY_PIECES = 4
_SHORT_PIECE = 2
_TOKENIZER_FILE = "tokenizer.json"
# Each encoding is an object of several hundred bytes, so that a million at once would not be small.
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class WordPieces:
    """What a tokenizer makes of each of some terms.

    Attributes
    ----------
    n_pieces:
        Pieces of each term, special tokens left out, shape (n_terms,), ``int64``.
    unknown:
        The term, or a part of it, is nothing that the tokenizer knows: the model sees its unknown token, or nothing
        at all. Shape (n_terms,), boolean.
    split:
        The term is known only as crumbs: at least 4 pieces, averaging at most 2 characters. Punctuation and Chinese
        characters are words to themselves and count for neither. Shape (n_terms,), boolean, never where ``unknown``.
    """

    n_pieces: NDArray[np.int64]
    unknown: NDArray[np.bool_]
    split: NDArray[np.bool_]


def word_pieces(terms: Sequence[str], tokenizer: Any) -> WordPieces:
    """Return the pieces of each term as a word within a sentence, that is, behind a space.

    Terms are looked up as they were counted: those that the tokens room folded to lower case are lower-case words to a
    model that tells capitals apart. The tokenizer is left as it is.

    Parameters
    ----------
    terms:
        Words, shape (n_terms,).
    tokenizer:
        A ``tokenizers.Tokenizer``, as of ``tokenizer_of``.

    Notes
    -----
    Cost: about a second for 100,000 terms.

    Examples
    --------
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> tokenizer = Tokenizer(models.WordPiece({"[UNK]": 0, "late": 1, "##ly": 2}, unk_token="[UNK]"))
    >>> tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> pieces = word_pieces(["late", "lately", "soup"], tokenizer)
    >>> pieces.n_pieces.tolist(), pieces.unknown.tolist()
    ([1, 2, 1], [False, False, True])
    """
    plain = _without_padding(tokenizer)
    unknown_id = _unknown_id(plain)
    n_pieces = np.zeros(len(terms), dtype=np.int64)
    unknown = np.zeros(len(terms), dtype=bool)
    for start in range(0, len(terms), _BATCH):
        batch = [f" {term}" for term in terms[start : start + _BATCH]]
        ids = [encoding.ids for encoding in plain.encode_batch(batch, add_special_tokens=False)]
        at = slice(start, start + len(batch))
        n_pieces[at] = [len(of_term) for of_term in ids]
        unknown[at] = [unknown_id in of_term or not of_term for of_term in ids]
    alone, letters = _alone_and_letters(terms)
    broken = n_pieces - alone
    split = (broken >= _MANY_PIECES) & (letters <= _SHORT_PIECE * broken) & ~unknown
    return WordPieces(n_pieces, unknown, split)


def tokenizer_of(encoder: object) -> Any | None:
    """Return the tokenizer of an encoder, a ``tokenizers.Tokenizer`` of our own to keep; ``None`` where it has none.

    Of a ``SentenceEncoder`` it is read from the model's ``tokenizer.json``, and no weights are loaded, unless the model
    has yet to be downloaded. Without such a file, and for a ``HashingEncoder`` or an encoder that a user wrote, there
    is none.

    Raises
    ------
    EncoderError
        The file cannot be read; or no place has the model.

    Examples
    --------
    >>> from textdrift.embeddings.hashing_encoder import HashingEncoder
    >>> tokenizer_of(HashingEncoder()) is None
    True
    """
    if isinstance(encoder, LoadedEncoder):
        tokenizer: Any = getattr(encoder.model, "tokenizer", None)
        fast: Any = getattr(tokenizer, "backend_tokenizer", tokenizer)
        return _copied(fast) if hasattr(fast, "to_str") else None
    if not isinstance(encoder, SentenceEncoder):
        return None
    folders = local_folders(encoder.model)
    # Asking for the hash of the tokenizer loads the model, from the hub where no folder has it.
    if not folders and encoder.tokenizer:
        folders = local_folders(encoder.model)
    files = [file for folder in folders for file in sorted(folder.rglob(_TOKENIZER_FILE), key=_depth)]
    return _read(files[0], encoder.name) if files else None


def _depth(file: Path) -> tuple[int, Path]:
    return len(file.parts), file


def _read(file: Path, name: str) -> Any:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises nothing more exact; it is chained
        raise EncoderError(
            f"{_TOKENIZER_FILE} of the encoder {name} is no tokenizer that can be read ({error}); "
            f"save the model anew with SentenceTransformer.save_pretrained"
        ) from error


def _copied(tokenizer: Any) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_str(tokenizer.to_str())


def _without_padding(tokenizer: Any) -> Any:
    """Return a tokenizer that gives each term its own pieces, all of them and no others."""
    if tokenizer.padding is None and tokenizer.truncation is None:
        return tokenizer
    plain = _copied(tokenizer)
    plain.no_padding()
    plain.no_truncation()
    return plain


def _unknown_id(tokenizer: Any) -> int | None:
    """Return the id of the unknown token; ``None`` where all can be written in pieces, such as bytes."""
    token = getattr(tokenizer.model, "unk_token", None)
    if token is not None:
        found = tokenizer.token_to_id(token)
        return None if found is None else int(found)
    # Models of the unigram kind have it as a number, which only their JSON tells.
    known = json.loads(tokenizer.to_str())["model"].get("unk_id")
    return None if known is None else int(known)


def _alone_and_letters(terms: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many characters of each term are words to themselves, and how many are not, shapes (n_terms,)."""
    lengths = np.array([len(term) for term in terms], dtype=np.int64)
    alone = np.zeros(len(terms), dtype=np.int64)
    for i, term in enumerate(terms):
        # Most terms are plain letters and digits, and need no look at each.
        if not (term.isascii() and term.isalnum()):
            alone[i] = sum(map(_is_alone, term))
    return alone, lengths - alone


def _is_alone(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS" or "CJK" in unicodedata.name(character, "")
