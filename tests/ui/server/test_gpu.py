"""ZeroGPU: nothing elsewhere; there one marked function, and the work stays in the server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from drkf.pipeline import EmotionPipeline
from drkf.ui import build_app
from drkf.ui.server import gpu


def work(text: str) -> str:
    return text


@pytest.fixture
def spaces(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """A package `spaces` that notes which functions ask for a GPU, and for how long."""
    marked: list[tuple[str, int]] = []
    module = ModuleType("spaces")

    def mark(duration: int) -> object:
        def decorate(function):
            marked.append((function.__name__, duration))
            return function

        return decorate

    module.GPU = mark  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spaces", module)
    return marked


def test_elsewhere_nothing_is_marked(
    monkeypatch: pytest.MonkeyPatch, spaces: list[tuple[str, int]]
) -> None:
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    assert gpu.lent(work) is work
    assert gpu.device() == "auto"
    assert spaces == []


def test_without_the_package_nothing_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setitem(sys.modules, "spaces", None)  # import raises ImportError
    assert gpu.lent(work) is work


def test_on_zero_gpu_the_app_marks_a_function_and_keeps_its_model_on_the_cpu(
    monkeypatch: pytest.MonkeyPatch, spaces: list[tuple[str, int]], tiny_checkpoint
) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert gpu.device() == "cpu"
    assert gpu.lent(work) is work and spaces.pop()
    build_app(EmotionPipeline.from_pretrained(tiny_checkpoint, device=gpu.device()))
    assert spaces == [("whole_analysis", gpu.SECONDS)]


#: A server with a model on the CPU whose marked functions run in a fork, as on ZeroGPU.
SERVER = """
import json, os, sys, threading
from multiprocessing import get_context
from types import ModuleType
import torch

context = get_context("fork")

def mark(duration):
    def decorate(function):
        def forked(*arguments):
            queue = context.Queue()
            child = context.Process(target=lambda: queue.put(function(*arguments)), daemon=True)
            child.start()
            return queue.get(timeout=20)
        forked.__name__ = function.__name__
        marked.append(function.__name__)
        return forked
    return decorate

marked = []
spaces = ModuleType("spaces")
spaces.GPU = mark
sys.modules["spaces"] = spaces
from drkf.pipeline import EmotionPipeline
from drkf.ui.server import gpu

pipeline = EmotionPipeline.from_pretrained(sys.argv[1], device=gpu.device())
torch.set_num_threads(2)
pipeline.analyze(text="I am happy")  # starts PyTorch's threads, as the page's first visitor does

def whole(text):
    return os.getpid(), pipeline.analyze(text=text).emotion

process, emotion = gpu.lent(whole)("I am happy")
print(json.dumps([marked, process == os.getpid(), emotion]), flush=True)
"""


def test_a_model_on_the_cpu_answers_though_marked_work_is_forked(tiny_checkpoint: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVER, str(tiny_checkpoint)],
        env={**os.environ, "SPACES_ZERO_GPU": "true"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    marked, in_the_server, emotion = json.loads(done.stdout)
    assert marked == ["whole"] and in_the_server and emotion
