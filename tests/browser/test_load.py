"""The benchmark of load: four people at once, and that it would notice a mix-up."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.helpers.visitor import RunningApp

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("load", ROOT / "benchmarks" / "load.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["load"] = module  # where dataclasses look their annotations up
    spec.loader.exec_module(module)
    return module


def test_four_people_at_once(
    load: ModuleType, app: RunningApp, capsys: pytest.CaptureFixture[str]
) -> None:
    code = load.main(["--address", app.address, "--users", "1", "4", "--seconds", "2"])
    printed = capsys.readouterr()
    assert code == 0, printed.out + printed.err
    rows = [line for line in printed.out.splitlines() if line.startswith(("| 1 ", "| 4 "))]
    assert len(rows) == 2 and all(row.endswith("| 0 | 0 | 0 |") for row in rows)


def test_an_answer_to_another_question_is_noticed(load: ModuleType) -> None:
    question = load.Question(Path("clip.wav"), 2.0, "mine")
    alone = {"probabilities": {"joy": 0.6, "fear": 0.4}}
    found = {"transcript": {"text": "mine"}, "clip_seconds": 2.0, **alone}
    assert load.difference(question, alone, found) is None
    for wrong in (
        {"transcript": {"text": "yours"}},
        {"clip_seconds": 2.02},
        {"probabilities": {"joy": 0.55, "fear": 0.45}},
    ):
        assert load.difference(question, alone, found | wrong)


@pytest.mark.parametrize(
    ("waits", "busy", "errors", "wrong", "allowed", "well"),
    [
        ([1.0], 0, [], [], False, True),
        ([1.0], 3, [], [], False, False),
        ([1.0], 3, [], [], True, True),
        ([1.0], 0, ["x"], [], True, False),
        ([1.0], 0, [], ["x"], True, False),
        ([], 5, [], [], True, False),
    ],
)
def test_what_fails_a_round(
    load: ModuleType,
    waits: list[float],
    busy: int,
    errors: list[str],
    wrong: list[str],
    allowed: bool,
    well: bool,
) -> None:
    assert load.show(8, load.Tally(waits, busy, errors, wrong), 10, allowed) is well
