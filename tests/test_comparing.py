"""compare(): one call, an honest report, the same bytes every time."""

import json
from collections import Counter

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import textdrift
from textdrift.compare_arguments import name_of_source
from textdrift.embeddings import Embeddings
from textdrift.embeddings.hashing_encoder import HashingEncoder
from textdrift.errors import (
    ColumnTypeError,
    EmbeddingsError,
    EmptyWindowError,
    EncoderError,
    MissingColumnError,
    SettingsError,
)
from textdrift.reports.schema import report_schema
from textdrift.windows.simulating import DEMO_DOSE, Dose, sample_pair

ROLES = {
    "label": "label",
    "prediction": "prediction",
    "probabilities": {"negative": "p_negative", "neutral": "p_neutral", "positive": "p_positive"},
    "time": "timestamp",
    "id": "id",
    "segments": ["channel"],
    "encoder": HashingEncoder(),
    # Every family; of meaning the engine that is quick where texts drifted. Tests of the default say so.
    "tests": {"lexical": {}, "embedding": {"engine": "native"}, "columns": {}, "concept": {}, "quality": {}},
}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "cache"))


def compared(pair, **changes):
    return textdrift.compare(pair.reference, pair.current, **{**ROLES, **changes})


@pytest.fixture(scope="module")
def drifted():
    return sample_pair(500, 500, dose=DEMO_DOSE, seed=1)


@pytest.fixture(scope="module")
def null():
    return sample_pair(500, 500, seed=2)


@pytest.fixture(scope="module")
def by_default(drifted, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEXTDRIFT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return compared(drifted, tests=None)


def test_a_null_pair_passes(null):
    report = compared(null, tests=None)
    assert report.diagnosis.kinds == ()
    assert report.verdict != "drift"
    assert report.passed


def test_planted_drift_is_found_and_named(by_default):
    report = by_default
    assert report.verdict == "drift"
    assert not report.passed
    assert {"lexical", "label", "quality"} <= set(report.diagnosis.kinds)
    assert report.diagnosis.causes[0]["cause"] == "escaped"
    terms = [row["term"] for row in report.diagnosis.terms]
    assert set(terms) & {"brewsync", "mid", "lowkey", "goated"}


def test_the_report_follows_its_schema(drifted, null, by_default):
    import jsonschema

    small = compared(sample_pair(8, 8, seed=1), tests=None)
    for report in (by_default, compared(drifted, examples=2), compared(null), small):
        jsonschema.validate(report.to_dict(), report_schema(), cls=jsonschema.Draft202012Validator)


def test_same_inputs_and_seed_give_the_same_bytes(drifted, by_default):
    documents = []
    for report in (by_default, compared(drifted, tests=None)):
        document = json.loads(report.to_json())
        document.pop("seconds")
        documents.append(json.dumps(document))
    assert documents[0] == documents[1]


def test_a_cold_and_a_warm_cache_give_the_same_report(drifted, tmp_path, monkeypatch):
    cold, warm = compared(drifted).to_dict(), compared(drifted).to_dict()
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path / "other"))
    elsewhere = compared(drifted).to_dict()
    for document in (cold, warm, elsewhere):
        document.pop("seconds")
    assert cold == warm == elsewhere


def test_fewer_families_leave_the_other_raw_answers_as_they_were(drifted):
    raw = lambda report: {f.result.test: f.result.p_value for f in report.findings}
    everything, some = raw(compared(drifted)), raw(compared(drifted, tests={"lexical": {}}))
    words = {"lexical.vocabulary", "lexical.token_frequency", "lexical.label_words", "lexical.segments"}
    assert set(some) == words
    assert all(everything[test] == p for test, p in some.items())


def test_eight_rows_against_eight_rows_are_inconclusive():
    report = compared(sample_pair(8, 8, dose=Dose(escaped=0.3), seed=3))
    assert report.verdict == "inconclusive"
    assert "too few" in report.summary


def test_eight_rows_of_other_texts_are_inconclusive_too():
    before = [f"the kettle number {i} boils fast" for i in range(8)]
    after = [f"nobody answers about ticket {i}" for i in range(8)]
    assert textdrift.compare(before, after, encoder=HashingEncoder()).verdict == "inconclusive"


