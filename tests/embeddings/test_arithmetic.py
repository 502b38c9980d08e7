import pytest
import torch

from textdrift.embeddings import SentenceEncoder, arithmetic
from textdrift.errors import EncoderError, SettingsError


@pytest.fixture
def cpu_of(tmp_path, monkeypatch):
    """Give this machine another CPU."""

    def pretend(flags):
        (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : {flags}\n")
        monkeypatch.setattr(arithmetic, "_CPU_FLAGS", tmp_path / "cpuinfo")
        arithmetic.cpu_with_bfloat16.cache_clear()

    yield pretend
    arithmetic.cpu_with_bfloat16.cache_clear()


@pytest.mark.parametrize("instruction", ["avx512_bf16", "amx_bf16"])
def test_a_cpu_that_multiplies_in_bfloat16_is_given_bfloat16_and_the_reason_says_so(cpu_of, instruction):
    cpu_of(f"fpu avx512f {instruction} vmx")
    encoder = SentenceEncoder(device="cpu", precision="auto")
    assert (encoder.precision, encoder.batch_size) == ("bfloat16", 16)
    assert encoder.reason == f"bfloat16 on cpu, since this CPU has {instruction}; batches of 16"


def test_another_cpu_stays_in_float32(cpu_of):
    cpu_of("fpu avx2 avx512f")
    assert SentenceEncoder(device="cpu", precision="auto").precision == "float32"
    assert "neither avx512_bf16 nor amx_bf16" in SentenceEncoder(device="cpu", precision="auto").reason


def test_a_machine_that_does_not_tell_its_flags_stays_in_float32(cpu_of, monkeypatch, tmp_path):
    cpu_of("")
    monkeypatch.setattr(arithmetic, "_CPU_FLAGS", tmp_path / "nowhere")
    arithmetic.cpu_with_bfloat16.cache_clear()
    assert SentenceEncoder(device="cpu", precision="auto").precision == "float32"


@pytest.mark.parametrize(("capability", "precision"), [((7, 5), "float32"), ((8, 0), "bfloat16"), ((9, 0), "bfloat16")])
def test_a_gpu_is_given_bfloat16_where_it_has_it(monkeypatch, capability, precision):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    chosen = arithmetic.choose_arithmetic("cuda", "auto", None)
    assert (chosen.precision, chosen.batch_size) == (precision, 256)


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps", "meta"])
def test_a_device_that_is_not_there_is_told_before_it_is_asked_what_it_can(monkeypatch, device):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(EncoderError, match=f"no device '{device}' on this machine"):
        _ = SentenceEncoder(device=device).precision


@pytest.mark.parametrize(
    ("said", "meant"), [("fp16", "float16"), ("bf16", "bfloat16"), ("FP32", "float32"), ("half", "float16")]
)
def test_a_precision_by_its_nickname_hears_its_name(said, meant):
    with pytest.raises(SettingsError, match=f"unknown precision '{said}': did you mean '{meant}'"):
        SentenceEncoder(precision=said)


def test_what_the_user_sets_is_kept():
    encoder = SentenceEncoder(device="cpu", precision="float16", batch_size=3)
    assert (encoder.precision, encoder.batch_size) == ("float16", 3)
    assert encoder.reason == "float16 on cpu, as set; batches of 3, as set"


def test_auto_is_the_gpu_where_torch_sees_one(monkeypatch):
    monkeypatch.setattr(arithmetic, "_may_have_cuda", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert arithmetic.resolve_device("auto") == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert arithmetic.resolve_device("auto") == "cpu"


def test_torch_is_asked_for_a_gpu_only_where_there_is_a_driver(monkeypatch, tmp_path):
    monkeypatch.setattr(arithmetic, "_DRIVERS", (tmp_path / "nvidiactl",))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: pytest.fail("torch was asked"))
    assert arithmetic.resolve_device("auto") == "cpu"


def test_the_version_file_says_what_torch_was_built_for():
    assert arithmetic._built_for_cuda() is bool(torch.version.cuda or torch.version.hip)


def test_cuda_means_every_gpu_and_cuda_1_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 3)
    assert arithmetic.devices_of("cuda") == ["cuda:0", "cuda:1", "cuda:2"]
    assert arithmetic.devices_of("cuda:1") == ["cuda:1"]
    with pytest.raises(EncoderError, match="no device 'cuda:3'"):
        arithmetic.devices_of("cuda:3")


@pytest.mark.parametrize(
    ("backend", "precision", "message"),
    [
        ("torch", "int8", "backend 'torch' computes in auto, float32, bfloat16, float16; got precision 'int8'"),
        ("onnx", "bfloat16", "backend 'onnx' computes in auto, float32, int8"),
        ("onx", "auto", "did you mean 'onnx'"),
    ],
)
def test_a_precision_of_the_other_backend_is_refused(backend, precision, message):
    with pytest.raises(SettingsError, match=message):
        SentenceEncoder(backend=backend, precision=precision)
