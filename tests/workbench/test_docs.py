"""docs/workbench.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drkf.cli import build_parser
from drkf.labels import EMOTIONS
from drkf.pipeline import EmotionPipeline
from drkf.workbench import results as table

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "workbench.md").read_text("utf-8")


def test_its_commands_are_understood() -> None:
    commands = re.findall(r"(?:drkf|drkf\.cli) (analyze-set .*)", TEXT)
    assert len(commands) == 3
    for command in commands:
        build_parser().parse_args(command.split())


def test_its_columns_are_the_columns() -> None:
    listed = re.search(r"Columns: (.*?)\. In\s", TEXT, re.S)
    assert listed is not None
    named = {name for name in re.findall(r"`(\w+)", listed[1]) if not name.endswith("_")}
    columns = {c for c in table.columns(EMOTIONS) if not c.startswith(("p_", "voice_", "words_"))}
    assert named == columns | {"note", "tags"}


def test_its_example_runs(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"i am so happy {i},happy\n" for i in range(6))
    Path("set.csv").write_text("sentence,emotion\n" + rows)
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    monkeypatch.setattr(EmotionPipeline, "from_pretrained", lambda _: pipeline)
    code = re.search(r"```python\n(.*?)```", TEXT, re.S)
    assert code is not None
    exec(code[1], {})
    assert len(table.load_results("report")) == 6
    assert Path("report.html").is_file() and Path("results.csv").is_file()
