"""Level and power of every deciding test that needs no encoder, on sample windows: the table of docs/statistics.md.

    python tests/benchmarks/level_and_power.py [--pairs 200] [--test quality.missing] [--rows 500] [--current 500]

Null pairs are two samples of one law (`sample_pair`), a planted pair has one fault or drift in its current window.
What is counted is the share of pairs where the test's own p-value is at most 0.05, before it shares the level.
Vectors are hashed words: they carry the level of the tests of meaning, and no more of their power than words do.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textdrift.drift.catalog import CATALOG, CatalogEntry
from textdrift.drift.running import run_test
from textdrift.drift.window_pair import WindowPair
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.windows.reading import read_window
from textdrift.windows.simulating import Dose, sample_pair
from textdrift.windows.window import Roles

LEVEL = 0.05
ROLES = Roles(
    text="text", label="label", prediction="prediction", time="timestamp", id="id", segments=("channel",),
    probabilities={"negative": "p_negative", "neutral": "p_neutral", "positive": "p_positive"},
    features=("amount", "visits", "country"),
)  # fmt: skip
GERMAN = (
    ("Der Wasserkocher", "Die Maschine", "Das Paket", "Die Mühle", "Der Filter", "Die Tasse", "Das Abo", "Der Deckel"),
    ("ging gestern", "kam leider", "war schon wieder", "wurde heute", "blieb zwei Wochen", "hat mir sehr"),
    ("kaputt an", "viel zu spät", "ganz ohne Deckel", "halb leer", "bei den Nachbarn liegen", "gut gefallen"),
    ("und niemand antwortet mir", "das geht so nicht", "trotzdem danke", "ich will mein Geld zurück", "schade"),
)
SYLLABLES = ("ka", "lo", "mi", "su", "te", "ve", "ru", "na", "per", "sti")

Planting = Callable[[pa.Table, np.random.Generator], pa.Table]


def put(table: pa.Table, column: str, values: list[object]) -> pa.Table:
    """Return the table with one column replaced."""
    place = table.column_names.index(column)
    return table.set_column(place, column, pa.array(values, table.schema.field(column).type))


def texts_changed(share: float, change: Callable[[str, np.random.Generator], str | None]) -> Planting:
    """Change the texts of a random share of the rows."""

    def planted(table: pa.Table, rng: np.random.Generator) -> pa.Table:
        hit = rng.random(table.num_rows) < share
        texts = table["text"].to_pylist()
        return put(table, "text", [change(text, rng) if now else text for text, now in zip(texts, hit, strict=True)])

    return planted


def copied(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Let 5 % of the rows repeat five texts of their window."""
    texts = table["text"].to_pylist()
    return texts_changed(0.05, lambda _, rng: texts[rng.integers(5)])(table, rng)


def slot(rng: np.random.Generator) -> str:
    """Return two made-up words, as a template's slot is filled with."""
    return " ".join("".join(rng.choice(SYLLABLES, size=rng.integers(2, 4))) for _ in range(2))


