"""Sample windows with a known dose of drift: messages to an invented coffee company, and the model that reads them.

Every row is an independent draw from one law. It has an intent (negative, neutral, positive), a topic, a channel and a
style, all drawn independently of each other but for the channel's manners; the text is composed from clauses that
follow intent and topic; the label follows the intent, with noise; the monitored model sees only the text. A ``Dose``
changes one part of that law at a time, so that what a report ought to say is known beforehand.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from textdrift.errors import SettingsError
from textdrift.windows import customer_language as language

__all__ = ["DEMO_DOSE", "NO_DOSE", "Dose", "Planted", "SampleWindows", "sample_pair", "sample_windows"]

_T = TypeVar("_T")

_LABELS: Final = ("negative", "neutral", "positive")
_INTENT_SHARES: Final = (0.30, 0.25, 0.45)
_CHANNELS: Final = ("app", "web", "email")
_CHANNEL_SHARES: Final = (0.45, 0.35, 0.20)
_TOPIC_SHARE: Final = 1.0 / len(language.TOPICS)
_LABEL_NOISE: Final = 0.06
_CLAUSE_COUNTS: Final = (1, 1, 2, 2, 2, 3, 3, 4, 5)
_FEWEST_WORDS, _ROOM_FOR_ONE_MORE_CLAUSE = 4, 26
_WORD: Final = re.compile(r"[a-z][a-z\-]*")
_WEEK: Final = dt.timedelta(days=7)
_REFERENCE_STARTS_AT: Final = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """How much of each kind of drift the current window receives; all zero is a null pair.

    Attributes
    ----------
    new_words:
        Share of rows that use a feature name or a slang word which the reference window cannot hold (lexical).
    topic:
        Points added to the share of rows about delivery; P(label | text) stays as it was (lexical, semantic).
    labels:
        Points moved from the other intents to the negative one; P(text | label) stays as it was (label).
    sarcasm:
        Share of rows whose wording is positive and whose label is negative; P(text) stays as it was (concept).
    escaped:
        Share of rows whose text was escaped as HTML on its way, all of them from the web channel (quality).
    """

    new_words: float = 0.0
    topic: float = 0.0
    labels: float = 0.0
    sarcasm: float = 0.0
    escaped: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a dose that the law has no room for."""
        negative, neutral, positive = _INTENT_SHARES
        still_positive = positive * (1.0 - self.labels / (neutral + positive))
        room = {
            "new_words": 1.0,
            "topic": 1.0 - _TOPIC_SHARE,
            "labels": 1.0 - negative,
            "sarcasm": max(still_positive, 0.0),
            "escaped": _CHANNEL_SHARES[_CHANNELS.index("web")],
        }
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0.0 <= value <= room[field.name]:
                raise SettingsError(
                    f"Dose({field.name}={value!r}): a share from 0 to {room[field.name]:.2f} was needed here; lower it"
                )


NO_DOSE: Final = Dose()
DEMO_DOSE: Final = Dose(new_words=0.12, topic=0.20, labels=0.12, sarcasm=0.06, escaped=0.06)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """The truth about a pair: the dose, the kinds of drift it amounts to, and the words and rows that carry it.

    ``kinds`` are those planted directly. Others may follow from them: a model that misses sarcasm loses accuracy, and
    more negative texts use more negative words.
    """

    dose: Dose
    kinds: tuple[str, ...]
    terms: tuple[str, ...]
    segment: tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWindows:
    """Two sample windows and what was planted in the second.

    Both tables hold ``id``, ``timestamp`` (UTC), ``text``, ``label``, ``prediction``, ``p_negative``, ``p_neutral``,
    ``p_positive`` and ``channel``.
    """

    reference: pa.Table
    current: pa.Table
    planted: Planted


def sample_windows(*, n_reference: int = 600, n_current: int = 600, seed: int = 0) -> SampleWindows:
    """Return the windows of the demo: a quiet week, then a week with every dose of ``DEMO_DOSE``.

    >>> windows = sample_windows(n_reference=300, n_current=200)
    >>> windows.current.num_rows, windows.planted.terms
    (200, ('brewsync', 'mid', 'lowkey', 'goated'))
    """
    return sample_pair(n_reference, n_current, dose=DEMO_DOSE, seed=seed)


