"""A scikit-learn transformer as an encoder: one fingerprint for the same vectors, errors that say what to do."""

import pickle
import subprocess
import sys
import threading
import types

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, StandardScaler

import textdrift
from textdrift.embeddings import LoadedEncoder, TransformerEncoder, encode_texts, resolve_encoder
from textdrift.embeddings.object_digest import object_digest
from textdrift.errors import EncoderError
from textdrift.windows.simulating import sample_pair

OLDER = ["the parcel is late", "good soup today", "the soup was cold", "a late parcel again", "cold and late"]


def fitted(n_components=3, seed=0):
    steps = TfidfVectorizer(), TruncatedSVD(n_components, random_state=seed), Normalizer()
    return make_pipeline(*steps).fit(OLDER)


def test_a_pipeline_of_texts_is_taken_as_it_is():
    encoder = resolve_encoder(fitted())
    assert isinstance(encoder, TransformerEncoder)
    assert encoder.name == "TfidfVectorizer+TruncatedSVD+Normalizer"
    expected = fitted().transform(["late soup", "cold parcel"])
    np.testing.assert_allclose(encoder.encode(["late soup", "cold parcel"]), expected, rtol=1e-6)
    assert resolve_encoder(encoder) is encoder


def test_what_is_sparse_becomes_dense():
    vectors = resolve_encoder(HashingVectorizer(n_features=64)).encode(["good soup"])
    assert vectors.shape == (1, 64)
    assert vectors.dtype == np.float32


def test_the_fingerprint_is_that_of_what_was_fitted():
    first = TransformerEncoder(fitted()).fingerprint
    assert TransformerEncoder(pickle.loads(pickle.dumps(fitted()))).fingerprint == first
    assert TransformerEncoder(fitted(seed=1)).fingerprint != first
    assert TransformerEncoder(fitted(n_components=2)).fingerprint != first


@pytest.mark.slow
def test_the_fingerprint_is_the_same_in_another_process_that_fits_alike():
    program = (
        "from sklearn.feature_extraction.text import TfidfVectorizer;"
        "from textdrift.embeddings.object_digest import object_digest;"
        f"print(object_digest(TfidfVectorizer().fit({OLDER!r})))"
    )
    environment = {"PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == object_digest(TfidfVectorizer().fit(OLDER))


def lengths(texts):
    return np.array([[len(text), 1.0] for text in texts])


def test_a_function_of_the_same_name_that_computes_something_else_has_another_fingerprint(monkeypatch):
    first = TransformerEncoder(FunctionTransformer(lengths)).fingerprint

    def other(texts):
        return np.array([[len(text), 2.0] for text in texts])

    other.__qualname__ = other.__name__ = "lengths"
    monkeypatch.setitem(globals(), "lengths", other)
    assert TransformerEncoder(FunctionTransformer(lengths)).fingerprint != first


@pytest.mark.parametrize(
    ("transformer", "message"),
    [
        (make_pipeline(TfidfVectorizer(), TruncatedSVD(2)), "is not fitted; fit it on older texts"),
        (StandardScaler().fit(np.eye(2)), "StandardScaler failed on .* an encoder must take a list of str"),
        (HashingVectorizer(), "1,048,576 numbers a text.* TruncatedSVD"),
        (FunctionTransformer(lengths, kw_args={"lock": threading.Lock()}), "cannot be hashed .* can be pickled"),
    ],
)
def test_what_cannot_encode_says_why(transformer, message):
    with pytest.raises(EncoderError, match=message):
        encode_texts(["good soup"], resolve_encoder(transformer), cache=None)


def test_a_class_and_a_data_frame_are_no_transformers():
    import pandas as pd

    with pytest.raises(EncoderError, match="got the class CountVectorizer"):
        resolve_encoder(CountVectorizer)
    with pytest.raises(EncoderError, match="got a DataFrame, which lacks"):
        resolve_encoder(pd.DataFrame({"text": ["a"]}))


def test_a_cross_encoder_is_told_apart_from_a_sentence_transformer(monkeypatch):
    class SentenceTransformer:
        pass

    class CrossEncoder:
        pass

    library = types.SimpleNamespace(SentenceTransformer=SentenceTransformer, CrossEncoder=CrossEncoder)
    monkeypatch.setitem(sys.modules, "sentence_transformers", library)
    assert isinstance(resolve_encoder(SentenceTransformer()), LoadedEncoder)
    with pytest.raises(EncoderError, match=r"a CrossEncoder scores pairs of texts .* pass a SentenceTransformer"):
        resolve_encoder(CrossEncoder())


def test_a_comparison_with_tfidf_and_svd_sees_new_topics(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTDRIFT_CACHE", str(tmp_path))
    older = sample_pair(300, 20, seed=5).reference.column("text").to_pylist()
    encoder = make_pipeline(TfidfVectorizer(min_df=2), TruncatedSVD(20, random_state=0), Normalizer()).fit(older)
    pair = sample_pair(200, 200, seed=6)
    changed = [f"the strike at the depot, part {i % 7}: {text}" for i, text in enumerate(older[:200])]
    report = textdrift.compare(
        pair.reference.column("text").to_pylist(), changed, encoder=encoder, tests={"embedding": {"engine": "native"}}
    )
    assert report.diagnosis.kinds == ("semantic",)
    assert report.to_dict()["settings"]["encoder"].startswith("TfidfVectorizer+TruncatedSVD+Normalizer@")


RNG = np.random.default_rng(0)


def random_vectors(texts):
    return RNG.normal(size=(len(texts), 3))


def complex_vectors(texts):
    return np.full((len(texts), 2), 1 + 1j)


def enormous_vectors(texts):
    return np.full((len(texts), 2), 1e300)


def names_of_texts(texts):
    return np.array([[text] for text in texts])


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (random_vectors, "other vectors for the same texts when it is asked twice, .* set its random_state"),
        (complex_vectors, "gives complex numbers"),
        (enormous_vectors, r"gives values up to 1e\+300, .* add a last step Normalizer"),
        (names_of_texts, "no matrix of numbers"),
    ],
)
def test_vectors_that_would_be_cut_or_come_by_chance_are_refused(function, message):
    with pytest.raises(EncoderError, match=message):
        encode_texts(["good soup"], resolve_encoder(FunctionTransformer(function)), cache=None)
