"""Audit: what is wrong with the rows of a window, counted; whether it changed is for ``drift/quality`` to test."""

from __future__ import annotations

import html.entities
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from textdrift.errors import MissingColumnError
from textdrift.windows.duplicates import Documents
from textdrift.windows.placeholders import placeholder_forms
from textdrift.windows.window import Window

__all__ = ["TAG", "Audit", "audit", "markup_of", "mojibake_of"]


@dataclass(frozen=True, slots=True)
class Audit:
    """The marks that pipeline faults leave in one window.

    Attributes
    ----------
    documents:
        The distinct texts that the marks speak of, and the rows that hold them.
    n_null:
        Rows whose text is null.
    has_markup:
        Shape (n_documents,), boolean: the text holds an HTML tag or an entity.
    is_mojibake:
        Shape (n_documents,), boolean: UTF-8 that was read as Latin-1 or Windows-1252, once or twice over; a
        replacement character; a control character of 80-9F.
    has_capital, has_punctuation:
        Shape (n_documents,), boolean: the text holds an upper-case letter outside @names, #tags and addresses (whoever
        is spoken to decides over those); a mark of punctuation anywhere.
    n_characters, n_bytes:
        Shape (n_documents,): length in code points, and in bytes of UTF-8.
    placeholder_form:
        Shape (n_documents,): which of ``PLACEHOLDER_FORMS`` the text is, -1 for a text that says something.
    clusters:
        Shape (n_documents,), the cluster of near-copies that each distinct text belongs to, numbered over both windows
        of a comparison; ``None`` where only equal texts count as copies.
    """

    documents: Documents
    n_null: int
    has_markup: NDArray[np.bool_]
    is_mojibake: NDArray[np.bool_]
    has_capital: NDArray[np.bool_]
    has_punctuation: NDArray[np.bool_]
    n_characters: NDArray[np.int64]
    n_bytes: NDArray[np.int64]
    placeholder_form: NDArray[np.int64]
    clusters: NDArray[np.int64] | None = None

    @property
    def n_rows(self) -> int:
        """Rows that were read."""
        return len(self.documents.document_of_row)

    @property
    def is_placeholder(self) -> NDArray[np.bool_]:
        """Whether each text stands for none, shape (n_documents,)."""
        return self.placeholder_form >= 0

    @property
    def n_missing(self) -> int:
        """Rows without a text: null or blank."""
        return int(np.count_nonzero(self.documents.document_of_row < 0))

    @property
    def n_empty(self) -> int:
        """Rows whose text is there and blank."""
        return self.n_missing - self.n_null

    @property
    def n_usable(self) -> int:
        """Rows with a text."""
        return self.n_rows - self.n_missing

    @property
    def n_copies(self) -> int:
        """Rows that repeat the text of an earlier row."""
        return self.n_usable - len(self.documents)


def audit(window: Window, documents: Documents, clusters: NDArray[np.int64] | None = None) -> Audit:
    """Count what is wrong with the rows of a window.

    Parameters
    ----------
    window:
        A window with a text role.
    documents:
        Its distinct texts, see ``distinct_documents``.
    clusters:
        The cluster of near-copies of each of them, see ``near_copy_clusters``.

    Raises
    ------
    MissingColumnError
        The window has no text role.

    Notes
    -----
    Each distinct text is looked at once, by vectorised scans in linear time.

    Examples
    --------
    >>> import pyarrow as pa
    >>> from textdrift.windows.duplicates import distinct_documents
    >>> from textdrift.windows.window import Roles, Window
    >>> texts = ["Good tea", "<p>Bad&nbsp;cup</p>", None, " ", "Good tea", "cafÃ©"]
    >>> window = Window(pa.table({"text": pa.array(texts, pa.large_string())}), Roles(text="text"), "today")
    >>> found = audit(window, distinct_documents(window))
    >>> found.n_rows, found.n_null, found.n_empty, found.n_copies
    (6, 1, 1, 1)
    >>> found.has_markup.tolist(), found.is_mojibake.tolist()
    ([False, True, False], [False, False, True])
    """
    if window.roles.text is None:
        raise MissingColumnError(
            f"the window {window.name!r} has no text column, and an audit counts what is wrong with texts: "
            "name the column with text=..., or leave the quality tests out"
        )
    texts = pl.Series("text", documents.texts, dtype=pl.String)
    return Audit(
        documents=documents,
        n_null=int(window.texts.null_count),
        has_markup=_holds(texts, _MARKUP),
        is_mojibake=_holds(texts, _MOJIBAKE),
        has_capital=_holds(texts.str.replace_all(_HANDLE, ""), r"\p{Lu}"),
        has_punctuation=_holds(texts, r"\p{P}"),
        n_characters=np.asarray(pc.utf8_length(documents.texts).to_numpy(zero_copy_only=False), dtype=np.int64),
        n_bytes=np.asarray(pc.binary_length(documents.texts).to_numpy(zero_copy_only=False), dtype=np.int64),
        placeholder_form=placeholder_forms(documents.texts),
        clusters=clusters,
    )


