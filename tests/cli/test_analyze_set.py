"""``drkf analyze-set``: one process, two, and one that is killed and started again."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from drkf import batch, gallery
from drkf.cli import main
from drkf.workbench import results as table
from tests.helpers.sound import any_sound

ROOT = Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}


def outcomes(out: Path) -> list[str]:
    """The hashes written so far, repeated if they were written twice."""
    found = []
    for path in (out / "outcomes").glob("*.jsonl"):
        for line in path.read_text().splitlines():
            try:
                found.append(json.loads(line)["hash"])
            except ValueError:  # cut short
                continue
    return found


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Ten clips, each with eight sentences: 80 rows that take a while to decode."""
    clips = [item.audio for item in gallery.load_gallery() if item.audio is not None][:10]
    labels = ("Happy", "angry", "sad", "frustrated")
    path = tmp_path / "set.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["utterance_id", "wav", "sentence", "emotion", "speaker"])
        for i in range(80):
            clip = clips[i % 10]
            writer.writerow([f"u{i}", clip, f"i am fine {i}", labels[i % 4], f"s{i % 3}"])
    return path


def command(manifest: Path, checkpoint: Path, out: Path, *more: str) -> list[str]:
    return [
        *("analyze-set", "--manifest", str(manifest), "--checkpoint", str(checkpoint)),
        *("--out", str(out), *more),
    ]