def sample_pair(n_reference: int, n_current: int, *, dose: Dose = NO_DOSE, seed: int) -> SampleWindows:
    """Return a reference window without drift and a current window with the given dose.

    With ``NO_DOSE`` all rows of both windows are independent draws from one law, time and id apart. The cost grows
    with the number of rows, about 50 microseconds each.

    Parameters
    ----------
    n_reference, n_current:
        Rows of each window, at least one.
    dose:
        What to plant in the current window.
    seed:
        The same seed gives the same windows; the reference does not depend on the dose.

    Raises
    ------
    SettingsError
        A size below one.

    Examples
    --------
    >>> pair = sample_pair(50, 40, seed=1)
    >>> pair.reference.num_rows, pair.current.num_rows, pair.planted.kinds
    (50, 40, ())
    >>> pair.reference.column_names[:5]
    ['id', 'timestamp', 'text', 'label', 'prediction']
    """
    for name, size in (("n_reference", n_reference), ("n_current", n_current)):
        if size < 1:
            raise SettingsError(f"{name}={size}: a window needs at least one row; ask for 1 or more")
    reference_rng, current_rng = np.random.default_rng(seed).spawn(2)
    return SampleWindows(
        reference=_window(n_reference, NO_DOSE, reference_rng, starts_at=_REFERENCE_STARTS_AT, id_prefix="a"),
        current=_window(n_current, dose, current_rng, starts_at=_REFERENCE_STARTS_AT + _WEEK, id_prefix="b"),
        planted=_planted(dose),
    )


def _planted(dose: Dose) -> Planted:
    kind_of = {
        "new_words": ("lexical",), "topic": ("lexical", "semantic"), "labels": ("label",), "sarcasm": ("concept",),
        "escaped": ("quality",),
    }  # fmt: skip
    named = [kind for name, kinds in kind_of.items() if getattr(dose, name) > 0.0 for kind in kinds]
    slang = tuple(language.NEW_SLANG[label].split()[0] for label in _LABELS)
    return Planted(
        dose=dose,
        kinds=tuple(dict.fromkeys(named)),
        terms=(language.NEW_FEATURE, *slang) if dose.new_words > 0.0 else (),
        segment=("channel", "web") if dose.escaped > 0.0 else None,
    )


def _window(n_rows: int, dose: Dose, rng: np.random.Generator, *, starts_at: dt.datetime, id_prefix: str) -> pa.Table:
    negative, neutral, positive = _INTENT_SHARES
    kept = 1.0 - dose.labels / (neutral + positive)
    intents = rng.choice(3, size=n_rows, p=(negative + dose.labels, neutral * kept, positive * kept))
    channels = rng.choice(3, size=n_rows, p=_CHANNEL_SHARES)
    speaker = _Speaker(_Dice(rng), dose)
    texts = [
        speaker.message(_LABELS[intent], _CHANNELS[channel]) for intent, channel in zip(intents, channels, strict=True)
    ]

    labels = _labels(intents, dose, rng)
    # The model reads what arrives, faults of the pipeline included.
    escaped = (channels == _CHANNELS.index("web")) & (rng.random(n_rows) < dose.escaped / _CHANNEL_SHARES[1])
    texts = [_escape(text) if fault else text for text, fault in zip(texts, escaped, strict=True)]
    probabilities = _probabilities(texts)

    seconds = np.sort(rng.integers(0, int(_WEEK.total_seconds()), size=n_rows))
    microseconds = (int(starts_at.timestamp()) + seconds) * 1_000_000
    names = np.array(_LABELS)
    return pa.table(
        {
            "id": [f"{id_prefix}{row:06d}" for row in range(n_rows)],
            "timestamp": pa.array(microseconds.astype(np.int64)).cast(pa.timestamp("us", tz="UTC")),
            "text": texts,
            "label": names[labels].tolist(),
            "prediction": names[probabilities.argmax(axis=1)].tolist(),
            **{f"p_{label}": probabilities[:, k] for k, label in enumerate(_LABELS)},
            "channel": np.array(_CHANNELS)[channels].tolist(),
        }
    )


