import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textdrift.embeddings import HashingEncoder
from textdrift.errors import SettingsError


@given(st.text(), st.integers(2, 200))
def test_every_text_has_a_finite_unit_vector(text, dimension):
    vectors = HashingEncoder(dimension).encode([text])
    assert vectors.shape == (1, dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-5)


def test_texts_that_share_words_are_closer_than_texts_that_share_none():
    kettle, kettles, train = HashingEncoder(256).encode(
        ["the red kettle boils slowly", "a red kettle boils", "trains leave at noon"]
    )
    assert kettle @ kettles > 0.6
    assert abs(kettle @ train) < 0.4


def test_vectors_are_the_same_on_every_machine():
    vector = HashingEncoder(8).encode(["blue lamp"])[0]
    np.testing.assert_allclose(vector, [0.25, -0.75, 0.25, -0.25, 0.0, -0.5, 0.0, 0.0], atol=1e-5)


def test_blank_texts_share_one_fixed_direction():
    vectors = HashingEncoder().encode(["", " \n", "!?"])
    assert (vectors == np.eye(1, 64)).all()


def test_the_fingerprint_names_the_dimension_and_not_the_batch_size():
    assert HashingEncoder(32).fingerprint != HashingEncoder(64).fingerprint
    assert HashingEncoder(batch_size=4).fingerprint == HashingEncoder().fingerprint


@pytest.mark.parametrize("settings", [{"dimension": 1}, {"dimension": True}, {"batch_size": 0}, {"batch_size": "8"}])
def test_sizes_that_cannot_be_are_refused(settings):
    with pytest.raises(SettingsError, match="whole number"):
        HashingEncoder(**settings)
