"""The benchmark of latency runs to its end and tells a kept limit from a missed one."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def latency() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("latency", ROOT / "benchmarks" / "latency.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    threads = torch.get_num_threads()
    spec.loader.exec_module(module)
    yield module
    torch.set_num_threads(threads)


def test_a_quick_run_measures_everything(
    latency: ModuleType, tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plot = tmp_path / "plot.html"
    given = ["--quick", "--checkpoint", str(tiny_checkpoint), "--plot", str(plot)]
    assert latency.main(given) == 0
    printed = capsys.readouterr().out
    for part in "abcdef":
        assert f"\n| {part}: " in printed
    assert printed.count("not checked") == 7
    assert "plotly" in plot.read_text().lower()


def test_a_missed_limit_is_told(latency: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    report = latency.Report(checked=True)
    report.add("time", 1.0, 1.5)
    report.add("throughput", 2.5, 2, at_least=True)
    assert report.kept
    report.add("time", 1.6, 1.5)
    assert not report.kept and capsys.readouterr().out.count("MISSED") == 1
    report = latency.Report(checked=True)
    report.add("throughput", 1.9, 2, at_least=True)
    assert not report.kept


def test_the_power_of_growth(latency: ModuleType) -> None:
    assert latency.power({1: 3.0, 10: 30.0}) == pytest.approx(1)
    assert latency.power({1: 1.0, 2: 4.0, 4: 16.0}) == pytest.approx(2)


def test_a_missing_checkpoint_is_one_line(
    latency: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert latency.main(["--checkpoint", "checkpoints/nothing"]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
