"""compare_profiles() and profile(): what is left of a window is enough, and what does not fit is told."""

import json

import numpy as np
import pyarrow as pa
import pytest

import textdrift
from textdrift.embeddings.features import Basis
from textdrift.errors import ProfileError, SettingsError
from textdrift.profiles import load, profile_texts, save
from textdrift.tokens.tokenization import Tokenization
from textdrift.windows.simulating import Dose, sample_pair


@pytest.fixture(scope="module")
def windows():
    return sample_pair(3000, 3000, dose=Dose(new_words=0.3), seed=5)


@pytest.fixture(scope="module")
def profiles(windows):
    return textdrift.profile(windows.reference, time="timestamp"), textdrift.profile(windows.current)


def test_planted_words_are_found_without_a_text(windows, profiles):
    report = textdrift.compare_profiles(*profiles)
    assert report.verdict == "drift"
    assert report.diagnosis.kinds == ("lexical",)
    first = [row["term"] for row in report.diagnosis.terms[:8]]
    assert set(windows.planted.terms) <= set(first)


def test_windows_of_one_law_do_not_drift():
    pair = sample_pair(3000, 3000, seed=6)
    report = textdrift.compare_profiles(textdrift.profile(pair.reference), textdrift.profile(pair.current))
    assert report.verdict == "no_drift"
    assert report.passed


def test_days_add_up_to_the_week(windows):
    table = windows.current
    whole = textdrift.profile(table, name="week")
    days = [textdrift.profile(table.slice(start, 700)) for start in range(0, 3000, 700)]
    week = textdrift.profile(*days, name="week")
    reference = textdrift.profile(windows.reference)
    first, second = (textdrift.compare_profiles(reference, profile).to_dict() for profile in (whole, week))
    first.pop("seconds"), second.pop("seconds")
    assert first == second


def test_a_profile_comes_back_from_its_file(profiles, tmp_path):
    save(profiles[0], tmp_path / "a.profile")
    save(profiles[1], tmp_path / "b.profile")
    of_files = textdrift.compare_profiles(tmp_path / "a.profile", str(tmp_path / "b.profile"))
    of_memory = textdrift.compare_profiles(*profiles)
    assert [f.result.p_value for f in of_files.findings] == [f.result.p_value for f in of_memory.findings]
    assert load(tmp_path / "a.profile").span is not None


def test_words_kept_as_a_hash_count_and_are_not_named(tmp_path):
    names = [f"{a}{b}{c}" for a in "bcdfghklmnprst" for b in "aeiou" for c in "lnrst"]
    before = textdrift.profile([f"parcel for {name} came" for name in names])
    after = textdrift.profile([f"parcel for {name} {'zorblax' if i % 4 else 'came'}" for i, name in enumerate(names)])
    for name, profile in (("before", before), ("after", after)):
        save(profile, tmp_path / f"{name}.profile", named_from=300)
    report = textdrift.compare_profiles(tmp_path / "before.profile", tmp_path / "after.profile")
    assert report.verdict == "drift"
    assert "(unnamed word)" in [row["term"] for row in report.diagnosis.terms]
    assert "zorblax" not in report.to_json()


def test_sums_of_embeddings_are_compared_too():
    rng = np.random.default_rng(0)
    texts = [f"text {''.join(rng.choice(list('abcdefgh'), 6))}" for _ in range(1200)]
    basis = Basis.fit(rng.normal(size=(500, 12)))
    made = [
        profile_texts([texts], points=[rng.normal(size=(1200, 12)) + shift], basis=basis, encoder="abc", name="w")
        for shift in (0.0, 0.0, 0.6)
    ]
    assert textdrift.compare_profiles(made[0], made[1]).diagnosis.kinds == ()
    assert textdrift.compare_profiles(made[0], made[2]).diagnosis.kinds == ("semantic",)


def test_other_units_are_compared_as_units(windows):
    tokenization = Tokenization(unit="casing")
    shouted = pa.table({"text": [text.upper() for text in windows.current["text"].to_pylist()]})
    report = textdrift.compare_profiles(
        textdrift.profile(windows.reference, tokenization=tokenization),
        textdrift.profile(shouted, tokenization=tokenization),
    )
    assert [finding.result.test for finding in report.findings] == ["lexical.token_frequency"]
    assert report.diagnosis.terms[0]["unit"] == "casing"


def test_the_same_profiles_and_seed_give_the_same_bytes(profiles):
    def told():
        told = textdrift.compare_profiles(*profiles, seed=3).to_dict()
        told.pop("seconds")
        return json.dumps(told, sort_keys=True)

    assert told() == told()


def test_what_cannot_be_compared_is_told(profiles):
    stemmed = textdrift.profile(["good films"], tokenization=Tokenization(stemmer="english"))
    with pytest.raises(ProfileError, match="stemmer is None in one and 'english' in the other"):
        textdrift.compare_profiles(profiles[0], stemmed)
    with pytest.raises(ProfileError, match="holds no document"):
        textdrift.compare_profiles(profiles[0], profile_texts([["", None]], name="empty"))
    with pytest.raises(SettingsError, match=r"needs two windows of rows; two profiles are compared by textdrift"):
        textdrift.compare(profiles[0], ["a text"])
    with pytest.raises(SettingsError, match=r"must be a profile or the path of one.* got list;"):
        textdrift.compare_profiles(["a text"], profiles[0])
    with pytest.raises(SettingsError, match=r"the current must be a profile .* got 'texts\.csv'"):
        textdrift.compare_profiles(profiles[0], "texts.csv")
    with pytest.raises(SettingsError, match="at least one source"):
        textdrift.profile()
    with pytest.raises(SettingsError, match="bins"):
        textdrift.compare_profiles(profiles[0], textdrift.profile([f"only {i}" for i in "abcdefghijklmnopqrst"]))
