"""ZeroGPU, the GPUs that Hugging Face Spaces lends by the call: nothing of it matters elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., object])

SECONDS = 60
"""The longest loan that one call asks for."""


def on_zero_gpu() -> bool:
    """Whether this is a Space on ZeroGPU hardware."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "true")


def device() -> str:
    """Where the page's model belongs.

    On ZeroGPU no GPU is there between calls, while a visitor's encoded utterance is kept from one
    event to the next: the model, which is small, stays on the CPU. Elsewhere a GPU is used where
    there is one.
    """
    return "cpu" if on_zero_gpu() else "auto"


def lent(work: F) -> F:
    """``work`` as the app calls it; on ZeroGPU a marked copy exists, without which no Space starts.

    A function that ``spaces.GPU`` marks runs in a fork of the server. PyTorch's threads do not
    survive a fork once they have worked on the CPU, where the model lies (``device``): the fork
    would wait for them for ever. So the copy that is called is the unmarked one, in the server.
    """
    if not on_zero_gpu():
        return work
    try:
        import spaces
    except ImportError:
        return work
    marked: F = spaces.GPU(duration=SECONDS)(work)
    return work if device() == "cpu" else marked