def campaigns(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Let 12 % of the rows come from ten templates, whose slots differ."""
    frames = [[slot(rng) for _ in range(4)] for _ in range(10)]

    def filled(_: str, rng: np.random.Generator) -> str:
        a, b, c, d = frames[rng.integers(len(frames))]
        return f"{a} {b} {slot(rng)} {c} {slot(rng)} {d} {slot(rng)}"

    return texts_changed(0.12, filled)(table, rng)


def german(_: str, rng: np.random.Generator) -> str:
    """Return a sentence in another language."""
    return " ".join(part[rng.integers(len(part))] for part in GERMAN)


def late(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Give 3 % of the rows a time of the week before."""
    hit = rng.random(table.num_rows) < 0.03
    week = dt.timedelta(days=7)
    return put(
        table, "timestamp", [t - week if h else t for t, h in zip(table["timestamp"].to_pylist(), hit, strict=True)]
    )


def marked(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Put a mark on two thirds of the texts of one label."""
    hit = rng.random(table.num_rows) < 2 / 3
    rows = zip(table["text"].to_pylist(), table["label"].to_pylist(), hit, strict=True)
    return put(table, "text", [f"{text} esc7" if h and label == "negative" else text for text, label, h in rows])


def echoed(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Let 30 % of the labels repeat the prediction."""
    hit = rng.random(table.num_rows) < 0.30
    rows = zip(table["label"].to_pylist(), table["prediction"].to_pylist(), hit, strict=True)
    return put(table, "label", [prediction if h else label for label, prediction, h in rows])


def with_features(table: pa.Table, rng: np.random.Generator, correlation: float = 0.5) -> pa.Table:
    """Return the table with two numeric columns that go along, and one of names."""
    n = table.num_rows
    first, second = rng.normal(size=(2, n))
    features = {
        "amount": np.exp(first),
        "visits": correlation * first + np.sqrt(1 - correlation**2) * second,
        "country": np.array(["at", "ch", "de", "it"])[rng.choice(4, size=n, p=(0.4, 0.3, 0.2, 0.1))],
    }
    for name, values in features.items():
        table = table.append_column(name, pa.array(values))
    return table


def column_changed(name: str, share: float, change: Callable[[object], object]) -> Planting:
    """Change the values of one column in a random share of the rows."""

    def planted(table: pa.Table, rng: np.random.Generator) -> pa.Table:
        hit = rng.random(table.num_rows) < share
        values = table[name].to_pylist()
        return put(table, name, [change(value) if now else value for value, now in zip(values, hit, strict=True)])

    return planted


def other_correlation(table: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Let two columns go along less, each with the distribution that it had."""
    return with_features(table.drop_columns(["amount", "visits", "country"]), rng, correlation=0.25)


def in_one_segment(seed: int, n: int, m: int, dose: Dose) -> tuple[pa.Table, pa.Table]:
    """Return a pair whose current rows of the channel `app` alone have the dose."""
    drifted, calm = sample_pair(n, m, dose=dose, seed=seed), sample_pair(n, m, seed=seed + 500_000)
    of_app = pc.equal(drifted.current["channel"], "app")
    current = pa.concat_tables(
        [drifted.current.filter(of_app), calm.current.filter(pc.not_equal(calm.current["channel"], "app"))]
    )
    return drifted.reference, current


# For each test: what is planted, in words, and a dose or a change of the current table.
PLANTED: dict[str, tuple[str, Dose | Planting]] = {
    "lexical.vocabulary": ("words that did not exist in 5 % of the rows", Dose(new_words=0.05)),
    "lexical.token_frequency": ("words that did not exist in 5 % of the rows", Dose(new_words=0.05)),
    "lexical.segments": ("the same in 12 % of the rows of one channel", Dose(new_words=0.12)),
    "embedding.mean_embedding": ("15 points more rows about one topic", Dose(topic=0.15)),
    "embedding.mmd": ("15 points more rows about one topic", Dose(topic=0.15)),
    "embedding.segments": ("30 points more rows about one topic, in one channel", Dose(topic=0.3)),
    "columns.categorical.label": ("8 points more negative labels", Dose(labels=0.08)),
    "columns.categorical.prediction": ("8 points more negative labels, so predictions", Dose(labels=0.08)),
    "columns.numeric": ("a number 20 % larger", column_changed("amount", 1.0, lambda value: value * 1.2)),
    "columns.categorical.features": (
        "12 % of the rows of one name instead",
        column_changed("country", 0.12, lambda _: "it"),
    ),
    "columns.joint": ("a correlation of .25 and not .5, margins unchanged", other_correlation),
    "columns.unseen": ("3 % of the rows of a new name", column_changed("country", 0.03, lambda _: "us")),
    "columns.accuracy": ("6 % of the rows sarcastic: the model is wrong there", Dose(sarcasm=0.06)),
    "quality.missing": ("3 % of the texts gone", texts_changed(0.03, lambda _, __: None)),
    "quality.missing_values": ("3 % of the values of one column gone", column_changed("amount", 0.03, lambda _: None)),
    "quality.copies": ("5 % of the rows repeat five texts", copied),
    "quality.length": ("texts cut at 120 characters", texts_changed(1.0, lambda text, _: text[:120])),
    "quality.markup": ("3 % of the rows escaped as HTML", Dose(escaped=0.03)),
    "quality.encoding": (
        "3 % of the rows with wrongly decoded characters",
        texts_changed(0.03, lambda text, _: f"{text} à la crème".encode().decode("latin-1")),
    ),
    "quality.casing": ("15 % of the rows in lower case", texts_changed(0.15, lambda text, _: text.lower())),
    "quality.placeholder": ("3 % of the texts are N/A", texts_changed(0.03, lambda _, __: "N/A")),
    "quality.language": ("5 % of the rows in another language", texts_changed(0.05, german)),
    "quality.template": ("12 % of the rows from ten new templates", campaigns),
    "quality.late": ("3 % of the rows a week old", late),
    "quality.leakage": ("5 % of the texts are those of the reference", lambda table, _: table),
    "quality.giveaways": ("a mark on two thirds of the texts of one label", marked),
    "quality.loop": ("30 % of the labels repeat the prediction", echoed),
}


def entries(wanted: str | None) -> list[CatalogEntry]:
    """Return the tests to look at, in the order of the catalogue."""
    return [entry for entry in CATALOG if entry.key in PLANTED and wanted in {None, entry.key, entry.name}]


def windows(entry: CatalogEntry | None, seed: int, n: int, m: int) -> WindowPair:
    """Return a null pair, or one with what is planted for a test."""
    what = PLANTED[entry.key][1] if entry else Dose()
    dose = what if isinstance(what, Dose) else Dose()
    if entry and entry.family != "columns" and entry.name.endswith(".segments"):
        tables = in_one_segment(seed, n, m, dose)
    else:
        pair = sample_pair(n, m, dose=dose, seed=seed)
        tables = (pair.reference, pair.current)
    tables = tuple(with_features(table, np.random.default_rng([seed, side])) for side, table in enumerate(tables))
    if not isinstance(what, Dose):
        tables = (tables[0], what(tables[1], np.random.default_rng([seed, 7])))
    if entry and entry.key == "quality.leakage":
        stolen = tables[0]["text"].to_pylist()
        leaked = texts_changed(0.05, lambda _, rng: stolen[rng.integers(n)])
        tables = (tables[0], leaked(tables[1], np.random.default_rng(seed)))
    names = ("reference", "current")
    both = [read_window(table, ROLES, name=name) for table, name in zip(tables, names, strict=True)]
    return WindowPair(*both, encoder=HashingEncoder, cache=lambda: None, seed=seed)


def rejects(entry: CatalogEntry, pair: WindowPair, seed: int) -> bool:
    """Say whether the test's own p-value is at most 0.05."""
    test = entry.test(**{**entry.presets, **entry.fixed})
    if entry.per_column is not None:
        entry = entry.for_column("amount" if entry.per_column == "numeric" else "country")
    return run_test(entry, test, pair, examples=0, seed=seed).p_value <= LEVEL


def main() -> None:
    """Print one row a test: false alarms of the null pairs, and how many of the planted ones were found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--current", type=int, default=500)
    parser.add_argument("--test", default=None)
    given = parser.parse_args()
    looked_at = entries(given.test)
    alarms = {entry.key: 0 for entry in looked_at}
    for k in range(given.pairs):
        pair = windows(None, 70_000 + k, given.rows, given.current)
        for entry in looked_at:
            alarms[entry.key] += rejects(entry, pair, k)
    print(f"{given.rows} v {given.current} rows, {given.pairs} pairs of each kind\n")
    print("| test | false alarms at .05 | planted | found at .05 |\n|---|---|---|---|")
    for entry in looked_at:
        found = sum(
            rejects(entry, windows(entry, 90_000 + k, given.rows, given.current), k) for k in range(given.pairs)
        )
        shares = [f"{count / given.pairs:.3f}".lstrip("0") for count in (alarms[entry.key], found)]
        print(f"| `{entry.key}` | {shares[0]} | {PLANTED[entry.key][0]} | {shares[1]} |", flush=True)


if __name__ == "__main__":
    main()
