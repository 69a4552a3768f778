"""docs/paper.md names files and commands that exist and figures that the code gives."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from drkf.cli import build_parser
from drkf.experiments.presets import read_preset
from drkf.experiments.size import model_size
from drkf.experiments.table import PUBLISHED

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/paper.md").read_text(encoding="utf-8")


def test_files_exist():
    named = set(re.findall(r"\b(?:drkf|tests)/[\w/.-]+\.(?:py|toml|yaml)", TEXT))
    assert len(named) > 30
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_commands_parse():
    block = re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL)[0]
    commands = [re.split(r"\s#", line)[0] for line in block.splitlines()]
    arguments = [re.split(r"^drkf |-m drkf\.cli ", command)[-1] for command in commands]
    assert len(arguments) == 9
    for line in arguments:
        build_parser().parse_args(shlex.split(line))


def test_sizes_are_what_drkf_size_says():
    config = read_preset("paper")
    english = model_size(config, config.english)
    chinese = model_size(config, config.chinese)
    assert f"{english.parameters / 1e6:.1f} million weights" in TEXT
    assert f"{english.weights_bytes / 1e9:.1f} GB to load" in TEXT
    assert f"{english.training_bytes / 1e9:.1f} GB\nto train" in TEXT
    assert f"The Chinese model has {chinese.parameters / 1e6:.1f} million" in TEXT
    parts = english.parts
    for part in ("speech encoder", "text encoder", "fusion encoder (FE)"):
        assert f"{parts[part] / 1e6:.1f}" in TEXT


def test_published_figures_are_those_of_the_table():
    figures = PUBLISHED["iemocap"].figures
    assert f"ACC {figures['UAR']}" in TEXT
    assert f"WACC {figures['WA']}" in TEXT
