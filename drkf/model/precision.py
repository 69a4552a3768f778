"""Faster arithmetic where it is good enough: bfloat16 on CPUs that have instructions for it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import torch

_capabilities: Any = getattr(torch.cpu, "get_capabilities", dict)  # not in PyTorch 2.8
BFLOAT16: bool = _capabilities().get("avx512_bf16", False)


def fast(device: torch.device, exact: bool = False) -> AbstractContextManager[Any]:
    """Computes in bfloat16 where the CPU has instructions for it; slower where it has not.

    Args:
        exact: compute in float32 all the same.
    """
    enabled = BFLOAT16 and device.type == "cpu" and not exact
    return torch.autocast("cpu", torch.bfloat16, enabled=enabled)
