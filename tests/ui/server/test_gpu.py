"""ZeroGPU: a no-op elsewhere, one marked function there."""

from __future__ import annotations

import sys
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
    build_app(EmotionPipeline.from_pretrained(tiny_checkpoint, device=gpu.device()))
    assert spaces == [("whole_analysis", gpu.SECONDS)]
