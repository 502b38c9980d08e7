"""The words and clauses from which ``simulating`` composes messages to an invented coffee company.

Only words stand here; how often each is said, and by whom, is the law in ``simulating``. A slot such as ``{item}`` is
filled from ``SLOTS``. All of it was written for this package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

__all__ = [
    "CLOSERS",
    "CONTEXTS",
    "CONTRASTS",
    "DEGREES",
    "DENIALS",
    "DISLIKES",
    "EMOJI",
    "JOINTS",
    "LIKES",
    "NEW_FEATURE",
    "NEW_FEATURE_CLAUSES",
    "NEW_SLANG",
    "NEW_SLANG_TAILS",
    "OPENERS",
    "SHRUGS",
    "SLOTS",
    "TOPICS",
    "WORD_SCORES",
    "Topic",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What people say about one side of the business.

    ``aspects`` are noun phrases with their verb; ``praise`` and ``blame`` complete them; ``delights``, ``failures``
    and ``facts`` are whole clauses that sound positive, negative and neutral.
    """

    name: str
    aspects: tuple[tuple[str, str], ...]
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    delights: tuple[str, ...]
    failures: tuple[str, ...]
    facts: tuple[str, ...]


SLOTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "item": (
            "the grinder", "the milk frother", "the bean box", "the travel mug", "the filter set", "the descaling kit",
            "the small machine", "the big machine", "the gift box", "the cold brew jug", "the spare carafe",
            "the cup set", "the decaf box", "the tasting set", "the water tank", "the drip tray", "the scale",
            "the cleaning kit", "the pod adapter", "the refill bag",
        ),
        "roast": (
            "the dark roast", "the light roast", "the house blend", "the decaf", "the Kenyan roast", "the summer blend",
            "the espresso blend", "the hazelnut one", "the single origin", "the breakfast blend", "the Peru roast",
            "the limited roast", "the cold brew",
        ),
        "day": (
            "on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "on Saturday", "on Sunday",
            "yesterday", "this morning", "last night", "last week", "over the weekend", "today", "the day before",
        ),
        "span": (
            "two days", "three days", "four days", "five days", "nearly a week", "a whole week", "ten days",
            "over an hour", "half a day", "twenty minutes", "a few hours", "two weeks", "a fortnight",
        ),
        "month": (
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December", "the autumn", "the summer", "the spring", "Easter",
        ),
        "person": (
            "my sister", "my brother", "my dad", "my mum", "my partner", "a colleague", "the whole office", "a friend",
            "my neighbour", "my flatmate", "my in-laws", "our guests", "my grandmother", "the team at work",
        ),
        "place": (
            "the kitchen", "the office", "our cabin", "the workshop", "my desk", "the caravan", "the staff room",
            "our small flat", "the studio", "the garden house",
        ),
        "count": ("two", "three", "four", "five", "six", "eight", "ten", "a dozen", "fifteen", "twenty"),
        "money": (
            "6 euros", "9 euros", "12 euros", "15 euros", "18 euros", "24 euros", "35 euros", "60 euros", "110 euros",
        ),
        "step": (
            "pay", "log in", "change my address", "skip a box", "add a card", "track the parcel", "pause the plan",
            "pick a roast", "open my orders", "scan the code", "set a timer", "redeem a voucher", "update it",
        ),
        "screen": (
            "the checkout page", "the login screen", "the order page", "the map", "the settings page", "the brew timer",
            "the start screen", "the voucher field", "the search box", "the profile page",
        ),
        "part": (
            "the lid", "the handle", "the hinge", "the seal", "the power button", "the pump", "the nozzle", "the hose",
            "the display", "the burr", "the water sensor", "the steam wand",
        ),
        "plan": (
            "the small plan", "the monthly plan", "the yearly plan", "the family plan", "the free trial",
            "the office plan",
        ),
        "agent": (
            "Ada", "Jonas", "Mira", "Tom", "Leila", "Sven", "the chat person", "the lady on the phone", "a guy in chat",
        ),
        "ordinal": ("first", "second", "third", "fourth", "fifth", "tenth"),
    }
)  # fmt: skip

