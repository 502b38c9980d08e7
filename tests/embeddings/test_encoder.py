from pathlib import Path

import numpy as np
import pytest

from textdrift.embeddings import DEFAULT_MODEL, Encoder, HashingEncoder, SentenceEncoder, resolve_encoder
from textdrift.errors import EncoderError, SettingsError


class OwnEncoder:
    name = "own"
    fingerprint = "00ff"
    precision = "float32"

    def __init__(self, batch_size=4):
        self.batch_size = batch_size

    def encode(self, texts):
        return np.ones((len(texts), 2), dtype=np.float32)


class DearEncoder(OwnEncoder):
    @property
    def fingerprint(self):
        raise AssertionError("resolving an encoder must not load its weights")


def test_nothing_means_the_default_model_and_never_the_hashing_encoder():
    encoder = resolve_encoder(None)
    assert isinstance(encoder, SentenceEncoder)
    assert encoder.model == DEFAULT_MODEL


def test_the_hashing_encoder_comes_only_by_its_name():
    assert resolve_encoder("hashing") == HashingEncoder()
    assert resolve_encoder({"model": "hashing", "dimension": 16}) == HashingEncoder(16)
    assert isinstance(resolve_encoder("hash"), SentenceEncoder)


def test_an_encoder_of_ones_own_is_used_as_it_is():
    encoder = OwnEncoder()
    assert resolve_encoder(encoder) is encoder
    assert isinstance(encoder, Encoder)


def test_resolving_does_not_ask_for_the_fingerprint():
    assert isinstance(resolve_encoder(DearEncoder()), DearEncoder)


def test_an_object_that_is_no_encoder_hears_what_it_lacks():
    with pytest.raises(EncoderError, match=r"got a object, which lacks name, fingerprint"):
        resolve_encoder(object())
    with pytest.raises(EncoderError, match="got the class HashingEncoder, not an instance"):
        resolve_encoder(HashingEncoder)
    with pytest.raises(EncoderError, match="got a int, which lacks"):
        resolve_encoder(3)


def test_a_job_files_table_sets_the_model():
    encoder = resolve_encoder(
        {"model": "my/model", "device": "cpu", "batch_size": 32, "precision": "bfloat16", "prefix": "query: "}
    )
    assert (encoder.model, encoder.device, encoder.batch_size) == ("my/model", "cpu", 32)
    assert (encoder.precision, encoder.prefix) == ("bfloat16", "query: ")


def test_a_key_left_empty_in_a_job_file_is_its_default():
    encoder = resolve_encoder({"model": None, "device": "cpu", "batch_size": None})
    assert (encoder.model, encoder.batch_size) == (DEFAULT_MODEL, 16)


@pytest.mark.parametrize(
    "settings",
    [{"model": "hashing", "dimension": None, "canary": None}, {"model": "hashing", "device": None}],
)
def test_a_key_left_empty_is_none_for_the_hashing_encoder_too(settings):
    assert resolve_encoder(settings) == HashingEncoder()


def test_a_canary_left_empty_is_none():
    assert isinstance(resolve_encoder({"canary": None, "device": "cpu"}), SentenceEncoder)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"batchsize": 8}, "did you mean 'batch_size'"),
        ({"model": "hashing", "device": "cpu"}, "unknown encoder setting 'device'"),
        ({"cannary": "file.json"}, "did you mean 'canary'"),
        ({"canary": "file.json"}, r"read the file with Canary\.load"),
        ({"unknown": None}, "unknown encoder setting 'unknown'"),
        ({"model": ""}, "name is empty"),
        ({"batch_size": 0}, "at least 1; got 0"),
        ({"batch_size": -3}, "at least 1; got -3"),
        ({"batch_size": True}, "at least 1; got True"),
        ({"batch_size": 2.5}, "at least 1; got 2.5"),
        ({"precision": "bfloat"}, "did you mean 'bfloat16'"),
        ({"precision": 16}, "precision must be a string"),
        ({"device": 0}, "device must be a string"),
        ({"model": ["a"]}, "must be a name or a folder"),
        ({"model": " "}, "name is empty"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(settings, message):
    with pytest.raises(SettingsError, match=message):
        resolve_encoder(settings)


def test_the_batch_size_of_ones_own_encoder_is_checked():
    with pytest.raises(SettingsError, match="at least 1; got 0"):
        resolve_encoder(OwnEncoder(batch_size=0))


@pytest.mark.parametrize("model", [Path("no-such-folder"), "./no-such-folder", "~/no-such-folder", "/no/such/folder"])
def test_a_folder_that_is_not_there_is_told_at_once(model):
    with pytest.raises(EncoderError, match="there is no such folder"):
        resolve_encoder(model)
