"""DriftDetector has the manners of a scikit-learn estimator, and its answers are those of compare()."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

import textdrift
from textdrift.drift_detector import DriftDetector
from textdrift.errors import MissingColumnError, SettingsError
from textdrift.windows.simulating import DEMO_DOSE, sample_pair

WORDS = {"lexical": {}}
BEFORE = [f"parcel {i}: on time" for i in range(200)]
AFTER = [f"parcel {i}: nobody answers" for i in range(200)]


def without_times(report):
    document = report.to_dict()
    return {key: value for key, value in document.items() if key not in {"seconds", "digest", "settings"}}


def test_a_comparison_is_that_of_compare():
    pair = sample_pair(150, 150, dose=DEMO_DOSE, seed=3)
    roles = {"label": "label", "segments": ["channel"], "time": "timestamp", "tests": {"lexical": {}, "columns": {}}}
    detector = DriftDetector(**roles).fit(pair.reference)
    assert without_times(detector.compare(pair.current)) == without_times(
        textdrift.compare(pair.reference, pair.current, **roles)
    )
    assert set(detector.reference_.column_names) == {"text", "label", "channel", "timestamp"}


def test_a_reference_that_changes_after_fit_changes_nothing(tmp_path):
    frame = pd.DataFrame({"text": BEFORE})
    frame.to_csv(tmp_path / "before.csv", index=False)
    held, read = DriftDetector(tests=WORDS).fit(frame), DriftDetector(tests=WORDS).fit(tmp_path / "before.csv")
    frame["text"] = AFTER
    (tmp_path / "before.csv").unlink()
    assert held.score(BEFORE) == read.score(BEFORE) > 0.05
    assert held.score(AFTER) == read.score(AFTER) < 0.05


def test_a_csv_file_stays_without_types(tmp_path):
    pd.DataFrame({"text": BEFORE, "label": ["1", "2"] * 100}).to_csv(tmp_path / "before.csv", index=False)
    current = pd.DataFrame({"text": BEFORE, "label": [1, 2] * 100})
    detector = DriftDetector(label="label", tests={"quality": {}}).fit(tmp_path / "before.csv")
    assert detector.compare(current).diagnosis.kinds == ()


def test_params_are_the_arguments_of_compare_and_are_kept_as_given():
    import inspect

    arguments = set(inspect.signature(textdrift.compare).parameters) - {"reference", "current"}
    tests = {"lexical": {}}
    detector = DriftDetector(tests=tests, alpha=0.01)
    params = detector.get_params()
    assert set(params) == arguments
    assert params["tests"] is tests
    assert detector.set_params(alpha=0.1, seed=3) is detector
    assert (detector.alpha, detector.seed) == (0.1, 3)
    with pytest.raises(SettingsError, match="no parameter 'apha': did you mean 'alpha'"):
        detector.set_params(apha=0.1)
    assert repr(detector) == "DriftDetector(tests={'lexical': {}}, alpha=0.1, seed=3)"


def test_a_clone_has_the_params_and_no_reference():
    detector = DriftDetector(tests=WORDS, seed=4).fit(BEFORE)
    copy = clone(detector)
    assert copy.get_params() == detector.get_params()
    check_is_fitted(detector)
    with pytest.raises(NotFittedError):
        check_is_fitted(copy)
    with pytest.raises(SettingsError, match=r"call fit\(reference\) first"):
        copy.compare(AFTER)


def test_a_clone_keeps_the_encoder_that_was_fitted():
    encoder = make_pipeline(TfidfVectorizer(), TruncatedSVD(2, random_state=0)).fit(BEFORE[:50])
    detector = DriftDetector(encoder=encoder)
    assert clone(detector).encoder is encoder
    assert detector.get_params()["encoder__truncatedsvd__n_components"] == 2
    detector.set_params(encoder__truncatedsvd__n_components=3)
    assert encoder[-1].n_components == 3


def test_it_is_the_last_step_of_a_pipeline():
    def lowered(texts):
        return [text.lower() for text in texts]

    pipeline = Pipeline([("clean", FunctionTransformer(lowered)), ("drift", DriftDetector(tests=WORDS))])
    pipeline.fit(BEFORE)
    assert pipeline.score([text.upper() for text in BEFORE]) > 0.05
    assert pipeline.predict([text.upper() for text in AFTER])["data"]["is_drift"] == 1
    assert clone(pipeline).get_params()["drift__tests"] == WORDS
    assert "DriftDetector" in pipeline._repr_html_()


def test_what_predict_says_is_what_the_report_says():
    data = DriftDetector(tests=WORDS).fit(BEFORE).predict(AFTER)["data"]
    report = data["report"]
    deciding = [finding for finding in report.findings if not finding.supporting]
    assert data["p_val"] == min(finding.adjusted_p_value for finding in deciding)
    assert data["distance"] == max(finding.strength for finding in deciding)
    assert (data["is_drift"], data["threshold"], data["kinds"]) == (1, 0.05, ("lexical",))


def test_too_few_rows_are_no_drift_and_say_so():
    data = DriftDetector(tests=WORDS).fit(BEFORE[:10]).predict(AFTER[:10])["data"]
    assert (data["is_drift"], data["verdict"]) == (0, "inconclusive")


def test_texts_alone_play_the_text_role_whatever_it_is_called():
    for texts in (BEFORE, np.array(BEFORE), pd.Series(BEFORE)):
        detector = DriftDetector(text="review", tests=WORDS).fit(texts)
        assert detector.reference_.column_names == ["review"]
    with pytest.raises(MissingColumnError, match="window 'reference'"):
        DriftDetector(text="review").fit(pd.DataFrame({"text": BEFORE}))


def test_labels_beside_the_texts_are_refused():
    with pytest.raises(SettingsError, match="name it with label="):
        DriftDetector().fit(BEFORE, [0] * 200)
    with pytest.raises(SettingsError, match="embeddings of a detector is the name of a column"):
        DriftDetector(embeddings=(np.eye(2), np.eye(2))).fit(BEFORE)


def test_a_pickle_brings_the_reference():
    detector = pickle.loads(pickle.dumps(DriftDetector(tests=WORDS).fit(BEFORE)))
    assert detector.compare(AFTER).verdict == "drift"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"features": 5}, "features needs a list of column names; got 5"),
        ({"features": "city"}, r"write \['city'\]"),
        ({"segments": "q"}, r"write \['q'\]"),
        ({"probabilities": ["a"]}, "probabilities needs a mapping of labels to columns"),
        ({"label": 3}, "label needs the name of a column"),
        ({"alpha": 2}, "alpha must lie between 0 and 1"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"tests": "lexical"}, "tests needs a mapping of families"),
        ({"tests": {"lexcal": {}}}, "no family 'lexcal'; did you mean 'lexical'"),
        ({"cost": {"matrix": {"a": {"b": 1.0}}}}, "cost needs a label"),
        ({"labels_to_ask": 5}, "labels_to_ask needs a label column"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_told_by_fit_as_compare_tells_it(given, message):
    frame = pd.DataFrame({"text": BEFORE, "q": np.arange(200.0)})
    for call in (lambda: DriftDetector(**given).fit(frame), lambda: textdrift.compare(frame, frame, **given)):
        with pytest.raises(SettingsError, match=message):
            call()


def test_a_column_that_plays_no_part_is_not_looked_at():
    frame = pd.DataFrame({"text": BEFORE, "mixed": [1, "a"] * 100, "complex": np.ones(200) * 1j})
    frame["sparse"] = pd.arrays.SparseArray([0.0] * 200)
    twice = pd.concat([frame, frame[["mixed"]], frame[["sparse"]]], axis=1)
    assert DriftDetector(tests=WORDS).fit(twice).reference_.column_names == ["text"]
