"""Two processes that are one process group, without the half minute that starting them takes."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

import torch
from accelerate.state import AcceleratorState, GradientState
from torch import multiprocessing

TIMEOUT_SECONDS = 200


def in_two_processes(work: Callable[..., None], *arguments: Any) -> None:
    """Runs ``work`` in two copies of this process, as ``accelerate launch`` would in new ones."""
    context = multiprocessing.get_context("fork")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    processes = [
        context.Process(target=_enter, args=(rank, port, work, arguments)) for rank in range(2)
    ]
    for process in processes:
        process.start()
    try:
        for process in processes:
            process.join(TIMEOUT_SECONDS)
            assert process.exitcode == 0
    finally:
        for process in processes:
            process.kill()


def _enter(rank: int, port: int, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Joins the group, with nothing left of what the first process had set up."""
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "CUDA_VISIBLE_DEVICES": "",
    }
    torch.set_num_threads(1)  # the first process' threads do not exist here
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()
    work(*arguments)
