"""Probe texts: a fixed set that shows what an encoder does with texts of many kinds."""

from __future__ import annotations

__all__ = ["PROBES"]

_COLOURS = ("red", "grey", "green", "blue", "brown", "white", "amber")
_THINGS = (
    "kettle",
    "ladder",
    "window",
    "bicycle",
    "basket",
    "lantern",
    "drawer",
    "saddle",
    "mirror",
    "barrel",
    "pencil",
)
_PLACES = ("attic", "harbour", "orchard", "station", "cellar", "library", "market", "meadow", "tower")
_VERBS = ("leans", "shines", "rusts", "waits", "falls")


def _story(n_sentences: int) -> str:
    """Return so many sentences, 9 words each, which go on saying something new."""
    return " ".join(
        f"The {_COLOURS[i % 7]} {_THINGS[i % 11]} {_VERBS[i % 5]} in the {_PLACES[i % 9]} tonight."
        for i in range(n_sentences)
    )


# One after the other, since canaries are compared row by row; a changed list is another list, and its hash says so.
PROBES: tuple[str, ...] = (
    # short
    "ok", "No.", "thanks a lot", "It never arrived.", "?!",
    # statements and their opposites
    "The soup was warm and the waiter was kind.", "The soup was cold and the waiter was rude.",
    "I would buy this lamp again.", "I would never buy this lamp again.",
    "Could somebody tell me when the next ferry leaves?", "The committee postponed its decision until spring.",
    # digits, money, times
    "Order 48213 shipped on 2021-03-04 at 17:45.", "It cost 12.99, then 1,250 and at last 0.03.",
    "+1 (555) 010-0199", "3.14159 26535 89793", "v2.7.1-rc4 build 90210",
    # case, spelling, names
    "WHY IS EVERYTHING SO LOUD", "teh keyborad is brokn agian", "Ms. O'Neill-Baptiste met Dr. Szymanski.",
    # emoji and signs
    "😀 great day 🎉🎉", "so tired 😭😭😭 :-(", "→ 50 % off ★★★☆☆ ©",
    # other scripts
    "Der Zug nach Köln fällt heute leider aus.", "El café está cerrado mañana.", "今日は天気がいいですね。",
    "Поезд опоздал на два часа.", "القطار متأخر اليوم", "आज मौसम अच्छा है",
    # markup, addresses, code
    "<p>Hello <b>world</b> &amp; everyone</p>", "see https://example.org/a?b=1#c and @someone #sometag",
    '{"id": 7, "name": "lamp", "tags": ["old", "brass"]}', "for (i = 0; i < n; i++) { total += price[i]; }",
    # long: about 60, 150, 300, 600 and 1,200 tokens
    _story(6), _story(15), _story(30), _story(60), _story(120),
)  # fmt: skip