def test_both_figures_are_told_where_speakers_are_known(
    voiced_checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    monkeypatch.setattr("drkf.cli.analyze_set.write_all", lambda *_: None)
    rng = np.random.default_rng(0)
    lines = ["audio,emotion,speaker"]
    for i, speaker in enumerate(("ann", "ann", "bob")):
        soundfile.write(tmp_path / f"{i}.wav", 0.1 * rng.standard_normal(12_000), 16_000)
        lines.append(f"{i}.wav,joy,{speaker}")
    manifest = tmp_path / "set.csv"
    manifest.write_text("\n".join(lines))
    for more, told in ((("--alone",), False), ((), True)):
        assert main(command(manifest, voiced_checkpoint, tmp_path / "out", *more)) == 0
        said = capsys.readouterr().out
        assert ("2 scored rows have a speaker with several clips" in said) == told
        assert ("each clip alone: accuracy" in said) == told
    assert len(outcomes(tmp_path / "out")) == 3 + 2  # each alone once, two beside each other


def test_a_set_in_one_go(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["path\ttext\tlabel", "nowhere.wav\t\tjoy", "\ti am so happy\tHappy"]
    lines += [f"\tso very sad {i}\tfru" for i in range(4)] + ["\ti hate you\tanger"]
    manifest = tmp_path / "set.tsv"
    manifest.write_text("\n".join(lines))
    out = tmp_path / "report"
    assert main(command(manifest, tiny_checkpoint, out)) == 0
    said = capsys.readouterr().out
    assert "audio from 'path'" in said and "Happy = joy" in said and "fru = ?" in said
    assert "4 rows have a label that is none of the model's" in said
    assert "7 rows: 6 analysed, 1 could not be." in said and "no clip at nowhere.wav" in said
    results = table.load_results(out)
    assert len(results) == 7 and results.scored.sum() == 2
    exported = pd.read_csv(out / "results.csv", encoding="utf-8-sig", keep_default_na=False)
    assert list(exported["id"]) == list(results.table["id"])
    page = (out / "report.html").read_text()
    assert page.count(results.checkpoint_hash[:12]) and "nowhere.wav" in page
    assert len((out / "results.jsonl").read_text().splitlines()) == 7
    assert list((out / "dataset" / "data").glob("*.parquet"))

    # The map that was guessed can be corrected and given back.
    meanings = json.loads((out / "map.json").read_text())
    meanings["labels"]["fru"] = "anger"
    (tmp_path / "map.json").write_text(json.dumps(meanings))
    again = command(manifest, tiny_checkpoint, out, "--map", str(tmp_path / "map.json"))
    assert main(again) == 0
    assert table.load_results(out).scored.sum() == 6
    other = command(manifest, tiny_checkpoint, tmp_path / "other", "--compare", str(out), "--audio")
    assert main(other) == 0
    assert "McNemar" in (tmp_path / "other" / "report.html").read_text()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "not a map"),
        ('{"columns": {"label": "nowhere"}, "labels": {}}', "'nowhere'"),
        ('{"columns": {"colour": "label"}, "labels": {}}', "'colour'"),
        ('{"columns": {}, "labels": {"fru": "boredom"}}', "'boredom'"),
    ],
)
def test_a_wrong_map_is_one_line(
    tiny_checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str,
    message: str,
) -> None:
    (tmp_path / "set.csv").write_text("text,label\nfine,fru\n")
    (tmp_path / "map.json").write_text(content)
    arguments = command(tmp_path / "set.csv", tiny_checkpoint, tmp_path / "out", "--map")
    assert main([*arguments, str(tmp_path / "map.json")]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert message in said[-1] and said[-1].startswith("drkf: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--manifest", "nowhere.csv"], "no such file"),
        (["--corpus", "ravdess"], "--root"),
        (["--corpus", "ravdess", "--root", "nowhere"], "no such folder"),
        (["--manifest", "set.csv", "--split", "test"], "splits"),
        (["--manifest", "set.csv", "--compare", "nowhere"], "no such file"),
        (["--manifest", "set.csv", "--checkpoint", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    tiny_checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("set.csv").write_text("text,label\nfine,joy\n")
    checkpoint = [] if "--checkpoint" in arguments else ["--checkpoint", str(tiny_checkpoint)]
    assert main(["analyze-set", *arguments, *checkpoint, "--out", "out"]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert said.startswith("drkf: ") and message in said


def test_a_table_or_results_that_would_be_overwritten_are_refused(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "results.csv").write_text("text,label\nfine,joy\n")
    assert main(command(out / "results.csv", tiny_checkpoint, out)) == 2
    assert "is an input" in capsys.readouterr().err
    (tmp_path / "set.csv").write_text("text,label\nfine,joy\n")
    compared = command(tmp_path / "set.csv", tiny_checkpoint, out, "--compare", str(out))
    assert main(compared) == 2
    assert "is an input" in capsys.readouterr().err
    assert (out / "results.csv").read_text() == "text,label\nfine,joy\n"


def test_a_killed_run_goes_on_where_it_was(
    tiny_checkpoint: Path, tmp_path: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "report"
    killed = subprocess.Popen(
        [sys.executable, "-m", "drkf", *command(manifest, tiny_checkpoint, out)],
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + 240
    while len(outcomes(out)) < 16:
        assert killed.poll() is None and time.monotonic() < deadline, killed.stderr
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL
    before = outcomes(out)
    assert 16 <= len(before) < 80 and not (out / "report.html").exists()

    read = []
    predict = batch.predict_batch

    def counted(pipeline, heard, *more):
        read.extend(heard)
        return predict(pipeline, heard, *more)

    monkeypatch.setattr(batch, "predict_batch", counted)
    assert main(command(manifest, tiny_checkpoint, out)) == 0
    after = outcomes(out)
    assert len(read) == 80 - len(before)  # nothing is done again,
    assert len(after) == len(set(after)) == 80 and set(before) < set(after)  # or lost
    results = table.load_results(out)
    assert list(results.table["id"]) == [f"u{i}" for i in range(80)]
    assert results.usable.all() and results.scored.sum() == 60
    assert not np.isnan(results.embeddings).any()

    straight = tmp_path / "straight"
    assert main(command(manifest, tiny_checkpoint, straight)) == 0
    expected = table.load_results(straight)
    pd.testing.assert_frame_equal(results.table, expected.table, atol=1e-4)
    np.testing.assert_allclose(results.embeddings, expected.embeddings, atol=1e-4)


def test_two_processes_share_the_work(
    tiny_checkpoint: Path, tmp_path: Path, manifest: Path
) -> None:
    out = tmp_path / "report"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = "--multi_gpu --num_processes 2 --num_machines 1 --mixed_precision no"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "accelerate.commands.launch", *options.split()),
            *("--dynamo_backend", "no", "--main_process_port", str(port)),
            *("-m", "drkf.cli", *command(manifest, tiny_checkpoint, out)),
        ],
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("80 rows: 80 analysed") == 1  # only the first process prints
    written = [len(path.read_text().splitlines()) for path in (out / "outcomes").glob("*")]
    assert sorted(written) == [40, 40] and len(set(outcomes(out))) == 80
    assert table.load_results(out).usable.all() and (out / "report.html").is_file()
