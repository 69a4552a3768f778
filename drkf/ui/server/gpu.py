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
    """``spaces.GPU`` on ZeroGPU, which starts no Space without such a function; else ``work``."""
    if not on_zero_gpu():
        return work
    try:
        import spaces
    except ImportError:
        return work
    return spaces.GPU(duration=SECONDS)(work)
