"""Card payments of a made-up bank: their memos, their features, and a new way to cheat that comes overnight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["ATTACK_CATEGORY", "ATTACK_COUNTRY", "FEATURES", "FRAUD", "LEGITIMATE", "payments"]

FRAUD, LEGITIMATE = "fraud", "legitimate"

FEATURES: Final = ("amount", "hour", "card_age_days", "category", "country")
"""The columns that the bank's model reads beside the memo."""

ATTACK_COUNTRY, ATTACK_CATEGORY = "Portugal", "gift cards"
"""Where the new attack is."""

_COUNTRIES: Final = ("Germany", "France", "Spain", "Italy", "Portugal", "Poland")
_COUNTRY_SHARES: Final = (0.34, 0.22, 0.16, 0.12, 0.08, 0.08)
_NAMES: Final = (
    "Ada", "Adil", "Agnes", "Aisha", "Alba", "Amir", "Anja", "Arno", "Bela", "Birgit", "Boris", "Bruno", "Carla",
    "Cem", "Chen", "Clara", "Dana", "Dario", "Diego", "Dora", "Edith", "Elif", "Emil", "Enzo", "Fatima", "Felix",
    "Finn", "Flora", "Gita", "Greta", "Gustav", "Hana", "Hassan", "Heidi", "Hugo", "Ida", "Ines", "Igor", "Ivan",
    "Jana", "Jonas", "Joris", "Judit", "Karl", "Kaya", "Kofi", "Lena", "Levi", "Luca", "Luisa", "Maja", "Malik",
    "Marek", "Mina", "Nadia", "Nils", "Noor", "Olga", "Omar", "Oskar", "Paula", "Petra", "Piet", "Quinn", "Rania",
    "Remy", "Rosa", "Samir", "Selma", "Sofia", "Sven", "Tara", "Theo", "Tilda", "Udo", "Uma", "Vera", "Viggo",
    "Wanda", "Xenia", "Yara", "Yusuf", "Zeno", "Zoe",
)  # fmt: skip
_NIGHTLY, _RENAMED, _TYPICAL, _STOCK = 0.4, 0.6, 0.8, 0.12
"""Shares: known fraud that comes at night, attacks under new memos, known fraud under old ones, stock phrases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Merchant:
    """What is bought in a category: its share of the honest payments, the middle of its amounts, and its memos."""

    share: float
    amount: float
    things: tuple[str, ...]


_MERCHANTS: Final = {
    "groceries": _Merchant(
        share=0.30, amount=38.0,
        things=("groceries", "weekly shop", "vegetables", "bread and milk", "market stall", "barbecue", "baby food"),
    ),
    "restaurants": _Merchant(
        share=0.22, amount=27.0,
        things=("lunch", "pizza", "dinner", "birthday brunch", "coffee", "sushi", "team lunch", "ice cream"),
    ),
    "fuel": _Merchant(
        share=0.14, amount=55.0, things=("fuel", "petrol", "car wash", "charging", "diesel", "tyres", "parking"),
    ),
    "electronics": _Merchant(
        share=0.12, amount=180.0,
        things=("headphones", "laptop", "phone case", "printer", "camera", "tablet", "game console", "monitor"),
    ),
    "travel": _Merchant(
        share=0.14, amount=140.0,
        things=("train ticket", "hotel", "flight", "ferry", "hostel", "taxi", "bus pass", "holiday flat"),
    ),
    "gift cards": _Merchant(
        share=0.08, amount=35.0,
        things=("gift card", "present", "birthday gift", "wedding gift", "book token", "flowers", "farewell gift"),
    ),
}  # fmt: skip
_EVERYDAY: Final = ("thanks", "shopping", "card payment", "payment", "as agreed", "see receipt")
_OLD_FRAUD: Final = (
    ("urgent", "pending", "final", "blocked"),
    ("invoice", "customs", "refund", "parcel", "deposit"),
    ("release", "settlement", "clearance", "verification", "fee"),
)
_NEW_FRAUD: Final = (
    ("evoucher", "wallet", "prepaid", "instant", "digital"),
    ("topup", "bundle", "credits", "reload", "codes"),
    ("loyalty", "reward", "bonus", "cashback", "points"),
)


def payments(
    n: int, rng: np.random.Generator, *, n_attacks: int = 0, fraud_share: float = 0.05, first_id: int = 0
) -> pa.Table:
    """Make payments of one day, in random order.

    The fraud that the bank knows pays large amounts for electronics and travel with new cards, under memos of invoices
    and customs. The new attack buys gift cards of small amounts in Portugal between one and five at night with cards
    that were stolen long after they were made, three in five under memos of vouchers and the others under the old ones,
    by which the model knows them. About one honest memo in eight is a stock
    phrase such as "thanks", so memos repeat.

    Parameters
    ----------
    n:
        Payments, the new attack among them.
    rng:
        Draws them.
    n_attacks:
        Payments of the new attack.
    fraud_share:
        Share of known fraud among the others.
    first_id:
        The first payment's number.

    Returns
    -------
    A table with ``id``, ``memo``, the columns of ``FEATURES``, ``label``, and ``is_attack``, which no model sees.

    Examples
    --------
    >>> day = payments(400, np.random.default_rng(0), n_attacks=40)
    >>> day.num_rows, sum(day["is_attack"].to_pylist())
    (400, 40)
    """
    n_known = int(rng.binomial(n - n_attacks, fraud_share))
    kinds = np.repeat(["honest", "known", "attack"], [n - n_attacks - n_known, n_known, n_attacks])
    kinds = rng.permutation(kinds)
    categories = np.where(kinds == "honest", _honest_categories(n, rng), "")
    categories = np.where(
        kinds == "known", rng.choice(["electronics", "travel", "gift cards"], n, p=[0.4, 0.3, 0.3]), categories
    )
    categories = np.where(kinds == "attack", ATTACK_CATEGORY, categories)
    middle = np.array([_MERCHANTS[str(category)].amount for category in categories])
    amount = middle * rng.lognormal(0.0, 0.6, n)
    amount = np.where(kinds == "known", middle * rng.lognormal(0.5, 0.6, n), amount)
    amount = np.where(kinds == "attack", rng.uniform(12.0, 49.0, n), amount)
    country = rng.choice(_COUNTRIES, n, p=_COUNTRY_SHARES)
    return pa.table(
        {
            "id": [f"p{first_id + i:07d}" for i in range(n)],
            "memo": [_memo(str(kind), str(category), rng) for kind, category in zip(kinds, categories, strict=True)],
            "amount": np.round(amount, 2),
            "hour": _hours(kinds, rng),
            "card_age_days": np.round(_card_ages(kinds, rng), 0),
            "category": categories.astype(str),
            "country": np.where(kinds == "attack", ATTACK_COUNTRY, country).astype(str),
            "label": np.where(kinds == "honest", LEGITIMATE, FRAUD),
            "is_attack": kinds == "attack",
        }
    )


def _honest_categories(n: int, rng: np.random.Generator) -> NDArray[np.str_]:
    return rng.choice(list(_MERCHANTS), n, p=[merchant.share for merchant in _MERCHANTS.values()])


def _hours(kinds: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.float64]:
    n = len(kinds)
    by_day = np.clip(rng.normal(14.5, 4.5, n), 0.0, 23.99)
    by_night = rng.uniform(1.0, 5.0, n)
    # Fraud that is known comes at night two times in five.
    at_night = (kinds == "attack") | ((kinds == "known") & (rng.random(n) < _NIGHTLY))
    return np.asarray(np.floor(np.where(at_night, by_night, by_day)))


def _card_ages(kinds: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.float64]:
    return np.asarray(np.where(kinds == "known", rng.gamma(2.0, 200.0, len(kinds)), rng.gamma(3.0, 300.0, len(kinds))))


def _memo(kind: str, category: str, rng: np.random.Generator) -> str:
    name = str(rng.choice(_NAMES))
    if kind == "attack" and rng.random() < _RENAMED:
        first, second, third = (str(rng.choice(words)) for words in _NEW_FRAUD)
        return f"{first} {second} {third} {name}"
    # Two in five attacks go on under the old memos; some known fraud hides behind an everyday one.
    if kind == "attack" or (kind == "known" and rng.random() < _TYPICAL):
        return " ".join(str(rng.choice(words)) for words in _OLD_FRAUD)
    if rng.random() < _STOCK:
        return str(rng.choice(_EVERYDAY))
    thing = str(rng.choice(_MERCHANTS[category].things))
    return str(rng.choice((f"{thing} with {name}", f"{thing} for {name}", f"{name} {thing}", f"{thing}, {name}")))
