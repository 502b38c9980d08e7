"""Placeholders: texts that stand where a text should be."""

from __future__ import annotations

import re
import string

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["PLACEHOLDER_FORMS", "UNFILLED_SLOT", "placeholder_forms"]

PLACEHOLDER_FORMS = (
    "a word for no value",
    "a note that the text was removed",
    "a text typed to try something out",
    "a filler such as lorem ipsum",
    "an error value of a spreadsheet or a program",
    "one character repeated",
    "a template whose slot was not filled",
)
"""What a placeholder is, by number."""

_NO_VALUE, _REMOVED, _TRIAL, _FILLER, _ERROR, _REPEATED, UNFILLED_SLOT = range(len(PLACEHOLDER_FORMS))

# Each entry is a whole text, trimmed, in lower case, without brackets, quotes and full stops around it. Words that
# answer a question ("no", "nothing", "good", "ok") are texts and stay out, and so are signs that people react with
# ("!!!", "...", an emoji).
_NO_VALUES = """
    n/a | na | n.a | n\\a | nan | null | nil | none | <na> | nat | undefined | void | unknown | not available | no data
    | not applicable | not provided | not specified | no text | no content | no comment | no comments | no description
    | blank | empty | missing | - | -- | --- | – | — | _ | / | \\ | \\n | \\0 | k.a | keine angabe | keine angaben
    | nicht verfügbar | ohne text | non renseigné | non disponible | non applicable | sans objet | sans commentaire
    | sin datos | sin comentarios | sin texto | no aplica | no disponible | non disponibile | nessun commento
    | não informado | não se aplica | sem comentários | sem texto | n.v.t | niet van toepassing | geen tekst
    | brak danych | nie dotyczy | saknas | ej tillämpligt | belirtilmemiş | нет данных | не указано | немає даних
    | 无 | 暂无 | 無 | 不适用 | なし | 特になし | 該当なし | 없음
    | 해당 없음 | 해당없음 | لا يوجد | غير متوفر | אין | लागू नहीं
"""
_REMOVALS = """
    deleted | removed | redacted | deleted by user | removed by moderator | removed by reddit | unavailable
    | message deleted | this message was deleted | you deleted this message | comment deleted | comment removed
    | content removed | hidden | media omitted | <media omitted> | image omitted | video omitted | gelöscht | supprimé
    | eliminado | rimosso | removido | verwijderd | удалено | 已删除 | 削除済み | 삭제됨
"""
_TRIALS = """
    test | tests | testing | test test | test test test | testing 123 | testing 1 2 3 | this is a test | just a test
    | test message | test comment | test review | tset | asd | asdf | asdfg | asdfgh | asdfasdf | qwe | qwerty | qwertz
    | azerty | abc | abcd | foo | bar | foobar | foo bar | hello world | dummy | sample text | prueba | essai | teste
    | prova | тест | проверка | 测试 | 測試 | テスト | 테스트 | اختبار | בדיקה | परीक्षण
"""
_FILLERS = """
    todo | to do | tbd | tba | tbc | fixme | placeholder | placeholder text | your text here | enter text here
    | type here | type your text here | insert text here | add text here | text goes here | click to add text
    | write your review here | blindtext | platzhalter
"""
_ERRORS = """
    #ref! | #n/a | #na | #value! | #name? | #div/0! | #null! | #num! | #error! | #spill! | #calc! | #getting_data | #nv
    | #bezug! | #wert! | #zahl! | [object object] | object object | [object undefined] | error | internal server error
    | {} | [] | "" | '' | () | <> | <null> | (null)
"""


def _listed(entries: str) -> tuple[str, ...]:
    return tuple(entry.strip() for entry in entries.split("|"))


_FORM_OF_TEXT = {
    text: form
    for form, entries in (
        (_NO_VALUE, _NO_VALUES),
        (_REMOVED, _REMOVALS),
        (_TRIAL, _TRIALS),
        (_FILLER, _FILLERS),
        (_ERROR, _ERRORS),
    )
    for text in _listed(entries)
}

