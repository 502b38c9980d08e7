"""A model exported to ONNX on this machine; the ``onnx`` extra."""

from __future__ import annotations

import contextlib
import gc
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textdrift.embeddings.model_places import quiet
from textdrift.errors import EncoderError, MissingExtraError

__all__ = ["to_onnx"]

_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


def to_onnx(model: Any, *, device: str, int8: bool) -> Any:
    """Return the same model computed by ONNX Runtime: exported without a network, 5 s for MiniLM.

    Parameters
    ----------
    model:
        A ``SentenceTransformer`` on PyTorch, in ``float32``.
    device:
        ``cpu`` or ``cuda``.
    int8:
        Quantise the weights to 8 bits: faster, and vectors move by about 0.01 in cosine.

    Raises
    ------
    MissingExtraError
        When the ``onnx`` extra is not installed.
    EncoderError
        When the model has no ONNX form.
    """
    try:
        import onnxruntime  # noqa: F401 - the extra is there or it is not
        import optimum.onnxruntime  # noqa: F401 - both of its parts
    except ImportError as error:
        raise MissingExtraError(
            "the encoder setting backend='onnx' needs ONNX Runtime and Optimum; pip install 'textdrift[onnx]'"
        ) from error
    if device not in _PROVIDERS:
        raise EncoderError(f"ONNX Runtime is used on 'cpu' or 'cuda'; got the device {device!r}")
    options = {"provider": _PROVIDERS[device]}
    with quiet(), _errors_only(), tempfile.TemporaryDirectory(prefix="textdrift-onnx-") as folder:
        model.save_pretrained(folder)
        try:
            _export(folder, device, options)
            if int8:
                _quantise(folder, device, options)
            file = min(Path(folder, "onnx").glob("*int8*.onnx" if int8 else "model.onnx")).name
            exported = _open(folder, device, {**options, "file_name": f"onnx/{file}"})
        except (OSError, ValueError, RuntimeError, LookupError) as error:
            raise EncoderError(
                f"the model cannot be exported to ONNX: {error}; leave backend='onnx' out to compute it with PyTorch"
            ) from error
    exported.max_seq_length = model.max_seq_length
    return exported


def _open(folder: str, device: str, options: dict[str, Any]) -> Any:
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(folder, backend="onnx", device=device, local_files_only=True, model_kwargs=options)


def _export(folder: str, device: str, options: dict[str, Any]) -> None:
    exported = _open(folder, device, {**options, "export": True})
    exported.save_pretrained(folder)
    # Optimum keeps a folder of its own, and warns when it goes: let it go here.
    del exported
    gc.collect()


def _quantise(folder: str, device: str, options: dict[str, Any]) -> None:
    from sentence_transformers.backend import export_dynamic_quantized_onnx_model

    exported = _open(folder, device, {**options, "file_name": "onnx/model.onnx"})
    export_dynamic_quantized_onnx_model(exported, "avx2", folder)


@contextlib.contextmanager
def _errors_only() -> Iterator[None]:
    """Keep the advice of the libraries, to save what was exported, out of a run."""
    loggers = [logging.getLogger(name) for name in ("sentence_transformers", "transformers", "optimum")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