def test_copies_of_a_text_do_not_make_drift():
    pair = sample_pair(400, 400, seed=4)
    repeated = pa.concat_tables([pair.reference] * 3)
    both = pa.concat_tables([pair.current] * 3)
    report = textdrift.compare(repeated, both, **ROLES)
    assert report.diagnosis.kinds == ()
    assert any("copies" in note for note in report.run.notes)


def test_missing_texts_are_counted_and_said(null):
    frame = null.current.to_pandas()
    frame.loc[:29, "text"] = None
    frame.loc[30:59, "text"] = "   "
    report = textdrift.compare(null.reference, frame, **ROLES)
    assert report.run.current.rows == 500
    assert report.run.current.rows_used == 440
    assert "quality" in report.diagnosis.kinds
    assert report.diagnosis.causes[0]["cause"] == "missing"
    assert any("60 of 500 current rows hold no text" in note for note in report.run.notes)


def test_a_new_label_is_label_drift_and_said_in_the_sentence(null):
    frame = null.current.to_pandas()
    frame.loc[frame.index[:80], "label"] = "sarcastic"
    report = textdrift.compare(null.reference, frame, **ROLES)
    finding = next(f for f in report.findings if f.kind == "label")
    assert finding.drifted
    assert "'sarcastic'" in finding.sentence
    concept = next(f for f in report.findings if f.result.test == "concept.label_given_text")
    assert any("'sarcastic'" in note for note in concept.result.notes)


def test_windows_without_a_shared_label_do_not_crash(null):
    frame = null.current.to_pandas()
    frame["label"] = "unknown"
    report = textdrift.compare(null.reference, frame, **ROLES)
    assert "label" in report.diagnosis.kinds
    assert "concept" not in report.diagnosis.kinds


def test_texts_are_shown_only_when_asked_for(drifted):
    silent, open_ = compared(drifted), compared(drifted, examples=3)
    texts = set(drifted.current["text"].to_pylist()) | set(drifted.reference["text"].to_pylist())
    page = silent.to_json() + silent.to_html()
    assert not any(text in page for text in texts if len(text) > 25)
    shown = [row for row in open_.diagnosis.documents if "text" in row]
    assert {row["text"] for row in shown} <= texts
    per_finding = Counter((row["window"], row["kind"]) for row in shown)
    assert per_finding
    assert max(per_finding.values()) <= 3


def test_documents_point_at_rows_of_the_window(drifted):
    report = compared(drifted, examples=20)
    for row in report.diagnosis.documents:
        table = drifted.reference if row["window"] == "reference" else drifted.current
        assert table["text"][row["row"]].as_py() == row["text"]


@pytest.mark.parametrize("as_type", [pa.Table.to_pandas, pl.from_arrow, lambda t: t])
def test_every_kind_of_table_gives_the_same_report(null, as_type):
    tests = {"lexical": {}, "columns": {}, "quality": {}}
    expected = compared(null, tests=tests).to_dict()
    got = textdrift.compare(as_type(null.reference), as_type(null.current), **{**ROLES, "tests": tests}).to_dict()
    expected.pop("seconds"), got.pop("seconds")
    assert got == expected


def test_inputs_are_left_untouched(null):
    frame = null.current.to_pandas()
    before = frame.copy(deep=True)
    textdrift.compare(null.reference, frame, **ROLES)
    pd.testing.assert_frame_equal(frame, before)


def test_labels_alone_can_be_compared():
    reference = pa.table({"y": ["a"] * 300 + ["b"] * 300})
    current = pa.table({"y": ["a"] * 450 + ["b"] * 150})
    report = textdrift.compare(reference, current, text=None, label="y")
    assert report.diagnosis.kinds == ("label",)


