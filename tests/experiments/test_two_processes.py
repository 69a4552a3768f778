"""Two processes are one: the same loss, gradients and predictions on the same batch."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import load_file

from drkf.cli import main
from drkf.data.manifest import write_manifest
from tests.helpers import sharded
from tests.helpers.forked import in_two_processes
from tests.helpers.two_processes import run

ROOT = Path(__file__).parents[2]


def launch(*command: str) -> subprocess.CompletedProcess[str]:
    """``accelerate launch`` with two processes on the CPU."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = "--multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no"
    return subprocess.run(
        [
            *(sys.executable, "-m", "accelerate.commands.launch", *options.split()),
            *("--dynamo_backend", "no", "--main_process_port", str(port), *command),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "CUDA_VISIBLE_DEVICES": "",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=280,
    )


def test_two_processes_equal_one_with_the_whole_batch(paper_encoders, utterances, tmp_path, capfd):
    manifest = tmp_path / "utterances.csv"
    # Nine utterances: the processes' shares of the evaluation differ. One has two labels.
    ninth = replace(utterances[0], id="u8", emotions=("anger", "joy"))
    write_manifest([*utterances, ninth], manifest)
    run(paper_encoders, manifest, tmp_path / "one.safetensors")
    in_two_processes(run, paper_encoders, manifest, tmp_path / "two.safetensors")
    assert "2 processes" in capfd.readouterr().out
    one, two = load_file(tmp_path / "one.safetensors"), load_file(tmp_path / "two.safetensors")
    assert one.keys() == two.keys()
    assert sum(name.startswith("single.gradient") for name in one) > 100
    for name in one:
        torch.testing.assert_close(two[name], one[name], atol=2e-5, rtol=1e-3, msg=name)
    for name in ("mi_audio", "mi_audio_text", "bce", "kld_text", "mse_audio"):
        assert one[f"single.loss.{name}"] > 0


def test_sharded_weights_train_save_and_resume(paper_encoders, utterances, tmp_path, capfd):
    """FSDP over two processes, interrupted once, gives the weights of one plain process."""
    manifest = tmp_path / "utterances.csv"
    write_manifest(utterances, manifest)
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
    sharded.main(paper_encoders, manifest, folders[0], sharded=False)
    capfd.readouterr()
    in_two_processes(sharded.main, paper_encoders, manifest, folders[1], True)
    said = capfd.readouterr().out
    assert "4 steps" in said
    count, total = map(int, re.findall(r"(\d+) of (\d+) sharded, 4", said)[0])
    assert count == total > 100
    for name in ("work/best.safetensors", "work/state.safetensors", "logits.safetensors"):
        one, two = (load_file(folder / name) for folder in folders)
        if "state" in name:  # the optimiser's state is numbered in one and named in the other
            one, two = ({k: v for k, v in t.items() if k.startswith("model.")} for t in (one, two))
        assert one.keys() == two.keys()
        for key in one:
            torch.testing.assert_close(
                two[key], one[key], atol=2e-4, rtol=1e-2, msg=f"{name} {key}"
            )


def test_a_benchmark_runs_on_two_processes(m3ed, tiny_settings, tmp_path, capsys):
    out = tmp_path / "out"
    done = launch(
        *("-m", "drkf.cli", "benchmark", "m3ed", "--root", str(m3ed), "--out", str(out)),
        *("--epochs", "1", "--set", "stage.batch_size=2", *tiny_settings),
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("published DRKF |") == 1  # only the first process prints
    result = json.loads((out / "full/official/result.json").read_text())
    assert result["n"] == {"train": 16, "dev": 8, "test": 8}
    assert len((out / "full/official/predictions.jsonl").read_text().splitlines()) == 8
    assert json.loads((out / "settings.json").read_text())["processes"] == 2
    arguments = ["benchmark", "m3ed", "--root", str(m3ed), "--out", str(out), "--epochs", "1"]
    assert main([*arguments, "--set", "stage.batch_size=2", *tiny_settings]) == 2
    assert "another processes and distributed" in capsys.readouterr().err
