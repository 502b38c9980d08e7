"""What names a person is masked wherever a report shows texts: e-mails, phones, cards, accounts, handles, addresses."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["masked", "masked_report", "masked_term"]

_CARD_DIGITS = (13, 19)
_MOST_PHONE_DIGITS = 15
_LONG_RUN = 7
_SHORTEST_IBAN = 15
_LARGEST_DIGIT = 9

# Keys of the report whose strings are whole texts, and those whose strings are words of texts.
_TEXTS = frozenset({"text"})
_WORDS = frozenset({"term", "terms", "word", "words"})
# What the user wrote, not the data: an owner may be an address. And hashes.
_KEPT = frozenset({"settings", "versions", "schema", "playbook", "fingerprints"})

# What may stand for the @ of an address inside of a link or of markup.
_AT = r"(?:@|%40|&#0*64;|&#x0*40;|&commat;)"
_EMAIL = (
    rf"(?:[\w.!#$%&'*+/=?^`{{|}}~-]{{1,64}}|\"[^\"\n]{{1,64}}\"){_AT}"
    r"(?:(?:[\w-]{1,63}\.){0,8}[\w-]{2,63}|\[[\d.:A-Fa-f]{3,45}\])"
)
# A date and a time are digits with marks between them, as a phone number is.
_DATE = (
    r"(?<!\d)(?:\d{4}(?P<ymd>[-/.])\d{1,2}(?P=ymd)\d{1,2}|\d{1,2}(?P<dmy>[-/.])\d{1,2}(?P=dmy)(?:\d{4}|\d{2}))(?!\d)"
    r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
# In the order in which they are tried where one begins.
_PATTERNS: Mapping[str, str] = {
    "email": _EMAIL,
    "iban": (r"\b[A-Za-z]{2}\d{2}(?:(?:[ -][A-Za-z0-9]{4}){2,7}(?:[ -][A-Za-z0-9]{1,3})?|[A-Za-z0-9]{11,30})\b"),
    "ipv4": r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\w|\.\d)",
    "ipv6": r"(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])",
    "date": _DATE,
    "digits": r"(?<!\w)(?:\+ ?)?(?:\((?=\+?\d{1,5}\)))?\+?\d(?:[ \t./()\u2010-\u2014\u2212-]{0,3}\d){6,24}",
    "run": r"\d{7,}",
    "handle": rf"(?<![\w@]){_AT}\w[\w.-]{{0,39}}(?<![.-])(?:@[\w.-]{{1,64}}(?<!\.))?",
}
_KINDS: Mapping[str, re.Pattern[str]] = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS.values()))
_ONLY_EMAILS = {"email": _KINDS["email"]}


def masked(text: str) -> str:
    """Return a text with everything that may name a person written as what it is.

    E-mail addresses, phone numbers, card numbers (by their check digit), account numbers (IBAN, by theirs), @names,
    network addresses and any other run of seven digits or more. Dates stay. Characters that draw nothing, or draw a
    letter in full width, do not hide one. A mask too many is a word lost; one too few is a person named: in doubt it
    masks.

    Parameters
    ----------
    text:
        Any text; what is masked already stays as it is.

    Examples
    --------
    >>> masked("Ann (ann@example.org, +49 170 555 01 23) wrote @support on 2031-02-28 from 192.0.2.7.")
    'Ann ([e-mail], [phone]) wrote [handle] on 2031-02-28 from [IP address].'
    >>> masked("Card 4111 1111 1111 1111, account DE89 3704 0044 0532 0130 00, order 99887766.")
    'Card [card number], account [IBAN], order [number].'
    """
    return _replaced(text, _KINDS, _ANY)


def masked_term(term: str) -> str:
    """Return a word of a table with e-mail addresses and long runs of digits masked; an @name stays a word.

    >>> masked_term("ann@example.org"), masked_term("tel5550123"), masked_term("@delta"), masked_term("2031")
    ('[e-mail]', 'tel[number]', '@delta', '2031')
    """
    without = _without_emails(term)
    return masked(without) if sum(character.isdigit() for character in without) >= _LONG_RUN else without


def masked_report(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report whose texts are masked, and whose words are where they hold an e-mail address or a long number.

    A word that is masked is masked in the sentences and names of the report too, and so is every e-mail address. What
    the user wrote, ``settings``, stays, and so do numbers that are numbers.

    Parameters
    ----------
    report:
        The dict of ``DriftReport.to_dict``; it is not changed.

    Examples
    --------
    >>> masked_report({"summary": "ann@example.org rose.", "documents": [{"row": 5550123, "text": "ask @ann"}]})
    {'summary': '[e-mail] rose.', 'documents': [{'row': 5550123, 'text': 'ask [handle]'}]}
    """
    terms = {term: hidden for term in _terms(report) if (hidden := masked_term(term)) != term}
    # Longest first: a word may be a part of another.
    hidden_words = re.compile("|".join(map(re.escape, sorted(terms, key=len, reverse=True)))) if terms else None

    def said(string: str) -> str:
        if hidden_words is not None:
            string = hidden_words.sub(lambda found: terms[found[0]], string)
        return _without_emails(string)

    def walked(value: Any, key: str) -> Any:
        if isinstance(value, Mapping):
            return {said(name): item if name in _KEPT else walked(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [walked(item, key) for item in value]
        if isinstance(value, str):
            return masked(value) if key in _TEXTS else terms.get(value, value) if key in _WORDS else said(value)
        return value

    plain: dict[str, Any] = walked(report, "")
    return plain


def _terms(value: Any, key: str = "") -> Iterator[str]:
    """Yield every word of a text that the report holds."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name not in _KEPT:
                yield from _terms(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _terms(item, key)
    elif isinstance(value, str) and key in _WORDS:
        yield value


def _without_emails(string: str) -> str:
    return _replaced(string, _ONLY_EMAILS, _KINDS["email"])


def _replaced(text: str, kinds: Mapping[str, re.Pattern[str]], any_kind: re.Pattern[str]) -> str:
    """Look for what is to be masked in the folded text, and replace it in the text itself."""
    # Most strings hold neither a digit nor an @, whatever way it is written.
    if not any(character.isdigit() or character in "@\uff20\ufe6b&" for character in text):
        return text
    folded, places = _folded(text)
    pieces, done, start = [], 0, 0
    while begun := any_kind.search(folded, start):
        start = begun.start() + 1
        for name, pattern in kinds.items():
            found = pattern.match(folded, begun.start())
            mask = None if found is None else _mask_of(name, found[0])
            if found is not None and mask is not None:
                if name != "date":
                    pieces += [text[done : places[found.start()]], mask]
                    done = places[found.end() - 1] + 1
                start = found.end()
                break
    return "".join([*pieces, text[done:]])


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the text without what draws nothing and with full-width characters made plain, and where each stood."""
    if text.isascii():
        return text, list(range(len(text)))
    kept = [
        (plain if len(plain := unicodedata.normalize("NFKC", character)) == 1 else character, place)
        for place, character in enumerate(text)
        if unicodedata.category(character) not in {"Cf", "Mn"}
    ]
    return "".join(character for character, _ in kept), [place for _, place in kept]


def _mask_of(name: str, text: str) -> str | None:
    """Return what to write instead; None where it only looked like something."""
    digits = [unicodedata.digit(character) for character in text if character.isdigit()]
    if name in {"email", "handle", "date"}:
        return f"[{'e-mail' if name == 'email' else name}]"
    if name == "iban":
        # The words behind it may look like more of it.
        ends = [end for end in range(_SHORTEST_IBAN, len(text) + 1) if not text[end : end + 1].isalnum()]
        end = next((end for end in reversed(ends) if _is_iban(text[:end])), 0)
        return f"[IBAN]{masked(text[end:])}" if end else None
    if name in {"ipv4", "ipv6"}:
        return "[IP address]" if _is_address(text) else None
    if _CARD_DIGITS[0] <= len(digits) <= _CARD_DIGITS[1] and _is_luhn(digits):
        return "[card number]"
    is_phone = len(text) > len(digits) and len(digits) <= _MOST_PHONE_DIGITS
    return "[phone]" if is_phone else "[number]"


def _is_luhn(digits: list[int]) -> bool:
    """Check the last digit of a card number (ISO/IEC 7812-1)."""
    doubled = [digit * 2 - 9 * (digit * 2 > _LARGEST_DIGIT) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _is_iban(text: str) -> bool:
    """Check the two digits of an account number (ISO 13616)."""
    plain = re.sub(r"[ -]", "", text).upper()
    if not plain.isascii():
        return False
    return int("".join(str(int(character, 36)) for character in plain[4:] + plain[:4])) % 97 == 1


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return any(character.isalnum() for character in text)  # "::" alone is one too