@pytest.mark.parametrize(
    ("argument", "error", "message"),
    [
        ({"group": "author"}, MissingColumnError, "author"),
        ({"group": ""}, SettingsError, "group needs the name of a column"),
        ({"features": ["amount"]}, MissingColumnError, "amount"),
        ({"features": 5}, SettingsError, "features needs a list of column names; got 5"),
        ({"embeddings": np.eye(3), "encoder": None}, SettingsError, r"two arrays .* got one array of shape \(3, 3\)"),
        ({"embeddings": (np.eye(3),), "encoder": None}, SettingsError, "got a tuple of 1"),
        (
            {"embeddings": {"reference": np.eye(3)}, "encoder": None},
            SettingsError,
            "got a dict of 1 with keys 'reference'$",
        ),
        ({"embeddings": (np.eye(3), None), "encoder": None}, SettingsError, "of which one is None"),
        ({"embeddings": pd.DataFrame({"a": [1], "b": [2]}), "encoder": None}, SettingsError, "got one table of shape"),
        ({"embeddings": (Embeddings(np.eye(3), "a"), np.eye(3)), "encoder": None}, SettingsError, "says its encoder"),
        (
            {"embeddings": (np.eye(3), np.eye(3)), "encoder": None},
            EmbeddingsError,
            "has 500 rows and 3 embeddings were given",
        ),
        ({"embeddings": "vectr", "encoder": None}, MissingColumnError, "has no column 'vectr'"),
        ({"embeddings": "text", "text": None, "encoder": None}, ColumnTypeError, "a list of numbers"),
        ({"embeddings": "v", "encoder": "hashing"}, SettingsError, "drop one"),
        ({"alpha": 0}, SettingsError, "alpha must lie between 0 and 1"),
        ({"seed": -1}, SettingsError, "seed"),
        ({"examples": -1}, SettingsError, "examples"),
        ({"segments": "channel"}, SettingsError, "needs a list of column names"),
        ({"text": 0}, SettingsError, "text needs the name of a column, or None for none; got 0"),
        ({"label": 1}, SettingsError, "label needs the name of a column"),
        ({"prediction": ["prediction"]}, SettingsError, "prediction needs the name of a column"),
        ({"segments": [1]}, SettingsError, "segments needs a list of column names; one of them is 1"),
        ({"segments": [None]}, SettingsError, "one of them is None"),
        ({"segments": 5}, SettingsError, "segments needs a list of column names; got 5"),
        ({"probabilities": ["p"]}, SettingsError, "probabilities needs a mapping of labels to columns"),
        ({"probabilities": {"negative": 3}}, SettingsError, "'negative' needs the name of a column; got 3"),
        ({"probabilities": {1: "a", "1": "b"}}, SettingsError, "names a label twice"),
        ({"tests": "lexical"}, SettingsError, "tests needs a mapping .* got 'lexical'"),
        ({"tests": ["lexical"]}, SettingsError, "tests needs a mapping"),
        ({"tests": 5}, SettingsError, "tests needs a mapping"),
        ({"tests": {"lexical": "x"}}, SettingsError, "'lexical' needs a mapping of options"),
        ({"tests": {1: {}}}, SettingsError, "a family is named by a string"),
        ({"tests": {"lexical": {1: 2}}}, SettingsError, "an option of 'lexical' is named by a string"),
        ({"tests": {"quality": {}}, "encoder": 5}, EncoderError, "got a int"),
        ({"tests": {"quality": {}}, "encoder": ""}, SettingsError, "name is empty"),
        ({"label": "lable"}, MissingColumnError, "did you mean 'label'"),
        ({"tests": {"lexcal": {}}}, SettingsError, "did you mean 'lexical'"),
        ({"tests": {}}, SettingsError, "nothing to test: tests names no family"),
        ({"tests": {"embedding": {"engine": "alibbi"}}}, SettingsError, "did you mean 'alibi'"),
        ({"tests": {"lexical": {"material_from": {"largest_shift": 0.1}}}}, SettingsError, "largest_share_change"),
    ],
)
def test_bad_arguments_are_refused_by_name(null, argument, error, message):
    with pytest.raises(error, match=message):
        compared(null, **{"tests": None, **argument})


def test_none_means_no_segments_and_no_features(null):
    report = compared(null, tests={"quality": {}}, segments=None, features=None)
    assert "segments" not in report.run.settings["roles"]


