"""Another language is found; other topics and a moved mix of main languages are none."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

import textdrift
from textdrift.drift.quality import Language
from textdrift.errors import SettingsError
from textdrift.findings.deciding import MATERIAL_FROM
from textdrift.windows.languages import Spoken, spoken_in
from textdrift.windows.simulating import Dose, sample_pair

LEVEL = 0.05 / 84
REPEATS = 2000 if os.environ.get("TEXTDRIFT_CALIBRATION") == "full" else 400

GERMAN = (
    ("Der Wasserkocher", "Die Kaffeemaschine", "Das Paket", "Die Mühle", "Der Filter", "Die Tasse", "Das Abo"),
    ("ging gestern", "kam leider", "war schon wieder", "wurde heute", "blieb zwei Wochen"),
    ("kaputt an", "viel zu spät", "ganz ohne Deckel", "halb leer", "bei den Nachbarn liegen", "auf der Strecke"),
    ("und niemand antwortet mir", "das geht so nicht", "trotzdem danke", "ich will mein Geld zurück", "schade drum"),
)
RUSSIAN = (
    ("Чайник", "Кофемолка", "Посылка", "Фильтр"),
    ("снова", "вчера", "сегодня"),
    ("не пришла вовремя", "сломался сразу", "приехал без крышки"),
    ("и никто не отвечает", "верните мне деньги", "но всё равно спасибо"),
)


def written(parts: tuple[tuple[str, ...], ...], n: int, rng: np.random.Generator) -> list[str]:
    return [" ".join(part[rng.integers(len(part))] for part in parts) for _ in range(n)]


def english(n: int, seed: int, dose: Dose | None = None) -> list[str]:
    return sample_pair(1, n, dose=dose or Dose(), seed=seed).current["text"].to_pylist()


def spoken(texts: list[str]) -> Spoken:
    return spoken_in(pa.array(texts, pa.large_string()), np.arange(len(texts)))


def compared(reference: list[str], current: list[str]):
    return Language().compare(spoken(reference), spoken(current), rng=np.random.default_rng(0))


def told(language: list[str]) -> Spoken:
    names = np.array(language, dtype=object)
    return Spoken(names, np.where(names == "", "", "Latin").astype(object), np.arange(len(names)))


def drawn(n: int, shares: dict[str, float], rng: np.random.Generator) -> Spoken:
    return told(rng.choice(list(shares), size=n, p=list(shares.values())).tolist())


@pytest.mark.parametrize(("parts", "name"), [(GERMAN, "de"), (RUSSIAN, "ru")])
def test_five_per_cent_of_another_language_are_found_named_and_measured(parts, name):
    rng = np.random.default_rng(1)
    current = english(950, 2) + written(parts, 50, rng)
    result = compared(english(1000, 1), current)
    (cause,) = result.table("causes")
    effect = result.effects[0]
    assert result.p_value <= LEVEL
    assert (cause["cause"], cause["direction"], cause["share_of_rows"]) == ("language", "up", effect.value)
    assert effect.value == pytest.approx(0.05, abs=0.012)
    assert effect.low <= 0.05 <= effect.high
    assert effect.detectable < 0.05
    first = result.table("languages")[0]
    assert (first["language"], first["main"]) == (name, False)
    assert all(row >= 950 for row in first["rows"])
    assert f"mostly {name}" in cause["sentence"]


def test_a_report_names_the_language_and_no_template_or_copy():
    rng = np.random.default_rng(2)
    current = english(950, 4) + list(dict.fromkeys(written(GERMAN, 60, rng)))[:50]
    report = textdrift.compare(english(1000, 3), current, tests={"quality": {}})
    assert report.diagnosis.causes[0]["cause"] == "language"


def test_another_language_that_is_gone_fell():
    rng = np.random.default_rng(3)
    result = compared(english(950, 5) + written(RUSSIAN, 50, rng), english(1000, 6))
    assert result.p_value <= LEVEL
    assert result.table("causes")[0]["direction"] == "down"


def test_short_texts_in_the_script_of_a_main_language_are_at_home():
    reference = ["Чайник сломался на второй день, и никто не отвечает"] * 80 + ["спасибо"] * 20
    current = ["Чайник сломался на второй день, и никто не отвечает"] * 40 + ["спасибо"] * 60
    assert compared(reference, current).effects[0].value == 0.0


@pytest.mark.parametrize("dose", [Dose(topic=0.3), Dose(labels=0.3), Dose(new_words=0.2)])
def test_other_topics_and_words_are_no_other_language(dose):
    result = compared(english(1200, 7), english(1200, 8, dose))
    assert result.effects[0].value < 0.5 * MATERIAL_FROM["quality.language", "share_of_rows"]


def test_a_moved_mix_of_main_languages_is_evidence_and_no_fault():
    rng = np.random.default_rng(4)
    result = Language().compare(
        drawn(1000, {"en": 0.6, "es": 0.4}, rng), drawn(1000, {"en": 0.3, "es": 0.7}, rng), rng=rng
    )
    assert (result.p_value, result.effects[0].value, result.table("causes")) == (1.0, 0.0, ())
    assert result.table("languages")[0]["language"] == "es"


def test_the_p_value_of_one_other_language_is_twice_fishers_tail_paid_for_each_language():
    reference, current = told(["en"] * 96 + ["de"] * 4), told(["en"] * 65 + ["de"] * 15)
    tail = min(stats.fisher_exact([[15, 65], [4, 96]], alternative=side).pvalue for side in ("less", "greater"))
    found = Language().compare(reference, current, rng=np.random.default_rng(0))
    assert found.p_value == pytest.approx(2 * 2 * tail, rel=1e-9)


def test_how_many_could_vote_is_said():
    result = Language().compare(told(["en"] * 3 + [""]), told(["en"] * 2 + [""] * 2), rng=np.random.default_rng(0))
    assert result.notes[0].startswith("The language was clear in 3 of 4 reference and 2 of 4 current documents")
    shares = {row["measure"]: (row["reference"], row["current"]) for row in result.table("measures")}
    assert shares["share_whose_language_is_clear"] == (0.75, 0.5)


@pytest.mark.parametrize(("reference", "current"), [([], []), ([""], [""]), (["en"], []), (["en"], ["de"])])
def test_windows_of_few_or_no_clear_texts_say_nothing(reference, current):
    result = Language().compare(told(reference), told(current), rng=np.random.default_rng(0))
    assert result.p_value > 0.5
    assert result.effects[0].detectable > 0.9


def test_a_sample_is_looked_at_where_there_are_more_documents_and_is_said():
    tests = {"quality": {"max_documents": 100}}
    report = textdrift.compare(english(150, 9), english(120, 10), tests=tests)
    (finding,) = [f for f in report.findings if f.result.test == "quality.language"]
    assert "a random sample of 100 of the" in " ".join(finding.result.notes)


def test_a_sample_of_none_is_refused():
    with pytest.raises(SettingsError, match="max_documents=0"):
        Language(max_documents=0)


@pytest.mark.parametrize(("n", "m"), [(1000, 1000), (2000, 300)])
@pytest.mark.parametrize("shares", [{"en": 0.95, "de": 0.03, "es": 0.02}, {"en": 0.7, "es": 0.1, "de": 0.1, "fr": 0.1}])
def test_windows_of_one_mix_keep_the_level(n, m, shares):
    # The second mix has languages at the border of being main, where the reference alone would be a biased judge.
    rng = np.random.default_rng(5)
    found = np.array(
        [Language().compare(drawn(n, shares, rng), drawn(m, shares, rng), rng=rng).p_value for _ in range(REPEATS)]
    )
    assert np.mean(found <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / REPEATS)
    assert np.mean(found <= 0.01) <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / REPEATS)
