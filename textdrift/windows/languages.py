"""The language of each text, and the script of its letters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["Spoken", "spoken_in"]

# One of each group of near-twins (Spanish, not Aragonese; Dutch, not Afrikaans): between twins a short text is a
# toss-up, and to which of them it belongs no one who watches a pipeline needs to know.
_LANGUAGES = """
    ar az be bg bn ca cs cy da de el en es et eu fa fi fr gu he hi hr hu hy id is it ja ka kk km kn ko ky lo lt lv mk
    ml mn mr ne nl no or pa pl ps pt ro ru si sk sl sq sr sv sw ta te th tl tr ug uk ur vi zh
"""

_FEWEST_LETTERS = 20
_FEWEST_OF_A_SCRIPT = 5
_MOST_CHARACTERS = 400
_MOST_READ = 4000
_CLEAR = 1.0
"""Least lead of the best language over the second: log-likelihood over the root of the bytes. English tweets, reviews
and headlines are taken for another language in 0.1 to 0.6 % of texts at 1, in up to 1.6 % at 0.5."""

_NO_LANGUAGE = r"(?:https?://|www\.)\S+|[@#][\w.]+|\S+@\S+|&#?\w+;|<[^<>]*>|\{[^{}]*\}|\[[A-Z_]+\]"
_NO_LETTER = r"[^\p{L}\p{M}'’ .,]+"
_SCRIPTS = {
    "Latin": r"\p{Latin}",
    "Cyrillic": r"\p{Cyrillic}",
    "Arabic": r"\p{Arabic}",
    "Chinese or Japanese": r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Bopomofo}]",
    "Devanagari": r"\p{Devanagari}",
    "Hangul": r"\p{Hangul}",
    "Thai": r"\p{Thai}",
    "Greek": r"\p{Greek}",
    "Hebrew": r"\p{Hebrew}",
    "Bengali": r"\p{Bengali}",
    "Tamil": r"\p{Tamil}",
    "Telugu": r"\p{Telugu}",
    "Georgian": r"\p{Georgian}",
    "Armenian": r"\p{Armenian}",
}
_OTHER_SCRIPT = "another script"


@dataclass(frozen=True, slots=True)
class Spoken:
    """The language and the script of the texts of one window.

    Attributes
    ----------
    language:
        Shape (n_texts,), strings: the code of ISO 639-1; empty where the text is too short or too unclear to tell.
    script:
        Shape (n_texts,), strings: the script of most of its letters; empty where neither the language is clear nor the
        script another than Latin.
    rows:
        Shape (n_texts,): where each text stands in its window.
    """

    language: NDArray[Any]
    script: NDArray[Any]
    rows: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self.rows)

    @property
    def votes(self) -> NDArray[np.bool_]:
        """Whether something is known of each text, shape (n_texts,)."""
        return np.asarray(self.script != "")


def spoken_in(texts: pa.Array, rows: NDArray[np.int64]) -> Spoken:
    """Return the language and the script of each text.

    Languages are told by py3langid (Lui and Baldwin 2012): a text needs 20 letters, links, @names, #tags and markup
    left out, and a clear lead of its best language over the second. One of each group of near-twins stands for all
    (``es`` for Aragonese too). A language written in the letters of another, such as Hindi in Latin ones, is not told.
    The script of a text is that of more than half its letters; another than Latin is told from 5 letters on.

    Cost: some 5,000 short texts a second; the first 400 characters of each are looked at. The model is loaded once,
    half a second.

    Parameters
    ----------
    texts:
        Strings without nulls.
    rows:
        Where each stands in its window, handed on.

    Examples
    --------
    >>> texts = ["The parcel was late and nobody answered", "Das Paket kam zu spät und niemand ging ans Telefon"]
    >>> spoken = spoken_in(pa.array([*texts, "привет, мир", "ok"]), np.arange(4))
    >>> spoken.language.tolist(), spoken.script.tolist()
    (['en', 'de', '', ''], ['Latin', 'Latin', 'Cyrillic', ''])
    """
    bare = (
        pl.Series("text", texts, dtype=pl.String)
        .str.slice(0, _MOST_READ)  # a word of megabytes would be searched for its end at every sign
        .str.normalize("NFKC")
        .str.replace_all(_NO_LANGUAGE, " ")
        .str.slice(0, _MOST_CHARACTERS)
        .str.replace_all(_NO_LETTER, " ")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
        .str.to_lowercase()
    )
    n_letters = bare.str.count_matches(r"\p{L}").to_numpy()
    script = _scripts(bare, n_letters)
    language = np.full(len(bare), "", dtype=object)
    long = np.flatnonzero(n_letters >= _FEWEST_LETTERS)
    language[long] = [_clear_language(text) for text in bare.gather(long).to_list()]
    unknown = (language == "") & ((script == "Latin") | (n_letters < _FEWEST_OF_A_SCRIPT))
    script[unknown] = ""
    return Spoken(language, script, rows)


def _scripts(bare: pl.Series, n_letters: NDArray[Any]) -> NDArray[Any]:
    """Return the script of more than half the letters of each text, shape (n_texts,)."""
    script = np.full(len(bare), _OTHER_SCRIPT, dtype=object)
    left = np.arange(len(bare))
    for name, letters in _SCRIPTS.items():
        of_script = bare.gather(left).str.count_matches(letters).to_numpy()
        found = 2 * of_script > n_letters[left]
        script[left[found]] = name
        left = left[~found]
    script[n_letters == 0] = ""
    return script


def _clear_language(text: str) -> str:
    identifier = _identifier()
    scores = identifier.nb_classprobs(identifier.instance2fv(text))
    second, best = np.argpartition(scores, -2)[-2:]
    lead = scores[best] - scores[second]
    return str(identifier.nb_classes[best]) if lead >= _CLEAR * np.sqrt(len(text.encode())) else ""


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE)
    identifier.set_languages(_LANGUAGES.split())
    return identifier