def test_labels_that_are_numbers_may_name_probabilities():
    rng = np.random.default_rng(0)
    share = rng.random(200).round(3)
    table = pa.table({"y": (share > 0.5).astype(int), "no": 1 - share, "yes": share})
    report = textdrift.compare(table, table, text=None, prediction="y", probabilities={0: "no", 1: "yes"})
    assert report.run.settings["roles"]["probabilities"] == {"0": "no", "1": "yes"}


def test_a_label_of_a_million_characters_does_not_swamp_the_report():
    texts = [f"order number {i} came" for i in range(120)]
    reference = pa.table({"text": texts, "y": ["a", "b"] * 60})
    current = pa.table({"text": texts, "y": ["a", "x" * 1_000_000] * 60})
    report = textdrift.compare(reference, current, label="y", encoder=HashingEncoder())
    assert report.verdict == "drift"
    assert len(report.summary) < 2000
    assert all(len(finding.sentence) < 2000 for finding in report.findings)
    assert len(report.to_json()) < 100_000


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("week\n1.csv", "reference"),
        ("x" * 5000, "reference"),
        ("x" * 400, "x" * 199 + "…"),
        ("postgresql://me:secret@host/db", "reference"),
        ("week\x1b[31m.csv", "week\\x1b[31m.csv"),
        ({"path": "week 1.csv"}, "week 1.csv"),
    ],
)
def test_a_window_is_named_after_its_path_where_that_can_be_read(source, name):
    assert name_of_source(source, "reference") == name


def test_what_was_not_tested_is_said_and_why(null):
    frame = null.current.to_pandas()
    frame["label"] = "unknown"
    report = textdrift.compare(null.reference, frame, **ROLES)
    sentences = {f.result.test: f.sentence for f in report.findings}
    for test in ("concept.label_given_text", "concept.text_given_label", "concept.label_shift"):
        assert sentences[test] == "Not tested: the windows share no label with enough texts."


def test_too_few_labelled_texts_are_the_reason_why_concept_drift_was_not_tested(null):
    frame = null.current.to_pandas()
    frame.loc[frame.index[4:], "label"] = None
    report = textdrift.compare(null.reference, frame, **ROLES)
    sentence = next(f.sentence for f in report.findings if f.result.test == "concept.label_given_text")
    assert sentence.startswith("Not tested: only ")


def test_rows_without_a_label_or_a_prediction_are_counted_in_a_note(null):
    frame = null.reference.to_pandas()
    frame["label"] = None
    frame.loc[frame.index[:10], "prediction"] = None
    frame["label"] = frame["label"].astype("string")
    report = textdrift.compare(frame, null.current, **{**ROLES, "probabilities": {}})
    nothing = "500 of 500 reference rows have no label; what needs labels had nothing to compare."
    assert nothing in report.run.notes
    assert "10 of 500 reference rows have no prediction." in report.run.notes
    assert not any("current rows have no" in note for note in report.run.notes)


def test_an_empty_window_is_refused():
    with pytest.raises(EmptyWindowError):
        textdrift.compare(["a text"], [])


def test_a_report_goes_out_in_every_form(null, tmp_path):
    report = compared(null, tests={"quality": {}})
    assert [path.name for path in report.write(tmp_path, ["json", "html", "md", "junit"])] == [
        "report.json",
        "report.html",
        "report.md",
        "report.junit.xml",
    ]
    assert report.to_markdown() == (tmp_path / "report.md").read_text("utf-8")
    assert report.to_junit() == (tmp_path / "report.junit.xml").read_text("utf-8")
    assert len(report.to_frame()) == len(report.findings)
    assert report.to_csv() == report.to_csv(tmp_path / "findings.csv").read_text("utf-8")


def test_the_public_names_are_what_they_claim():
    assert set(textdrift.__all__) <= set(dir(textdrift))
    for name in textdrift.__all__:
        assert getattr(textdrift, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'comapre'"):
        _ = textdrift.comapre


@pytest.mark.slow
def test_false_alarms_of_the_whole_report_on_null_pairs():
    import os

    repeats = 40 if os.environ.get("TEXTDRIFT_CALIBRATION") == "small" else 200
    alarms = 0
    for seed in range(repeats):
        pair = sample_pair(400, 300, seed=1000 + seed)
        alarms += compared(pair, seed=seed).verdict == "drift"
    assert alarms / repeats <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / repeats)


