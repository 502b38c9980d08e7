import json

import numpy as np
import pandas as pd
import pytest

import textdrift
from textdrift.errors import SettingsError, TextdriftError
from textdrift.verifying import verify

WORDS = ("rain", "door", "blue", "fast", "box", "phone", "green", "slow")


def frame(n, more, seed):
    rng = np.random.default_rng(seed)
    texts = [" ".join([*rng.choice(WORDS, 5), *(["strike"] if rng.random() < more else [])]) for _ in range(n)]
    return pd.DataFrame({
        "text": texts, "label": rng.choice(["bad", "good"], n), "answer": rng.choice(["bad", "good"], n),
        "at": pd.date_range("2024-01-01", periods=n, freq="h"), "shop": rng.choice(["a", "b"], n),
    })  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two windows on disk and a report on them."""
    folder = tmp_path_factory.mktemp("verify")
    paths = [str(folder / f"{name}.parquet") for name in ("before", "after")]
    for path, more, seed in zip(paths, (0.0, 0.4), (1, 2), strict=True):
        frame(200, more, seed).to_parquet(path)
    report = textdrift.compare(
        *paths, label="label", prediction="answer", segments=["shop"], time="at", seed=7, alpha=0.03, labels_to_ask=5,
        cost={"matrix": {"bad": {"good": 1234567.25}}, "volume": 1000}, examples=2,
        tests={"lexical": {"units": ["words", "bigrams"]}, "columns": {}},
    )  # fmt: skip
    report.to_json(folder / "report.json")
    return folder, paths, json.loads((folder / "report.json").read_text("utf-8"))


def test_the_same_files_give_the_same_report_in_every_value(made):
    folder, paths, _ = made
    for found in (verify(folder / "report.json"), verify(folder / "report.json", *paths)):
        assert found.same
        assert found.digest == "same"
        assert found.fingerprints == {"reference": "same", "current": "same"}
        assert not found.differences
        assert not found.versions


def test_the_same_data_in_another_file_of_another_type_are_the_same(made, tmp_path):
    folder, paths, _ = made
    for path, name in zip(paths, ("x", "y"), strict=True):
        pd.read_parquet(path).to_csv(tmp_path / f"{name}.csv", index=False)
    assert verify(folder / "report.json", str(tmp_path / "x.csv"), str(tmp_path / "y.csv")).same
    assert verify(folder / "report.json", *map(pd.read_parquet, paths)).same


def test_one_changed_cell_is_other_data_and_its_numbers_are_named(made):
    folder, paths, _ = made
    first, second = map(pd.read_parquet, paths)
    second.loc[0, "label"] = {"bad": "good", "good": "bad"}[second.loc[0, "label"]]
    found = verify(folder / "report.json", first, second)
    assert found.fingerprints == {"reference": "same", "current": "changed"}
    assert found.digest == "same"
    assert not found.same
    assert any("reference_share" in row["path"] or "current" in row["path"] for row in found.differences)


def test_data_that_changed_without_changing_a_number_are_not_the_same(made):
    folder, paths, _ = made
    first, second = map(pd.read_parquet, paths)
    second["at"] += pd.to_timedelta([0] * 20 + [1] + [0] * 179, unit="us")
    found = verify(folder / "report.json", first, second)
    assert found.fingerprints["current"] == "changed"
    assert not found.differences
    assert not found.same


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("verdict",), "no_drift"), (("summary",), "All is well."), (("diagnosis", "terms", 0, "current_share"), 0.5),
        (("findings", 0, "p_value"), 0.9), (("severity",), "none of it"), (("playbook",), None),
        (("reference", "rows"), 201), (("notes",), []), (("new",), 1),
    ],
)  # fmt: skip
def test_an_edited_value_is_found_by_the_digest_and_named_by_the_rerun(made, path, value):
    document = json.loads(json.dumps(made[2]))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    found = verify(document)
    assert found.digest == "changed"
    assert set(found.fingerprints.values()) == {"same"}
    named = [row["path"].replace("[", ".").replace("]", "").split(".") for row in found.differences]
    assert any(name[: len(path)] == [str(step) for step in path] for name in named)
    assert not found.same


def test_a_new_digest_hides_an_edit_from_the_digest_and_not_from_the_rerun(made):
    from textdrift.reports.digest import report_digest

    document = json.loads(json.dumps(made[2])) | {"summary": "All is well."}
    document["digest"] = report_digest(document)
    found = verify(document)
    assert found.digest == "same"
    assert [row["path"] for row in found.differences] == ["summary"]
    assert not found.same


def test_other_versions_are_told_and_no_difference(made):
    from textdrift.reports.digest import report_digest

    document = json.loads(json.dumps(made[2]))
    document["versions"]["numpy"] = "1.0"
    document["digest"] = report_digest(document)
    found = verify(document)
    assert found.same
    assert [row["path"] for row in found.versions] == ["numpy"]


def test_a_report_without_fingerprints_or_digest_is_told_so(made):
    document = {key: value for key, value in made[2].items() if key not in {"fingerprints", "digest"}}
    found = verify(document)
    assert found.digest == "none"
    assert found.fingerprints == {"reference": "none", "current": "none"}
    assert found.same


def test_the_seed_of_the_report_counts(made):
    document = json.loads(json.dumps(made[2]))
    document["settings"]["arguments"]["seed"] = 8
    assert "seed" in {row["path"] for row in verify(document).differences}


def test_windows_of_a_time_are_cut_alike_again(made, tmp_path):
    _, (path, _), _ = made
    windows = [{"path": path, "end": "2024-01-05"}, {"path": path, "start": "2024-01-05"}]
    report = textdrift.compare(*windows, time="at", tests={"lexical": {}})
    assert verify(report).same
    assert verify(report, path, path).same
    with pytest.raises(SettingsError, match="cut to"):
        verify(report, frame(9, 0, 1), frame(9, 0, 1))


def test_frames_are_needed_again_where_the_report_was_made_of_frames(made):
    windows = [pd.read_parquet(path) for path in made[1]]
    report = textdrift.compare(*windows, tests={"lexical": {}})
    with pytest.raises(SettingsError, match="does not name its reference window, which was rows in memory"):
        verify(report)
    assert verify(report, *windows).same


def test_what_a_report_cannot_hold_is_named(made):
    windows = [pd.read_parquet(path) for path in made[1]]
    report = textdrift.compare(*windows, tests={"lexical": {"tokenizer": str.split}})
    with pytest.raises(SettingsError, match=r"tests \(lexical.tokenizer is a method_descriptor\)"):
        verify(report, *windows)


def test_given_vectors_of_a_column_are_compared_again(tmp_path):
    rng = np.random.default_rng(0)
    paths = []
    for name in ("x", "y"):
        points = rng.normal(size=(60, 4)).astype(np.float32)
        pd.DataFrame({"text": [f"{name} {i}" for i in range(60)], "v": list(points)}).to_parquet(tmp_path / name)
        paths.append({"path": str(tmp_path / name)})
        (tmp_path / name).rename(tmp_path / f"{name}.parquet")
        paths[-1] = str(tmp_path / f"{name}.parquet")
    report = textdrift.compare(*paths, embeddings="v", tests={"embedding": {"engine": "native"}})
    assert verify(report).same


def test_a_canary_that_the_first_run_wrote_is_no_difference(made, tmp_path):
    encoder = {"model": "hashing", "dimension": 16, "canary": str(tmp_path / "canary.npz")}
    options = {"encoder": encoder, "tests": {"embedding": {"engine": "native"}}}
    first, second = (textdrift.compare(*made[1], **options) for _ in range(2))
    assert verify(first).same
    assert verify(second).same
    (tmp_path / "canary.npz").unlink()
    assert verify(first).same
    assert not (tmp_path / "canary.npz").exists()
    with pytest.raises(SettingsError, match="looked at the canary"):
        verify(second)


def test_profiles_are_compared_again(tmp_path):
    from textdrift.profiles import profile_texts, save

    paths = []
    for name, word in (("monday", "on time"), ("tuesday", "lost")):
        texts = [f"parcel {a}{b} {word}" for a in "bcdfghklmnprst" for b in "aeiou"]
        paths.append(str(tmp_path / f"{name}.profile"))
        save(profile_texts([texts], name=name), tmp_path / f"{name}.profile")
    report = textdrift.compare_profiles(*paths)
    assert report.to_dict()["fingerprints"] is None
    found = verify(report)
    assert found.same
    assert found.fingerprints["current"] == "none"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "does not hold the arguments"),
        ({"arguments": 3}, "does not hold the arguments"),
        ({"arguments": {"txt": "text"}}, "does not name its reference window"),
        ({"arguments": {"reference": "PATH", "current": "PATH", "txet": "text"}}, "did you mean 'text'"),
        ({"arguments": {"reference": "PATH", "current": "PATH", "alpha": "much"}}, "alpha must lie between"),
        ({"arguments": {"reference": "PATH", "current": "PATH", "text": 3}}, "text needs the name of a column"),
        ({"arguments": {"reference": "PATH", "current": "PATH", "encoder": 3}}, "encoder must be"),
        ({"arguments": {"reference": {"path": 3}, "current": "PATH"}}, "path"),
        ({"arguments": {"reference": 3, "current": "PATH"}}, "reference"),
    ],
)
def test_settings_that_cannot_be_used_are_named(made, settings, told):
    text = json.dumps(settings).replace("PATH", made[1][0])
    with pytest.raises(TextdriftError, match=told):
        verify({**made[2], "settings": json.loads(text)})


def test_one_window_alone_is_refused(made):
    with pytest.raises(SettingsError, match="give both windows"):
        verify(made[2], made[1][0])


@pytest.mark.parametrize("report", [3, None, {}, {"schema": "x"}])
def test_what_is_no_report_is_refused(report):
    with pytest.raises(TextdriftError, match="report"):
        verify(report)