def markup_of(texts: pa.Array) -> NDArray[np.bool_]:
    """Return whether each text holds an HTML tag or entity, shape (n_texts,).

    >>> markup_of(pa.array(["<b>tea</b>", "I <3 tea"])).tolist()
    [True, False]
    """
    return _holds(pl.Series(values=texts, dtype=pl.String), _MARKUP)


def mojibake_of(texts: pa.Array) -> NDArray[np.bool_]:
    """Return whether each text was decoded with the wrong character set, shape (n_texts,).

    >>> mojibake_of(pa.array(["cafÃ©", "café"])).tolist()
    [True, False]
    """
    return _holds(pl.Series(values=texts, dtype=pl.String), _MOJIBAKE)


def _holds(texts: pl.Series, pattern: str) -> NDArray[np.bool_]:
    """Return whether each text holds the pattern, shape (n_documents,)."""
    return np.asarray(texts.str.contains(pattern).to_numpy(), dtype=bool)


# ---- capitals ------------------------------------------------------------------------------------------------------

_HANDLE = r"[@#][\p{L}\p{N}_]+|https?://\S+"

# ---- markup --------------------------------------------------------------------------------------------------------

# Only names that HTML knows: "<3", "<user>" and "a < b > c" are no markup.
_TAGS = (
    "a|abbr|article|aside|b|big|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|figcaption|figure|font|"
    "footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|meta|nav|ol|option|p|pre|q|s|"
    "samp|script|section|select|small|span|strike|strong|style|sub|sup|table|tbody|td|textarea|tfoot|th|thead|title|"
    "tr|tt|u|ul|video"
)
_ENTITIES = "|".join(sorted({*html.entities.name2codepoint, "apos"}, key=str.lower))
_ATTRIBUTES = r"(?:\s+[\w:-]+\s*=[^<>]*)?"  # "i <b and c> d" has none
_ENTITY = rf"&(?:(?i:amp|lt|gt|quot|nbsp)|{_ENTITIES}|#[0-9]{{1,7}}|#[xX][0-9a-fA-F]{{1,6}});"
TAG = rf"(?i:</?(?:{_TAGS}){_ATTRIBUTES}\s*/?>)"
_MARKUP = rf"{TAG}|(?i:<!--|<!doctype)|{_ENTITY}"

# ---- mojibake ------------------------------------------------------------------------------------------------------
#
# UTF-8 writes a character beyond ASCII as a lead byte and one to three trail bytes 80-BF. Read as Latin-1 (80-9F are
# control characters) or Windows-1252 (80-9F are the letters and signs below), a lead shows as "Ã", "â", ... and a
# trail as one of these. A bare lead proves nothing ("SÃO"), and some trails are what an honest writer may put after a
# capital that ends a word ("AMANHÃ…", "«CAFÉ»", "Spaß“"): those need a witness beside them.

_TRAIL = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_TYPOGRAPHIC = "[\u00a0«»·‹›‘’“”…–—•]"
_SURE_TRAIL = "[\u0080-\u009f\u00a1-\u00aa\u00ac-\u00b6\u00b8-\u00ba\u00bc-\u00bf€‚ƒ„†‡ˆ‰Š‹ŒŽ˜™šœžŸ]"
_MOJIBAKE = "|".join(
    (
        # The replacement character, and control characters that no honest text holds: Windows-1252 read as Latin-1.
        "[\ufffd\u0080-\u0084\u0086-\u009f]",
        # Latin-1 letters and signs (leads C2, C3), the Slavic letters (C4, C5): "Ã©", "Â£", "Å‚".
        f"[ÂÃÄÅ]{_SURE_TRAIL}",
        "Â[\u00a0«»·]",
        # With a typographic trail only inside a word, or where no capital goes before: "Ã–sterreich", "voilÃ\u00a0".
        f"[ÂÃÄÅ]{_TYPOGRAPHIC}\\p{{L}}",
        f"(?:^|[^\\p{{Lu}}])[ÂÃÄÅ]{_TYPOGRAPHIC}",
        # Romanian, inside a word: "oraÈ™e".
        "\\p{Ll}È[\u0098-\u009b™›˜š]",
        # Punctuation, signs and symbols (E2), byte order mark and variation selectors (EF): "â€™", "ï»¿".
        f"[âï]{_TRAIL}{_TRAIL}",
        "â€",  # its third character is often lost on the way
        # Emoji (F0 9F).
        f"ð[\u009fŸ]{_TRAIL}",
        # Alphabets with a lead of their own come in runs: Greek, Cyrillic, Hebrew, Arabic; then Indic, Thai, Chinese,
        # Japanese, Korean, whose leads are letters that end words ("manhã\u00a0»"), so one alone proves nothing.
        f"(?:[ÎÏÐÑ×ØÙÚÛ]{_TRAIL}){{2}}",
        f"(?:[àáãäåæçèéêëìí]{_TRAIL}{_TRAIL}){{2}}",
    )
)
