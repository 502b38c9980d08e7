"""The device that texts are encoded on, for a person who asks."""

from __future__ import annotations

from textdrift.embeddings.arithmetic import choose_arithmetic, resolve_device
from textdrift.errors import EncoderError

__all__ = ["device_in_words"]


def device_in_words() -> str:
    """Return one line: the device that ``auto`` chooses, the cards where it is CUDA, the precision and why.

    Loads torch; no model.

    Raises
    ------
    EncoderError
        When torch cannot be used here.

    Examples
    --------
    >>> device_in_words()  # doctest: +SKIP
    'cpu, 2 threads; bfloat16 on cpu, since this CPU has avx512_bf16; batches of 16'
    """
    try:
        import torch

        device = resolve_device("auto")
        reason = choose_arithmetic(device, "auto", None).reason
        if device.startswith("cuda"):
            cards = [torch.cuda.get_device_name(place) for place in range(torch.cuda.device_count())]
            return f"CUDA {torch.version.cuda}, {', '.join(cards)}; {reason}"
    except (ImportError, OSError, RuntimeError) as error:
        raise EncoderError(f"torch cannot be used here: {error}; install it anew, for this machine") from error
    return f"{device}, {torch.get_num_threads()} threads; {reason}"