TOPICS: Final[tuple[Topic, ...]] = (
    Topic(
        name="delivery",
        aspects=(
            ("the delivery", "was"), ("my parcel", "was"), ("the courier", "was"), ("shipping", "was"),
            ("the tracking", "is"), ("delivery time", "was"), ("my order", "was"), ("the driver", "was"),
            ("the pick-up point", "is"), ("the shipment", "was"),
        ),
        praise=(
            "fast", "on time", "quick", "reliable", "early", "spot on", "faster than promised", "perfectly timed",
            "smooth", "punctual", "impressive",
        ),
        blame=(
            "late", "delayed", "slow", "unreliable", "late again", "stuck somewhere", "lost", "rude", "useless",
            "overdue", "a mess", "nowhere to be seen", "delayed twice",
        ),
        delights=(
            "{item} came a day early", "the courier carried {item} up to {place}", "it arrived {day}, just as promised",
            "the driver even called before coming", "ordered late and had it {span} sooner than expected",
            "the tracking was right to the minute", "{item} was here before I got home {day}",
        ),
        failures=(
            "{item} arrived {span} late", "still waiting for {item} after {span}",
            "the parcel has been stuck since {month}",
            "the courier never rang and left {day}", "they delivered {item} to the wrong house {day}",
            "tracking says delivered but nothing came", "the delay was {span} and nobody told me",
            "the parcel was left out in the rain {day}", "delivery was moved again, now it is {span}",
        ),
        facts=(
            "{item} should come {day}", "can I move the delivery to another day", "the parcel goes to {place}",
            "the tracking number has {count} digits", "is there a pick-up point near {place}",
            "the delivery was signed for by {person}", "the shipping label says {month}",
        ),
    ),
    Topic(
        name="app",
        aspects=(
            ("the app", "is"), ("the new version", "is"), ("the update", "was"), ("{screen}", "is"),
            ("the website", "is"),
            ("the menu", "is"), ("the login", "is"), ("the brew timer", "is"), ("the layout", "is"),
        ),
        praise=(
            "easy to use", "clear", "handy", "intuitive", "fast", "neat", "brilliant", "tidy", "well thought out",
            "much better now", "a pleasure",
        ),
        blame=(
            "confusing", "buggy", "slow", "broken", "a mess", "useless", "full of bugs", "unusable",
            "worse than before",
            "cluttered", "frozen again", "painful",
        ),
        delights=(
            "{screen} finally works", "took me ten seconds to {step}", "since the update I can {step} in one tap",
            "even {person} managed to {step}", "setting up {item} in the app was easy",
        ),
        failures=(
            "it crashes whenever I try to {step}", "{screen} freezes every time", "I could not {step} {day}",
            "since the update I cannot {step}", "it logged me out {count} times {day}", "{screen} shows an error",
            "had to reinstall it {count} times just to {step}", "it lost my settings {day}",
        ),
        facts=(
            "how do I {step} in the app", "{screen} asks for a code", "I use it on {count} devices",
            "is there a dark mode for {screen}", "I updated it {day}", "where do I find {screen} to {step}",
        ),
    ),
    Topic(
        name="price",
        aspects=(
            ("the price", "is"), ("{plan}", "is"), ("{item}", "was"), ("the shipping fee", "is"), ("the offer", "was"),
            ("the voucher", "was"), ("the invoice", "was"), ("the discount", "was"),
        ),
        praise=(
            "fair", "reasonable", "worth it", "great value", "cheaper than in the shop", "a bargain", "good value",
            "worth every cent", "generous",
        ),
        blame=(
            "too high", "overpriced", "a rip-off", "not worth it", "misleading", "wrong", "outrageous", "steep",
            "ridiculous for what you get", "a joke",
        ),
        delights=(
            "got {item} for {money}, great deal", "I save about {money} a month with {plan}",
            "refund of {money} came within {span}",
            "the voucher took {money} off", "{plan} pays for itself",
        ),
        failures=(
            "they charged me {money} twice", "{money} for {item} is too much",
            "the price went up by {money} without a word",
            "the voucher for {money} does not work", "still no refund of {money} after {span}",
            "there were hidden fees of {money}", "I was billed for {plan} although I cancelled {day}",
        ),
        facts=(
            "{item} costs {money} now", "I am on {plan} since {month}", "does {plan} include {item}",
            "the invoice says {money}", "paid {money} {day}", "what does {plan} cost after {month}",
        ),
    ),
    Topic(
        name="support",
        aspects=(
            ("support", "was"), ("customer service", "is"), ("the chat", "was"), ("the hotline", "is"),
            ("{agent}", "was"),
            ("the reply", "was"), ("the help page", "is"), ("their answer", "was"),
        ),
        praise=(
            "helpful", "friendly", "kind", "quick to answer", "patient", "excellent", "lovely", "competent", "polite",
            "really on it", "fantastic",
        ),
        blame=(
            "rude", "useless", "unhelpful", "slow to answer", "impossible to reach", "clueless", "dismissive", "a joke",
            "no help at all", "terrible", "robotic",
        ),
        delights=(
            "{agent} sorted it out in {span}", "{agent} sent me {item} for free", "they answered {day} and fixed it",
            "{agent} explained everything to {person}", "got a human straight away, thank you {agent}",
        ),
        failures=(
            "I waited {span} on hold", "nobody has answered for {span}", "{agent} hung up on me {day}",
            "they closed my ticket without an answer", "I wrote {count} mails and got no reply",
            "got the same copied answer {count} times", "{agent} promised a call {day} and nothing happened",
        ),
        facts=(
            "I wrote to support {day}", "{agent} asked for the order number", "my ticket is {count} days old",
            "can someone call me about {item}", "is the hotline open {day}", "{agent} said to wait {span}",
        ),
    ),
    Topic(
        name="machine",
        aspects=(
            ("the machine", "is"), ("{item}", "is"), ("{part}", "is"), ("the build", "is"), ("the finish", "is"),
            ("the noise", "is"), ("the design", "is"), ("{part}", "was"),
        ),
        praise=(
            "solid", "sturdy", "beautiful", "well made", "quiet", "easy to clean", "excellent", "a joy to use",
            "robust",
            "gorgeous", "flawless",
        ),
        blame=(
            "broken", "flimsy", "cheap plastic", "loud", "leaking", "scratched", "already dead", "defective",
            "hard to clean", "wobbly", "poor", "faulty",
        ),
        delights=(
            "{item} still looks new after {span}", "{item} looks great in {place}", "{item} works like a charm",
            "we make {count} cups a day with it without trouble", "cleaning {part} takes a minute",
        ),
        failures=(
            "{part} broke after {span}", "{item} stopped working {day}", "{part} leaks all over {place}",
            "{part} came off {day}", "{item} died after {count} cups", "there is a crack in {part}",
            "{item} makes an awful noise", "had to send {item} back {count} times",
        ),
        facts=(
            "does {item} fit under a shelf in {place}", "{item} stands in {place}", "we use it for {count} cups a day",
            "how often should I clean {part}", "{item} has {count} settings", "is {part} sold separately",
        ),
    ),
    Topic(
        name="taste",
        aspects=(
            ("{roast}", "is"), ("{roast}", "tastes"), ("the coffee", "is"), ("the coffee", "tastes"),
            ("the crema", "is"),
            ("the aroma", "is"), ("the aftertaste", "is"), ("the foam", "is"), ("my flat white", "was"),
        ),
        praise=(
            "delicious", "rich", "wonderful", "smooth", "lovely", "perfectly balanced", "amazing", "fresh", "divine",
            "full of flavour", "so good",
        ),
        blame=(
            "bitter", "burnt", "stale", "watery", "sour", "weak", "bland", "awful", "undrinkable", "like cardboard",
            "flat", "disgusting",
        ),
        delights=(
            "{roast} made {person} a coffee drinker", "the best cup I have had since {month}",
            "{place} smells wonderful {day}",
            "{person} asked where {roast} is from", "{roast} beats every café I know",
        ),
        failures=(
            "poured {roast} down the sink {day}", "{roast} arrived stale", "{person} could not finish the cup",
            "{roast} used to be better", "the beans smelled of soap {day}", "{roast} gave me a headache {day}",
        ),
        facts=(
            "I grind {roast} a bit coarser", "tried {roast} {day}", "{roast} was roasted in {month}",
            "how strong is {roast}", "{person} takes it with milk", "is {roast} back in {month}",
            "{roast} makes {count} cups",
        ),
    ),
    Topic(
        name="packaging",
        aspects=(
            ("the box", "was"), ("the packaging", "is"), ("the bag", "was"), ("the wrapping", "was"),
            ("the seal", "was"),
            ("the gift card", "was"), ("the carton", "was"), ("the refill pouch", "is"),
        ),
        praise=(
            "lovely", "plastic free at last", "neat", "clever", "beautiful", "sturdy", "well packed", "easy to open",
            "thoughtful", "nicely done",
        ),
        blame=(
            "crushed", "torn", "damaged", "wet", "wasteful", "far too big", "already open", "ripped",
            "impossible to open",
            "dented", "half empty",
        ),
        delights=(
            "{item} came wrapped like a present", "there was a little card for {person}", "I reuse the box in {place}",
            "no plastic around {item}, finally", "{person} loved the wrapping",
        ),
        failures=(
            "{item} was missing from the box", "the bag was open and {place} is full of beans",
            "{item} came without padding",
            "{count} cups were smashed", "they packed {item} in three layers of plastic",
            "got {item} instead of {roast}",
        ),
        facts=(
            "can the carton be recycled", "{item} came in {count} bags", "the box is for {person}",
            "there were {count} pouches in the box", "I keep the beans in {place}", "does the bag close again",
        ),
    ),
)  # fmt: skip

