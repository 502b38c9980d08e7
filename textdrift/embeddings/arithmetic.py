"""Arithmetic: the device, numeric precision and batch size that an encoder computes with, and why."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from textdrift.errors import EncoderError

__all__ = ["PRECISIONS", "Arithmetic", "choose_arithmetic", "cpu_with_bfloat16", "devices_of", "resolve_device"]

PRECISIONS = ("auto", "float32", "bfloat16", "float16", "int8")
# CPU time per tweet, two cores, MiniLM, against float32 in batches of 32 in the order of the rows: bfloat16 in
# batches of 8: 3.6 times less, of 16: 4.0, of 32: 4.2 and four times the memory of 8. A GPU wants more work at once.
_BATCH_SIZE_ON_CPU = 16
_BATCH_SIZE_ON_GPU = 256
_BFLOAT16_INSTRUCTIONS = ("amx_bf16", "avx512_bf16")
_CPU_FLAGS = Path("/proc/cpuinfo")
# Where the drivers of NVIDIA (Linux, Windows' Linux) and AMD show themselves; without one there is no CUDA.
_DRIVERS = (Path("/dev/nvidiactl"), Path("/dev/dxg"), Path("/dev/kfd"))
_FIRST_GPU_WITH_BFLOAT16 = (8, 0)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How an encoder computes.

    Attributes
    ----------
    device:
        ``cpu``, ``cuda``, ``cuda:1``, ``mps``.
    precision:
        ``float32``, ``bfloat16``, ``float16``, ``int8``.
    batch_size:
        Texts per pass through the model.
    reason:
        One line for people: what was chosen, and why.
    """

    device: str
    precision: str
    batch_size: int
    reason: str


def choose_arithmetic(device: str, precision: str, batch_size: int | None, backend: str = "torch") -> Arithmetic:
    """Return the fastest arithmetic that leaves the verdicts as they are, where the user leaves the choice.

    ``torch`` is imported only where this machine shows a GPU driver and torch was built for one, or for a device that
    the user names.

    Raises
    ------
    EncoderError
        When the precision is left to us on a device that is not there.

    Examples
    --------
    >>> choose_arithmetic("cpu", "float32", 8).reason
    'float32 on cpu, as set; batches of 8, as set'
    """
    resolved = resolve_device(device)
    size = batch_size or (_BATCH_SIZE_ON_CPU if resolved == "cpu" else _BATCH_SIZE_ON_GPU)
    chosen, why = (precision, "as set") if precision != "auto" else _fastest_precision(resolved, backend)
    sizes = f"batches of {size}" + (", as set" if batch_size else "")
    return Arithmetic(resolved, chosen, size, f"{chosen} on {resolved}, {why}; {sizes}")


def _fastest_precision(device: str, backend: str) -> tuple[str, str]:
    if device != "cpu":
        devices_of(device)  # a device that is not there is told before it is asked what it can
    if backend == "onnx":
        return "float32", "the precision of an ONNX export unless int8 is asked for"
    if device == "cpu":
        instruction = cpu_with_bfloat16()
        if instruction:
            return "bfloat16", f"since this CPU has {instruction}"
        return "float32", "since this CPU has neither avx512_bf16 nor amx_bf16"
    if device.startswith("cuda"):
        import torch

        if torch.cuda.get_device_capability(device) >= _FIRST_GPU_WITH_BFLOAT16:
            return "bfloat16", "since this GPU computes in bfloat16"
        return "float32", "since this GPU has no bfloat16"
    return "float32", f"since {device} is not known to be exact enough in less"


@cache
def cpu_with_bfloat16() -> str:
    """Return the instruction set by which this CPU multiplies in bfloat16, or nothing; read without torch."""
    try:
        lines = _CPU_FLAGS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    flags = next((line.split(":", 1)[-1].split() for line in lines if line.startswith("flags")), [])
    return next((name for name in _BFLOAT16_INSTRUCTIONS if name in flags), "")


def resolve_device(device: str) -> str:
    """Return the device that is meant, ``auto`` resolved, without a look whether it is there."""
    if device != "auto":
        return device
    if not _may_have_cuda():
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _may_have_cuda() -> bool:
    """Say whether it is worth importing torch, some seconds, to ask it for a GPU."""
    return any(driver.exists() for driver in _DRIVERS) and _built_for_cuda()


@cache
def _built_for_cuda() -> bool:
    """Say whether the installed torch was built for a GPU, from its version file alone."""
    found = importlib.util.find_spec("torch")
    version = Path(found.origin or "").with_name("version.py") if found else None
    if version is None or not version.is_file():
        return True
    built = importlib.util.spec_from_file_location("_torch_version", version)
    if built is None or built.loader is None:
        return True
    module: Any = importlib.util.module_from_spec(built)
    built.loader.exec_module(module)
    return bool(getattr(module, "cuda", None) or getattr(module, "hip", None))


def devices_of(device: str) -> list[str]:
    """Return every device to compute on, after a look whether this machine has it: all GPUs for ``cuda``."""
    import torch

    try:
        wanted = torch.device(device)
    except RuntimeError as error:
        raise EncoderError(f"unknown device {device!r}: use 'auto', 'cpu', 'cuda', 'cuda:0' or 'mps'") from error
    there = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if (wanted.index or 0) >= there.get(wanted.type, 0):
        raise EncoderError(
            f"no device {device!r} on this machine: it has "
            f"{', '.join(f'{count} {kind}' for kind, count in there.items())}; use 'auto' or 'cpu'"
        )
    if device == "cuda":
        return [f"cuda:{index}" for index in range(there["cuda"])]
    return [device]
