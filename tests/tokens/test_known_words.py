from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from textdrift.errors import SettingsError
from textdrift.tokens.known_words import known_words, unknown_words

TEXTS = ["The flight was late", "A good film", "not a Good café"]
LABELS = [0, 1, 0]


@pytest.mark.parametrize(
    "words",
    [
        ["Late", "good"],
        {"late", "good"},
        {"late": 3, "Good": 0},
        np.array(["late", "GOOD"]),
    ],
)
def test_words_of_any_collection_are_known_in_lower_case(words) -> None:
    assert known_words(words) == {"late", "good"}


def test_files_of_words_are_read(tmp_path) -> None:
    lines, listed, indexed = (tmp_path / name for name in ("words.txt", "words.json", "vocab.JSON"))
    lines.write_text("\ufeffLate\n\n  good \n#\n", encoding="utf-8")
    listed.write_text(json.dumps(["late", "good"]))
    indexed.write_text(json.dumps({"late": 0, "good": 1}))
    assert known_words(lines) == {"late", "good", "#"}
    assert known_words(str(listed)) == known_words(indexed) == {"late", "good"}
    assert unknown_words(["late", "gizmo"], lines).tolist() == [False, True]


@pytest.mark.parametrize("kind", [CountVectorizer, TfidfVectorizer])
def test_a_fitted_vectorizer_knows_its_vocabulary(kind) -> None:
    vectorizer = kind().fit(TEXTS)
    assert known_words(vectorizer) == set(vectorizer.vocabulary_)
    assert known_words(kind(lowercase=False).fit(TEXTS)) == set(vectorizer.vocabulary_)


def test_a_vectorizer_is_found_in_pipelines() -> None:
    words = known_words(TfidfVectorizer().fit(TEXTS))
    pipeline = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, LABELS)
    assert known_words(pipeline) == words
    union = FeatureUnion([("words", CountVectorizer()), ("pairs", CountVectorizer(ngram_range=(2, 2)))])
    nested = Pipeline([("features", Pipeline([("both", union)])), ("svd", TruncatedSVD(2))]).fit(TEXTS)
    assert known_words(nested) == words


def test_what_a_vectorizer_passes_over_is_not_unknown() -> None:
    # A single letter is no token of its pattern, "the" a stop word, and accents are stripped.
    vectorizer = TfidfVectorizer(stop_words="english", strip_accents="unicode").fit(TEXTS)
    terms = ["a", "the", "café", "cafe", "late", "gizmo", "2nd"]
    assert unknown_words(terms, vectorizer).tolist() == [False, False, False, False, False, True, True]
    assert unknown_words(terms, sorted(vectorizer.vocabulary_)).tolist() == [True, True, True, False, False, True, True]


def test_words_of_phrases_are_known() -> None:
    vectorizer = CountVectorizer(ngram_range=(2, 2)).fit(TEXTS)
    assert unknown_words(["late", "flight", "gizmo"], vectorizer).tolist() == [False, False, True]


def test_what_one_of_two_vectorizers_reads_is_read() -> None:
    union = FeatureUnion([("one", CountVectorizer().fit(["late"])), ("two", CountVectorizer().fit(["good"]))])
    assert unknown_words(["late", "good", "gizmo"], union).tolist() == [False, False, True]


def test_a_fixed_vocabulary_needs_no_fit() -> None:
    assert known_words(CountVectorizer(vocabulary=["late", "good"])) == {"late", "good"}


def test_case_makes_no_word_unknown() -> None:
    assert unknown_words(["LATE", "late", "Late"], ["lATE"]).tolist() == [False] * 3


def test_no_terms_are_asked_about() -> None:
    assert unknown_words([], ["late"]).shape == (0,)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (CountVectorizer(), "the CountVectorizer is not fitted"),
        (make_pipeline(TfidfVectorizer(), LogisticRegression()), "the TfidfVectorizer is not fitted"),
        (make_pipeline(HashingVectorizer(), LogisticRegression()), "holds no vectorizer that keeps a vocabulary"),
        (LogisticRegression(), "holds no vectorizer"),
        (TfidfVectorizer, "it is a class, not an instance"),
        (CountVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit(TEXTS), "reads pieces of words"),
        ([], "the list of known words holds no word"),
        (["", "  "], "holds no word"),
        (["late", 3], r"holds 3 \(int\); strings were needed"),
        (CountVectorizer(vocabulary=[]), "the vocabulary of the CountVectorizer holds no word"),
        ((word for word in ("late", "good")), "a generator can be read only once, .* give a list"),
        (iter(["late"]), "a list_iterator can be read only once"),
        (["late", "bad\ud800"], r"the list of known words holds 'bad.ud800', which is no valid Unicode"),
        (7, "its type is int"),
        (b"late", "its type is bytes"),
        (None, "its type is NoneType"),
        ("nowhere/words.txt", r"there is no file nowhere.words\.txt"),
    ],
)
def test_what_holds_no_words_is_told(source, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        known_words(source)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("words.txt", b"", "holds no word"),
        ("words.txt", b"caf\xe9", "cannot be read as UTF-8"),
        ("words.json", b"[", "is no JSON"),
        ("words.json", b'{"model": {"vocab": {}}}', "no list of words and no mapping"),
        ("words.json", b'"late"', "no list of words and no mapping"),
        ("words.json", b'["late", 1]', r"holds 1 \(int\)"),
        ("words.json", b'["late", "\\ud800"]', "no valid Unicode"),
    ],
)
def test_a_file_that_cannot_be_used_is_told(tmp_path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError, match=message):
        known_words(tmp_path / name)
    with pytest.raises(SettingsError, match="cannot be read"):
        known_words(tmp_path)


def test_an_analyzer_that_fails_is_told() -> None:
    def analyze(text: str) -> list[str]:
        return [{"late": "late"}[text]]

    vectorizer = CountVectorizer(analyzer=analyze).fit(["late"])
    with pytest.raises(SettingsError, match="analyzer failed on the word 'gizmo': KeyError"):
        unknown_words(["late", "gizmo"], vectorizer)


def test_sklearn_is_not_imported() -> None:
    code = "import sys; from textdrift.tokens.known_words import known_words; known_words(['a']); "
    code += "sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
