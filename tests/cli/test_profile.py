"""``textdrift profile``, and ``textdrift compare`` on what it wrote."""

import json

import pytest

from textdrift.cli.app import main

NAMES = [f"{a}{b}{c}" for a in "bcdfghklmnprst" for b in "aeiou" for c in "lnrst"]


def written(path, texts):
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return str(path)


@pytest.fixture
def profiles(tmp_path, capsys):
    before = written(tmp_path / "before.jsonl", [f"parcel for {name} came on time" for name in NAMES])
    after = written(tmp_path / "after.jsonl", [f"parcel for {name} was lost at sea" for name in NAMES])
    for source, name in ((before, "before"), (after, "after")):
        assert main(["profile", source, "--output", str(tmp_path / f"{name}.profile")]) == 0
    capsys.readouterr()
    return str(tmp_path / "before.profile"), str(tmp_path / "after.profile")


def test_a_profile_is_written_and_told(tmp_path, capsys):
    source = written(tmp_path / "a.jsonl", ["good film", "bad film", None])
    assert main(["profile", source, "--output", str(tmp_path / "a.profile")]) == 0
    assert "2 documents of 3 rows, 3 different terms" in capsys.readouterr().out
    assert (tmp_path / "a.profile").exists()


def test_drift_between_profiles_exits_1_and_names_the_words(profiles, capsys):
    assert main(["compare", *profiles]) == 1
    assert "lost" in capsys.readouterr().out


def test_a_profile_does_not_drift_from_itself(profiles, capsys):
    assert main(["compare", profiles[0], profiles[0], "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "no_drift"
    assert report["diagnosis"]["kinds"] == []
    assert report["reference"]["documents"] == len(NAMES)


def test_profiles_merge_into_one(profiles, tmp_path, capsys):
    assert main(["profile", *profiles, "--output", str(tmp_path / "both.profile")]) == 0
    assert f"{2 * len(NAMES):,} documents" in capsys.readouterr().out


def test_profiles_merge_with_texts_that_are_read_and_counted_as_asked(profiles, tmp_path):
    source = written(tmp_path / "more.jsonl", ["parcel for one"])
    arguments = ["profile", profiles[0], source, "--output", str(tmp_path / "both.profile"), "--named-from", "2"]
    assert main([*arguments, "--text", "text", "--bins", "256"]) == 0
    assert main([*arguments, "--bins", "512"]) == 2


def test_rare_words_are_written_as_a_hash_when_asked(tmp_path, capsys):
    source = written(tmp_path / "a.jsonl", [f"parcel for {name} came on time" for name in NAMES])
    assert main(["profile", source, "--output", str(tmp_path / "a.profile"), "--named-from", "5"]) == 0
    from textdrift.profiles import load

    terms = load(tmp_path / "a.profile").counts.terms
    assert "parcel" in terms
    assert NAMES[0] not in terms
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["profile", "nowhere.jsonl", "--output", "x.profile"], "nowhere.jsonl"),
        (["profile", "a.jsonl", "--output", "x.json"], "ends in .profile"),
        (["profile", "a.jsonl", "--output", "no/such/x.profile"], "there is no folder"),
        (["profile", "a.jsonl", "--output", "x.profile", "--tokenizer", "twet"], "did you mean 'tweet'?"),
        (["profile", "a.jsonl", "--output", "x.profile", "--unit", "hashtag"], "did you mean 'hashtags'?"),
        (["profile", "a.jsonl", "--output", "x.profile", "--bins", "100"], "power of two"),
        (["compare", "a.profile", "a.jsonl"], "one window is a profile and the other is not"),
        (["compare", "a.profile", "a.profile"], "textdrift profile"),
        (
            ["compare", "a.profile", "a.profile", "--label", "label", "--examples", "3"],
            "--label, --examples cannot be used with profiles, which hold no texts and no columns",
        ),
        (["compare", "a.profile", "a.profile", "--id", "i"], "all flags but --alpha, --seed, --output, --format"),
        (["compare", "a.profile", "a.profile", "--text", "text"], "--text cannot be used with profiles"),
        (
            ["profile", "a.profile", "b.profile", "--output", "x.profile", "--unit", "bigrams", "--bins", "256"],
            "--unit, --bins cannot change profiles that are there",
        ),
        *(
            (["profile", "a.profile", "--output", "x.profile", flag, "text"], f"{flag} cannot change profiles")
            for flag in ("--text", "--time", "--group", "--tokenizer", "--stemmer", "--stop-words")
        ),
        (["profile", "a.jsonl", "--output", "x.profile", "--bins", "131072"], "power of two from 1 to 65,536"),
        (["profile", "a.jsonl", "--output", "x.profile", "--unit", "collocations"], "count unit='bigrams'"),
    ],
)
def test_what_cannot_be_done_exits_2_and_says_why(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "a.jsonl", ["good film", "bad film"])
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert not list(tmp_path.glob("x.*"))