_LOREM_IPSUM = r"^\W*lorem ipsum\b"
_TRIED_WITH_NUMBER = r"^test(?:ing)?[\s_#-]*\d{1,6}$"
# "???" is left of words in an alphabet that a step of the pipeline did not know; four letters alike are no word.
_ONE_CHARACTER = "|".join(
    [
        *(rf"{re.escape(c)}{{2,}}" for c in "?*_=~#/"),
        *(f"{c}{{3,}}" for c in string.digits),
        *(f"{c}{{4,}}" for c in string.ascii_lowercase),
    ]
)
# Slots of the usual template languages: {{name}}, ${name}, %(name)s, %s, {name}, {0}, <%= name %>, [[name]], %%name%%.
_NAME = "[A-Za-z_][A-Za-z0-9_.]*"
_SLOT = "|".join(
    (
        rf"\{{\{{\s*{_NAME}(?:\s*\|[A-Za-z0-9_.:|\s-]*)?\s*\}}\}}",
        rf"\$?\{{{_NAME}\}}|\{{[0-9]{{1,2}}\}}",
        rf"%\({_NAME}\)[sdif]",
        r"(?:^|[\s(,:])%[sd](?:$|[\s),.!?:;])",
        rf"<%[=-]?\s*{_NAME}\s*%>",
        rf"\[\[\s*{_NAME}\s*\]\]",
        rf"%%{_NAME}%%",
        r"\[object [A-Za-z]+\]",
    )
)
# What corpora put where a link or a person was, to hide it: not a fault of the pipeline.
_MASK = r"\{(?i:link|url|mention|hashtag|emoji|email|phone)\}"
_AROUND = " \t\r\n\u00a0\u200b.\"'“”‘’`()[]<>{}*"
_LONGEST = 40


def placeholder_forms(texts: pa.Array) -> NDArray[np.int64]:
    """Return which of ``PLACEHOLDER_FORMS`` each text is, shape (n_texts,), -1 for a text that is one.

    A text is a placeholder when the whole of it is, whatever its case and the brackets or quotes around it: a word for
    no value ("N/A", "null", "keine Angabe"), a removal ("[deleted]"), a trial ("test 3", "asdf"), a filler ("TODO"; all
    that begins with "lorem ipsum"), an error value ("#REF!", "[object Object]"), one character repeated ("????",
    "xxxx"); or when a slot inside it was not filled ("Dear {{name}}", "%s is late").

    The list is short and of many languages; what one community says for "no text" may be missing from it.

    Parameters
    ----------
    texts:
        Strings without nulls.

    Examples
    --------
    >>> texts = pa.array([" N/A ", "[deleted]", "Test 12", "#REF!", "????", "Hi {{ name }}!", "None of it works"])
    >>> placeholder_forms(texts).tolist()
    [0, 1, 2, 4, 5, 6, -1]
    """
    series = pl.Series("text", texts, dtype=pl.String)
    trimmed = series.str.strip_chars().str.to_lowercase()
    bare = trimmed.str.strip_chars(_AROUND)
    form = np.full(len(series), -1, dtype=np.int64)
    form[_holds(series.str.replace_all(_MASK, " "), _SLOT)] = UNFILLED_SLOT
    form[_holds(trimmed, _LOREM_IPSUM)] = _FILLER
    form[_holds(bare, _TRIED_WITH_NUMBER)] = _TRIAL
    form[_holds(bare, f"^(?:{_ONE_CHARACTER})$") | _holds(trimmed, f"^(?:{_ONE_CHARACTER})$")] = _REPEATED
    # Few texts are short enough to be looked up.
    for names in (bare, trimmed):
        short = np.flatnonzero((names.str.len_chars() <= _LONGEST).to_numpy())
        found = [_FORM_OF_TEXT.get(text, -1) for text in names.gather(short).to_list()]
        listed = np.array(found, dtype=np.int64)
        form[short[listed >= 0]] = listed[listed >= 0]
    return form


def _holds(texts: pl.Series, pattern: str) -> NDArray[np.bool_]:
    return np.asarray(texts.str.contains(pattern).to_numpy(), dtype=bool)