DEGREES: Final = (
    "", "", "", "", "really", "so", "very", "quite", "pretty", "a bit", "honestly", "absolutely", "just", "kind of",
    "incredibly", "somewhat", "truly", "still",
)  # fmt: skip
LIKES: Final = (
    "love", "really like", "am happy with", "can only praise", "enjoy", "am impressed by", "am so glad about",
    "was pleased with", "have no complaints about", "recommend",
)  # fmt: skip
DISLIKES: Final = (
    "hate", "am fed up with", "am disappointed by", "cannot stand", "am annoyed by", "am not happy with", "regret",
    "was let down by", "am tired of", "gave up on",
)  # fmt: skip
DENIALS: Final = ("not exactly", "anything but", "far from", "never")
SHRUGS: Final = (
    "{aspect} {verb} ok", "{aspect} {verb} fine, nothing special", "not sure yet about {aspect}",
    "{aspect} {verb} average",
    "no strong feelings about {aspect}", "{aspect} {verb} as described", "{aspect} {verb} the same as in {month}",
    "{aspect} could go either way", "{aspect} {verb} neither good nor bad", "{aspect} {verb} alright for {person}",
)  # fmt: skip
CONTEXTS: Final = (
    "been a customer since {month}", "this was my {ordinal} order", "bought {item} for {person}",
    "I am new here, since {month}",
    "we drink about {count} cups a day", "I ordered {item} {day}", "{person} uses it more than I do",
    "it is for {place}",
    "switched to {plan} in {month}", "I had {item} before", "writing this from {place}",
    "my order was {item} and {roast}",
)  # fmt: skip
OPENERS: Final = (
    "so", "ok", "well", "update:", "quick note:", "honestly,", "just saying,", "second try:", "hmm,", "fyi", "right,",
    "to be fair,", "after {span}:", "short version:",
)  # fmt: skip
CLOSERS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "negative": (
            "please fix this", "I want my money back", "never again", "not what I paid for", "do better",
            "will cancel in {month}", "please sort it out", "very disappointed", "what a waste", "I expected more",
        ),
        "neutral": (
            "just so you know", "any news?", "let me know", "thanks in advance", "will see in {month}",
            "what do you suggest?",
            "please advise", "asking for {person}",
        ),
        "positive": (
            "will order again", "thank you", "keep it up", "highly recommended", "already told {person}", "five stars",
            "great job", "made my day", "see you in {month}",
        ),
    }
)  # fmt: skip
JOINTS: Final = (". ", ". ", ", ", " and ", "; ", ", and ", ", plus ", ". also, ", " - ")
CONTRASTS: Final = (", but ", " but ", ". still, ", ", although ", ". then again, ", " yet ")
EMOJI: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "negative": ("😡", "😤", "🙄", "👎", "😞"),
        "neutral": ("🤔", "☕", "🤷"),
        "positive": ("😀", "🙌", "❤️", "👍", "☕😊"),
    }
)