def _labels(intents: npt.NDArray[np.int64], dose: Dose, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the annotators' labels: the intent, sometimes one step aside; sarcasm turns positives into negatives."""
    slips = rng.random(len(intents)) < _LABEL_NOISE
    aside = np.where(intents == 1, rng.choice((0, 2), size=len(intents)), 1)
    labels = np.where(slips, aside, intents)
    positive_share = _INTENT_SHARES[2] * (1.0 - dose.labels / (_INTENT_SHARES[1] + _INTENT_SHARES[2]))
    meant_ironically = rng.random(len(intents)) < (dose.sarcasm / positive_share if dose.sarcasm else 0.0)
    return np.where((intents == 2) & meant_ironically, 0, labels)  # noqa: PLR2004 - the place of "positive"


def _probabilities(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return what the monitored model believes, shape (n_rows, 3): a softmax over summed word scores."""
    known = language.WORD_SCORES
    score = np.array([sum(known.get(word, 0.0) for word in _WORD.findall(text.lower())) for text in texts])
    logits = np.column_stack((-1.5 * score, np.full(len(texts), 0.55), 1.5 * score))
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _escape(text: str) -> str:
    return html.escape(text).replace(". ", ".<br>").replace(", ", ",&nbsp;") + "&nbsp;"


class _Dice:
    """Uniform draws in blocks: one call to numpy for thousands of small choices."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._draws = _uniforms(rng)

    def chance(self, probability: float) -> bool:
        return next(self._draws) < probability

    def pick(self, options: Sequence[_T]) -> _T:
        return options[int(next(self._draws) * len(options))]


def _uniforms(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(4096).tolist()


class _Slots(Mapping[str, str]):
    """Fills ``{item}`` and its like with a fresh draw each time it is asked."""

    def __init__(self, dice: _Dice) -> None:
        self._dice = dice

    def __getitem__(self, name: str) -> str:
        return self._dice.pick(language.SLOTS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(language.SLOTS)

    def __len__(self) -> int:
        return len(language.SLOTS)


class _Speaker:
    """Composes messages: clauses of one intent about one or two topics, joined, opened, closed and typed in a hurry."""

    def __init__(self, dice: _Dice, dose: Dose) -> None:
        self._dice = dice
        self._slots = _Slots(dice)
        self._new_words = dose.new_words
        first, *others = language.TOPICS
        self._delivery, self._others = first, tuple(others)
        self._delivery_share = _TOPIC_SHARE + dose.topic

    def message(self, intent: str, channel: str) -> str:
        dice = self._dice
        topic = self._topic()
        planned = dice.pick(_CLAUSE_COUNTS)
        clauses = [self._new_clause(intent, topic) if dice.chance(self._new_words) else self._clause(intent, topic)]
        tones = [intent]
        n_words = clauses[0].count(" ") + 1
        while (len(clauses) < planned and n_words <= _ROOM_FOR_ONE_MORE_CLAUSE) or n_words < _FEWEST_WORDS:
            topic = self._topic() if dice.chance(0.25) else topic
            tone = self._tone(intent)
            clauses.append(
                self._filled(dice.pick(language.CONTEXTS)) if tone == "context" else self._clause(tone, topic)
            )
            tones.append(tone)
            n_words += clauses[-1].count(" ") + 1
        if dice.chance(0.3):
            clauses.append(self._filled(dice.pick(language.CLOSERS[intent])))
            tones.append("closer")
        return self._typed(self._joined(clauses, tones), intent, channel)

    def _topic(self) -> language.Topic:
        return self._delivery if self._dice.chance(self._delivery_share) else self._dice.pick(self._others)

    def _tone(self, intent: str) -> str:
        """Return what a further clause sounds like: mostly the intent, at times a fact, some life, a reservation."""
        if self._dice.chance(0.2):
            return "context"
        if intent == "neutral":
            return self._dice.pick((*("neutral",) * 10, "negative", "positive"))
        opposite = "positive" if intent == "negative" else "negative"
        return self._dice.pick((*(intent,) * 7, "neutral", "neutral", opposite))

    def _clause(self, tone: str, topic: language.Topic) -> str:
        dice = self._dice
        if tone == "neutral":
            if dice.chance(0.65):
                return self._filled(dice.pick(topic.facts))
            aspect, verb = self._aspect(topic)
            return dice.pick(language.SHRUGS).format_map({"aspect": aspect, "verb": verb, **self._some_people()})
        negative = tone == "negative"
        form = dice.pick(("event", "event", "event", "opinion", "opinion", "opinion", "feeling", "turned"))
        if form == "event":
            return self._filled(dice.pick(topic.failures if negative else topic.delights))
        aspect, verb = self._aspect(topic)
        if form == "feeling":
            return f"I {dice.pick(language.DISLIKES if negative else language.LIKES)} {aspect}"
        if form == "turned" and negative:
            return f"{aspect} {verb} {dice.pick(language.DENIALS)} {dice.pick(topic.praise)}"
        word = dice.pick(topic.blame if negative else topic.praise)
        degree = "" if " " in word else dice.pick(language.DEGREES)
        return f"{aspect} {verb} {degree} {word}" if degree else f"{aspect} {verb} {word}"

    def _new_clause(self, intent: str, topic: language.Topic) -> str:
        """Return a clause with a word that did not exist in the reference week."""
        if self._dice.chance(0.5):
            template = self._dice.pick(language.NEW_FEATURE_CLAUSES[intent])
            return template.replace("{degree}", "really").format_map(self._slots)
        aspect, verb = self._aspect(topic)
        return f"{aspect} {verb} {language.NEW_SLANG[intent]}{self._dice.pick(language.NEW_SLANG_TAILS)}"

    def _aspect(self, topic: language.Topic) -> tuple[str, str]:
        aspect, verb = self._dice.pick(topic.aspects)
        return self._filled(aspect), verb

    def _some_people(self) -> dict[str, str]:
        return {"month": self._slots["month"], "person": self._slots["person"]}

    def _filled(self, template: str) -> str:
        return template.format_map(self._slots)

    def _joined(self, clauses: Sequence[str], tones: Sequence[str]) -> str:
        dice = self._dice
        said = clauses[0]
        for before, tone, clause in zip(tones, tones[1:], clauses[1:], strict=False):
            opposed = {before, tone} == {"negative", "positive"}
            if tone == "closer":
                joint = dice.pick((". ", ", ", "! "))
            else:
                joint = dice.pick(language.CONTRASTS if opposed else language.JOINTS)
            said += joint + clause
        if dice.chance(0.15):
            said = f"{self._filled(dice.pick(language.OPENERS))} {said}"
        return said

    def _typed(self, said: str, intent: str, channel: str) -> str:
        """Return the message as it is typed: case, full stop, slips of the finger, emoji, an email's greeting."""
        dice = self._dice
        if channel == "email" and dice.chance(0.4):
            said = f"{dice.pick(('hi team', 'hello', 'good morning', 'dear all', 'hi there'))}, {said}"
        if dice.chance(0.06):
            said = self._slipped(said)
        if dice.chance(0.35 if channel == "app" else 0.12):
            said = said.lower()
        else:
            said = ". ".join(sentence[:1].upper() + sentence[1:] for sentence in said.split(". "))
        if not said.endswith("?") and dice.chance(0.6):
            said += dice.pick((".", ".", ".", "!", "!!", "..."))
        if dice.chance(0.15 if channel == "app" else 0.04):
            said = f"{said} {dice.pick(language.EMOJI[intent])}"
        return said

    def _slipped(self, said: str) -> str:
        words = said.split(" ")
        place = self._dice.pick(range(len(words)))
        word = words[place]
        if len(word) > 4 and word.isalpha():  # noqa: PLR2004 - short words are rarely mistyped
            at = self._dice.pick(range(1, len(word) - 1))
            swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            words[place] = swapped if self._dice.chance(0.6) else word[:at] + word[at + 1 :]
        return " ".join(words)