def clouds(shift, n=300, seed=0):
    rng = np.random.default_rng(seed)
    reference, current = rng.normal(size=(n, 16)), rng.normal(size=(n - 40, 16))
    current[:, 0] += shift
    return reference, current


def test_embeddings_alone_can_be_compared():
    report = textdrift.compare(None, None, embeddings=clouds(1.0))
    assert report.diagnosis.kinds == ("semantic",)
    assert report.run.settings["encoder"] == "given"
    assert textdrift.compare(None, None, embeddings=clouds(0.0, n=1000)).verdict == "no_drift"


def test_a_column_of_vectors_two_arrays_and_two_embeddings_are_one_comparison():
    reference, current = clouds(1.0)
    tables = [pd.DataFrame({"v": list(p), "y": ["a", "b"] * (len(p) // 2)}) for p in (reference, current)]
    given = [
        (tables, {"embeddings": "v"}),
        (tables, {"embeddings": (reference, current)}),
        (tables, {"embeddings": (Embeddings(reference, "given"), Embeddings(current, "given"))}),
    ]
    answers = []
    for windows, embeddings in given:
        report = textdrift.compare(*windows, text=None, label="y", **embeddings).to_dict()
        del report["seconds"], report["settings"], report["digest"]  # the settings are a part of the digest
        answers.append(report)
    assert answers[0] == answers[1] == answers[2]


def test_given_embeddings_replace_the_encoder_and_leave_the_texts_to_the_other_tests(drifted):
    vectors = [
        HashingEncoder(dimension=32).encode(w.column("text").to_pylist()) for w in (drifted.reference, drifted.current)
    ]
    report = compared(drifted, embeddings=tuple(vectors), encoder=None)
    assert {"lexical", "label"} <= set(report.diagnosis.kinds)
    assert report.run.settings["encoder"] == "given"


def test_embeddings_of_two_encoders_are_refused():
    reference, current = clouds(0.0)
    with pytest.raises(EmbeddingsError, match="two encoders cannot be compared: reference 'a', current 'b'"):
        textdrift.compare(None, None, embeddings=(Embeddings(reference, "a"), Embeddings(current, "b")))


def test_vectors_of_two_dimensions_are_refused():
    reference, current = clouds(0.0)
    with pytest.raises(EmbeddingsError, match="16 and 8 dimensions"):
        textdrift.compare(None, None, embeddings=(reference, current[:, :8]))


def test_a_vector_that_is_not_finite_names_its_window_and_row():
    reference, current = clouds(0.0)
    current[7, 3] = np.nan
    with pytest.raises(EmbeddingsError, match=r"window 'current': .* the first is row 7"):
        textdrift.compare(None, None, embeddings=(reference, current))


def test_constant_vectors_and_a_single_document_are_inconclusive_and_no_crash():
    ones = np.ones((40, 5))
    assert textdrift.compare(None, None, embeddings=(ones, ones)).verdict == "inconclusive"
    assert textdrift.compare(None, None, embeddings=(clouds(0.0)[0], np.ones((1, 16)))).verdict == "inconclusive"


def with_authors(texts, authors):
    return pa.table({"text": texts, "author": authors})


def test_groups_are_counted_and_told():
    texts = sample_pair(240, 1, seed=31).reference["text"].to_pylist()
    reference = with_authors(texts[:120], [f"a{i // 4}" for i in range(120)])
    current = with_authors(texts[120:], ["busy"] * 12 + [None] * 3 + [f"b{i // 4}" for i in range(105)])
    report = textdrift.compare(reference, current, group="author", tests={"lexical": {}, "quality": {}})
    assert report.run.settings["roles"]["group"] == "author"
    notes = " ".join(report.run.notes)
    assert "3 of 120 current rows have no author; each is a group of its own." in notes
    assert "The largest group holds 10 % of the 120 current rows" in notes
    assert "busy" not in report.to_json()
    (result,) = (f.result for f in report.findings if f.result.test == "lexical.token_frequency")
    assert sum(result.n_documents) == 30 + 1 + 3 + 27
    assert "One document of each of 61 groups" in " ".join(result.notes)


def test_groups_make_the_same_report_again():
    texts = sample_pair(200, 1, seed=32).reference["text"].to_pylist()
    windows = [with_authors(texts[s : s + 100], [f"a{i // 3}" for i in range(s, s + 100)]) for s in (0, 100)]
    once, again = (
        textdrift.compare(*windows, group="author", tests={"lexical": {}, "quality": {}}, seed=4).to_dict()
        for _ in range(2)
    )
    assert {**once, "seconds": None} == {**again, "seconds": None}


def test_authors_who_all_write_in_one_window_leave_nothing_to_compare():
    reference = with_authors(["good tea", "bad tea"], ["ann", "ann"])
    current = with_authors(["late parcel", "lost parcel"], ["ann", "ann"])
    report = textdrift.compare(reference, current, group="author", tests={"lexical": {}, "quality": {}})
    assert report.verdict == "inconclusive"


def test_near_copies_are_told_in_a_note():
    texts = sample_pair(200, 1, seed=33).reference["text"].to_pylist()
    current = [*texts[100:], *(f"parcel {i} comes to your door before noon" for i in range(30))]
    report = textdrift.compare(texts[:100], current, tests={"lexical": {}})
    assert any("current rows are copies or near-copies of another row and count once" in n for n in report.run.notes)
    assert report.run.current.documents <= 101


def test_a_canary_is_written_once_and_then_tells_whether_the_encoder_changed(null, tmp_path):
    file = tmp_path / "reference.canary.json"
    arguments = {"tests": {"embedding": {"engine": "native"}}}
    first = compared(null, encoder={"model": "hashing", "canary": file}, **arguments)
    assert any("canary of the encoder was written" in note for note in first.run.notes)
    before = file.read_bytes()
    same = compared(null, encoder={"model": "hashing", "canary": str(file)}, **arguments)
    assert "encoder" not in same.diagnosis.kinds
    changed = compared(null, encoder={"model": "hashing", "dimension": 32, "canary": file}, **arguments)
    assert "encoder" in changed.diagnosis.kinds
    assert changed.verdict == "drift"
    [finding] = [f for f in changed.to_dict()["findings"] if f["kind"] == "encoder"]
    assert finding["p_value"] is None
    assert "the other of 64" in finding["sentence"]
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("canary", "message"),
    [(5, "needs the path of a file; got 5"), ("no-such-folder/c.json", "no such folder")],
)
def test_a_canary_that_cannot_be_kept_is_refused_before_anything_is_read(null, canary, message):
    with pytest.raises(SettingsError, match=message):
        compared(null, encoder={"model": "hashing", "canary": canary})


def test_a_drift_of_meaning_is_explained_by_rows_of_the_windows(drifted):
    angry = drifted.current.filter(pc.equal(drifted.current["label"], "negative"))
    report = textdrift.compare(drifted.reference, angry, encoder=HashingEncoder()).to_dict()
    tables = {e["name"]: e["rows"] for f in report["findings"] for e in f["evidence"] if f["kind"] == "semantic"}
    assert {"clusters", "directions", "map", "documents"} <= set(tables)
    rows = {"reference": drifted.reference.num_rows, "current": angry.num_rows}
    assert all(0 <= row["row"] < rows[row["window"]] for row in (*tables["map"], *tables["documents"]))
    assert all(0 <= n < rows[cluster["window"]] for cluster in tables["clusters"] for n in cluster["rows"])
    assert sum(cluster["part"] for cluster in tables["clusters"]) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("factor", [1e30, 1e-30])
def test_vectors_beyond_single_precision_are_refused(factor):
    reference, current = clouds(0.0)
    with pytest.raises(EmbeddingsError, match="scale all vectors by one factor"):
        textdrift.compare(None, None, embeddings=(reference * factor, current * factor))


def test_a_canary_that_cannot_be_written_does_not_cost_the_report(null, tmp_path, monkeypatch):
    def refuse(*_):
        raise EncoderError("the disk is full")

    monkeypatch.setattr("textdrift.embeddings.canary.Canary.save", refuse)
    encoder = {"model": "hashing", "canary": tmp_path / "c.json"}
    report = compared(null, encoder=encoder, tests={"quality": {}})
    assert "No canary of the encoder was kept: the disk is full." in report.run.notes


def test_copies_of_a_text_with_other_vectors_are_told():
    texts = [f"{word} soup number {i}" for i in range(60) for word in ("red", "cold")]
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(120, 4)), rng.normal(size=(120, 4))
    report = textdrift.compare(
        texts + texts[:9], texts, embeddings=(np.vstack([first, first[:9] + 5]), second), tests={"embedding": {}}
    )
    assert any("9 reference rows are copies of a text with another vector" in note for note in report.run.notes)


NAMES = [f"{a}{b}{c}" for a in "bcdfghklmnprst" for b in "aeiou" for c in "lnrst"]


@pytest.mark.parametrize("option", ["stop_words", "vocabulary", "units"])
def test_an_iterator_of_options_is_refused_because_it_can_be_read_once(option):
    with pytest.raises(SettingsError, match="is an iterator, to be read only once; give a list"):
        textdrift.compare(NAMES, NAMES, tests={"lexical": {option: iter(["words"])}})


def test_a_tokenizer_that_finds_nothing_leaves_the_verdict_open():
    texts = [f"parcel for {name} came" for name in NAMES]
    report = textdrift.compare(texts, texts[::-1], tests={"lexical": {"tokenizer": lambda _: [""]}})
    assert report.verdict == "inconclusive"
    assert "not all could be tested" in report.summary


def test_a_strong_change_of_few_texts_is_told_and_not_called_drift():
    before = [f"parcel for {name} came on time" for name in NAMES[:19]]
    after = [f"parcel for {name} came zorblax" for name in NAMES[19:38]]
    report = textdrift.compare(before, after, tests={"lexical": {}})
    assert report.verdict == "inconclusive"
    assert any("fewer than 20 documents are never called drift" in finding.sentence for finding in report.findings)


def test_a_model_reads_words_and_not_stems():
    texts = [f"awful coffees for {name}" for name in NAMES]
    options = {"vocabulary": ["awful", "coffees", "for", *NAMES], "stemmer": "english"}
    report = textdrift.compare(texts, texts[::-1], tests={"lexical": options})
    [coverage] = [f.result for f in report.findings if f.result.test == "lexical.model_coverage"]
    assert coverage.sizes["blind_share_reference"] == 0.0


def test_a_segment_says_which_word_moved_in_it():
    def window(texts):
        return pa.table({"text": texts, "country": ["pt" if i % 2 else "de" for i in range(len(texts))]})

    before = [f"parcel for {name} came on time" for name in NAMES]
    after = [f"parcel for {name} came on time{' zorblax' if i % 2 else ''}" for i, name in enumerate(NAMES)]
    report = textdrift.compare(window(before), window(after), segments=["country"], tests={"lexical": {}})
    assert [(row["value"], row["term"]) for row in report.diagnosis.segments] == [("pt", "zorblax")]


def test_a_column_of_ratings_is_asked_whether_it_holds_the_texts():
    before, now = ([str(i % 5 + 1) for i in range(n)] for n in (400, 300))
    report = textdrift.compare(before, now, tests={"lexical": {}})
    asked = (
        "Column 'text' holds only 5 different texts in 400 reference rows and 5 in 300 current rows; is it the column "
        "of the texts?"
    )
    assert asked in report.run.notes
    assert not any("very same texts" in note for note in report.run.notes)
    assert "see whether the texts were read from the right column" in report.business_summary
    assert ".," not in report.to_terminal(width=300)


def test_a_window_beside_itself_is_said_to_be_one(null):
    report = textdrift.compare(null.reference, null.reference, **{**ROLES, "tests": {"lexical": {}}})
    assert (
        "Both windows hold the very same texts: as far as texts go, this compares a window with itself."
        in report.run.notes
    )