NEW_FEATURE: Final = "brewsync"
NEW_FEATURE_CLAUSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "negative": (
            "brewsync keeps losing {item}", "since brewsync I cannot {step}", "brewsync is {degree} buggy",
            "turned brewsync off {day}",
        ),
        "neutral": (
            "what does brewsync do with {item}", "brewsync is on since {day}", "can {person} use brewsync too",
            "does brewsync need {plan}",
        ),
        "positive": (
            "brewsync is {degree} clever", "with brewsync I can {step} from bed", "love brewsync in {place}",
            "brewsync found {item} at once",
        ),
    }
)  # fmt: skip
NEW_SLANG: Final[Mapping[str, str]] = MappingProxyType(
    {"negative": "mid", "neutral": "lowkey ok", "positive": "goated"}
)
NEW_SLANG_TAILS: Final = ("", " to be honest", " again", " for me", " this time", " so far", " now")

# What the monitored model has learnt, on a scale of its own. It knows part of the words above, none that are new, and
# nothing of word order: "not great" and sarcasm pass it by, as they pass by many a model in production.
WORD_SCORES: Final[Mapping[str, float]] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "amazing", "beautiful", "best", "brilliant", "delicious", "excellent", "fantastic", "flawless",
                "gorgeous",
                "lovely", "love", "loved", "perfectly", "recommend", "recommended", "wonderful", "stars", "impressed",
            ),
            1.6,
        ),
        **dict.fromkeys(
            (
                "bargain", "better", "clear", "clever", "easy", "enjoy", "fair", "fast", "finally", "free", "fresh",
                "friendly",
                "glad", "great", "handy", "happy", "helpful", "intuitive", "neat", "pleased", "pleasure", "polite",
                "praise", "promised", "quick", "quiet", "reliable", "rich", "robust", "smooth", "solid", "sturdy",
                "thank",
                "value", "worth", "joy", "early", "charm", "punctual", "generous", "patient", "competent", "divine",
                "tidy",
                "balanced", "thoughtful", "nicely", "fixed", "present", "sorted", "save",
                "impressive", "reasonable", "flavour", "sooner", "deal", "managed", "reuse", "tap", "looks",
                "complaints", "within",
                "pays", "minute", "beats", "told", "home",
            ),
            1.0,
        ),
        **dict.fromkeys(
            (
                "awful", "broken", "disappointed", "disgusting", "hate", "joke", "outrageous", "rip-off", "rude",
                "terrible", "undrinkable", "unusable", "useless", "waste", "worse", "nobody", "crashes",
            ),
            -1.6,
        ),
        **dict.fromkeys(
            (
                "annoyed", "bitter", "bland", "broke", "bugs", "buggy", "burnt", "cannot", "cluttered", "confusing",
                "crushed",
                "damaged", "dead", "defective", "delay", "delayed", "error", "faulty", "fed", "flimsy", "freezes",
                "late", "leaking",
                "leaks", "lost", "mess", "misleading", "missing", "overpriced", "poor", "regret",
                "scratched", "slow", "sour", "stale", "stopped", "stuck", "tired", "torn", "twice", "unhelpful",
                "waiting",
                "waited", "watery", "weak", "wrong", "fix", "expected", "hidden", "loud",
                "overdue", "unreliable", "steep", "died", "stand", "high", "too",
                "cancel", "clueless", "robotic", "impossible", "hung", "crack", "smashed", "hard", "cheap", "frozen",
                "moved",
                "instead", "dismissive", "painful", "wet", "dented", "ripped", "headache", "wobbly", "wasteful", "not",
                "never",
                "anything", "far", "exactly", "let",
            ),
            -0.9,
        ),
    }
)  # fmt: skip
