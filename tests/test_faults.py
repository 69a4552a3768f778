"""What breaks while DRKF works: the recogniser, the disk, the checkpoint, the process itself."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import PreTrainedTokenizerFast

from drkf.audio.clip import SAMPLE_RATE
from drkf.audio.transcribe import SpeechRecognizer
from drkf.checkpoint import Calibration, load_checkpoint, save_checkpoint
from drkf.cli.predict import PredictArguments, predict_manifest
from drkf.data.manifest import Item, read_manifest, write_manifest
from drkf.errors import CheckpointError, DRKFError, ManifestError, ResultsError, TranscriptionError
from drkf.files import whole
from drkf.model import DRKF
from drkf.pipeline import EmotionPipeline
from drkf.workbench import export, notes, report
from drkf.workbench import results as table
from tests.helpers.made_results import make_results
from tests.helpers.sound import any_sound

VOICE = SAMPLE_RATE, (0.1 * np.random.default_rng(0).standard_normal(SAMPLE_RATE)).astype("f4")
WRITING = os.O_WRONLY | os.O_RDWR
CHANGES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
"""What Python tells its audit hooks before it changes the disk."""


@pytest.fixture
def pipeline(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> EmotionPipeline:
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    return EmotionPipeline.from_pretrained(tiny_checkpoint)


# The recogniser ---------------------------------------------------------------------------


class BrokenModel:
    """Weights that were loaded, and a library that fails on every clip from now on."""

    def transcribe(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("CUDA out of memory\nsecond line")


def broken() -> SpeechRecognizer:
    recognizer = SpeechRecognizer()
    recognizer._model = BrokenModel()  # type: ignore[assignment]
    return recognizer


def missing(monkeypatch: pytest.MonkeyPatch, folder: Path) -> SpeechRecognizer:
    monkeypatch.setenv("DRKF_ASR_MODEL", str(folder / "nothing"))
    return SpeechRecognizer()


@pytest.mark.parametrize("fault", ["broken", "missing"])
def test_without_a_recogniser_voice_and_typed_words_still_work(
    pipeline: EmotionPipeline, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fault: str
) -> None:
    pipeline.recognizer = broken() if fault == "broken" else missing(monkeypatch, tmp_path)
    voice = pipeline.analyze(VOICE)
    assert voice.audio is not None and voice.text is None
    (said,) = voice.warnings
    assert "The voice alone is analysed." in said and said.isprintable()
    typed = pipeline.analyze(VOICE, "i am angry")
    assert typed.inconsistency is not None and not typed.warnings
    assert pipeline.analyze(text="i am angry").text is not None
    with pytest.raises(TranscriptionError) as told:
        pipeline.transcribe(VOICE)
    assert str(told.value).isprintable()


# The checkpoint ---------------------------------------------------------------------------


def test_a_checkpoint_deleted_while_it_is_used_is_not_missed(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    folder = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    pipeline = EmotionPipeline.from_pretrained(folder)
    before = pipeline.analyze(VOICE, "i am angry").fused
    for file in folder.iterdir():  # a file that is only mapped into memory would now kill us
        os.truncate(file, 0)
    shutil.rmtree(folder)
    assert pipeline.analyze(VOICE, "i am angry").fused == before


# The disk ---------------------------------------------------------------------------------


def full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_line_and_leaves_nothing(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = make_results(20)
    (tmp_path / "in.csv").write_text("id,audio,text\na,,i am angry\n")
    out = tmp_path / "out"
    out.mkdir()
    writers: dict[type[DRKFError], list[Callable[[], None]]] = {
        ResultsError: [
            lambda: table.save_results(results, out / "results"),
            lambda: notes.save_notes(notes.Notes(), out / "notes.json"),
            lambda: report.write_html(results, out / "report.html"),
            lambda: export.write_csv(results.table, out / "a.csv"),
            lambda: export.write_jsonl(results.table, out / "a.jsonl"),
            lambda: export.write_dataset(results, out / "dataset", audio=False),
        ],
        ManifestError: [
            lambda: predict_manifest(
                PredictArguments(tmp_path / "in.csv", out / "p", str(tiny_checkpoint), False)
            )
        ],
    }
    monkeypatch.setattr(Path, "replace", full)  # every writer ends with it, after all its writing
    monkeypatch.setattr(Path, "rename", full)
    for kind, actions in writers.items():
        for write in actions:
            with pytest.raises(kind, match="No space left") as told:
                write()
            assert str(told.value).isprintable()
    assert [path for path in out.rglob("*") if path.is_file()] == []


def test_writing_whole_keeps_the_old_file_until_the_new_one_is_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), whole(path) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    with whole(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]


# The process ------------------------------------------------------------------------------


def killed_at(step: int, write: Callable[[], object]) -> bool:
    """Runs ``write`` in another process that dies before its change number ``step`` of the disk.

    What has not been handed to the system by then is lost, as when a process is killed. Returns
    whether the process ended before it could die.
    """
    child = os.fork()
    if not child:
        torch.set_num_threads(1)  # the threads of the parent's pool are not in the child
        seen = 0

        def die(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal seen
            if event in CHANGES and (event != "open" or arguments[2] & WRITING):
                if seen == step:
                    os._exit(9)
                seen += 1

        try:
            sys.addaudithook(die)
            write()
            os._exit(0)
        except BaseException:
            traceback.print_exc()
        os._exit(1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9), "the writer failed"
    return code == 0


def check_kills(
    write: Callable[[], object], restore: Callable[[], object], read: Callable[[], Any]
) -> None:
    """Killed at any change of the disk, what is read is the old, the new or an error (None)."""
    restore()
    old = read()
    assert old is not None
    found: list[Any] = []
    step = 0
    while True:
        restore()
        done = killed_at(step, write)
        found.append(read())
        if done:
            break
        step += 1
        assert step < 200
    new = found[-1]
    assert step >= 2 and new is not None and new != old
    assert [at for at, state in enumerate(found) if state not in (None, old, new)] == []


def test_results_are_never_half_written(tmp_path: Path) -> None:
    old, new = make_results(20, seed=1), make_results(20, seed=2)

    def read() -> str | None:
        try:
            found = table.load_results(tmp_path)
        except ResultsError:
            return None
        return found.checkpoint_hash + found.table.to_json() + repr(found.embeddings.tolist())

    check_kills(
        lambda: table.save_results(new, tmp_path), lambda: table.save_results(old, tmp_path), read
    )


def test_datasets_are_never_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "CHUNK_ROWS", 8)
    monkeypatch.setattr(export, "SHARD_BYTES", -1)  # several files
    old, new = make_results(20, seed=1), make_results(28, seed=2)

    def restore() -> None:
        shutil.rmtree(tmp_path / "set", ignore_errors=True)
        export.write_dataset(old, tmp_path / "set", audio=False)

    def read() -> str | None:
        """As ``datasets`` does: all files of the pattern."""
        files = sorted((tmp_path / "set").glob("data/test-*.parquet"))
        return "".join(pd.read_parquet(f).to_json() for f in files) or None

    check_kills(lambda: export.write_dataset(new, tmp_path / "set", audio=False), restore, read)


@pytest.mark.parametrize("kind", ["html", "csv", "jsonl", "notes", "manifest"])
def test_files_are_never_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    pages = {1: "<p>one" * 9_000, 2: "<p>two" * 9_000}  # drawing takes long and changes nothing
    path = tmp_path / {"manifest": "set.csv", "notes": "notes.json"}.get(kind, f"out.{kind}")

    def write(seed: int) -> None:
        results = make_results(12 + seed, seed=seed)
        if kind == "html":
            monkeypatch.setattr(report, "report_html", lambda *_: pages[seed])
            report.write_html(results, path)
        elif kind == "csv":
            export.write_csv(results.table, path)
        elif kind == "jsonl":
            export.write_jsonl(results.table, path)
        elif kind == "notes":
            notes.save_notes(notes.Notes().write("a", f"note {seed}"), path)
        else:
            write_manifest(
                (Item(f"{seed}-{i}", None, "i am angry", ("anger",)) for i in range(50)),
                path,
            )
            read_manifest(path)

    check_kills(lambda: write(2), lambda: write(1), lambda: path.read_text() or None)


def test_checkpoints_are_never_half_written_nor_mixed(
    tmp_path: Path,
    tiny_parts: tuple[DRKF, PreTrainedTokenizerFast],
    tiny_model: DRKF,
    tiny_checkpoint: Path,
) -> None:
    """Another calibration with older weights would load, and give wrong probabilities."""
    original = load_checkpoint(tiny_checkpoint)
    folder = tmp_path / "checkpoint"

    def write(scale: float) -> None:
        model = DRKF(tiny_model.config)
        model.load_state_dict(
            {
                name: value * scale if value.is_floating_point() else value
                for name, value in tiny_model.state_dict().items()
            }
        )
        save_checkpoint(
            folder,
            model,
            tiny_parts[1],
            replace(Calibration(), fused_temperature=scale),
            replace(original.neutral_speech, hidden=original.neutral_speech.hidden * scale),
            (f"neutral {scale}",),
            {"trained_on": str(scale), "licence": "MIT", "headline": {}},
        )

    def read() -> str | None:
        try:
            found = load_checkpoint(folder)
        except CheckpointError:
            return None
        weights = torch.stack([p.double().sum() for p in found.model.parameters()]).sum()
        about = found.info.trained_on, found.calibration.fused_temperature, found.neutral_texts
        return json.dumps([*about, float(weights), float(found.neutral_speech.hidden.sum())])

    check_kills(lambda: write(2.0), lambda: write(1.0), read)
