"""The ``drkf`` command: predict's contract, analyze's summary, one line for every mistake."""

from __future__ import annotations

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from drkf import batch
from drkf.cli import EXAMPLES, build_parser, main
from drkf.pipeline import EmotionPipeline
from tests.helpers.sound import any_sound

ROOT = Path(__file__).parents[2]
KEYS = [
    "id",
    "emotion",
    "probabilities",
    "audio_probabilities",
    "text_probabilities",
    "inconsistency",
    "text",
    "text_source",
    "seconds",
    "error",
]


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)
    (tmp_path / "clips").mkdir()
    noise = 0.1 * np.random.default_rng(0).standard_normal(16_000)
    soundfile.write(tmp_path / "clips" / "one.wav", noise, 16_000)
    (tmp_path / "broken.wav").write_bytes(b"RIFF not a wav at all")
    rows = [
        ("both", "clips/one.wav", "i am happy"),
        ("voice", str(tmp_path / "clips" / "one.wav"), ""),
        ("words", "", "so very sad"),
        ("gone", "nowhere.wav", "i am"),
        ("broken", "broken.wav", ""),
        ("neither", "", ""),
        ("last", "", "fine"),
    ]
    path = tmp_path / "in.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("id", "audio", "text"))
        writer.writerows(rows)
    return path


def predict(manifest: Path, checkpoint: Path, *more: str) -> tuple[int, Path]:
    out = manifest.parent / "out.jsonl"
    arguments = ["predict", "--manifest", str(manifest), "--out", str(out)]
    return main([*arguments, "--checkpoint", str(checkpoint), *more]), out


def test_predict(manifest: Path, tiny_checkpoint: Path) -> None:
    code, out = predict(manifest, tiny_checkpoint)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert code == 0
    assert [row["id"] for row in rows] == [
        "both", "voice", "words", "gone", "broken", "neither", "last",
    ]  # fmt: skip
    assert all(list(row) == KEYS for row in rows)
    both, voice, words, *failed, last = rows
    assert both["error"] is None and 0 <= both["inconsistency"] <= 1
    assert both["text_source"] == "typed" and both["text"] == "i am happy"
    assert both["emotion"] == max(both["probabilities"], key=both["probabilities"].get)
    assert voice["text_probabilities"] is None and voice["inconsistency"] is None
    assert voice["probabilities"] == voice["audio_probabilities"]
    assert voice["text_source"] == "none"
    assert words["audio_probabilities"] is None
    assert words["probabilities"] == words["text_probabilities"]
    for row in failed:
        assert row["error"] and "\n" not in row["error"] and row["emotion"] is None
    assert last["error"] is None


@pytest.mark.parametrize(
    "content",
    [None, "", "id,audio\n", "name,sound\na,b\n", "id,audio,text\na,,x\na,,y\n"],
    ids=["missing", "empty", "no rows", "no columns", "double id"],
)
def test_unusable_manifest_is_one_line(
    content: str | None,
    tmp_path: Path,
    tiny_checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "in.csv"
    if content is not None:
        path.write_text(content)
    code, out = predict(path, tiny_checkpoint)
    assert code == 2
    assert not out.exists()
    error = capsys.readouterr().err.strip().splitlines()
    assert len([line for line in error if line.startswith("drkf:")]) == 1
    assert "Traceback" not in "".join(error)


def test_half_a_character_and_deep_nesting_are_their_rows_own_trouble(
    tmp_path: Path, tiny_checkpoint: Path
) -> None:
    manifest = tmp_path / "odd.jsonl"
    lines = [
        '{"id": "half \\ud800", "text": "i am \\udc00 happy"}',
        '{"id": "none", "text": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"id": "last", "text": "fine"}',
    ]
    manifest.write_text("\n".join(lines))
    code, out = predict(manifest, tiny_checkpoint)
    half, deep, last = (json.loads(line) for line in out.read_text().splitlines())
    assert code == 0
    assert half["id"] == "half ?" and half["error"] is None
    assert "not JSON" in deep["error"]
    assert last["error"] is None


def test_a_place_that_cannot_be_written_to_is_one_line_before_the_work(
    manifest: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "figures.json"
    given = ["--manifest", str(manifest), "--checkpoint", "checkpoints/nowhere"]
    assert main(["evaluate", *given, "--out", str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "file" in line and "nowhere" not in line


def test_no_utterances_to_explain_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--speech", str(tmp_path), "--text", str(tmp_path)]
    assert main(["faithfulness", *given, "--count", "0"]) == 2
    assert "--count must be at least 1" in capsys.readouterr().err


def test_missing_checkpoint_is_one_line(manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = predict(manifest, Path("checkpoints/none-such"))
    assert code == 2 and not out.exists()
    assert "checkpoints/none-such" in capsys.readouterr().err


def test_analyze_prints_a_summary(
    tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", "--text", "i am happy", "--checkpoint", str(tiny_checkpoint)]) == 0
    printed = capsys.readouterr().out
    assert "words" in printed and "i am happy" in printed


def test_analyze_prints_json(tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["analyze", "--text", "i am happy", "--json"]
    assert main([*arguments, "--checkpoint", str(tiny_checkpoint)]) == 0
    assert json.loads(capsys.readouterr().out)["transcript"]["source"] == "typed"


def test_analyze_without_input(tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyze", "--checkpoint", str(tiny_checkpoint)]) == 2
    assert "type a sentence" in capsys.readouterr().err


def test_module_and_command_are_the_same() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "drkf", "--help"], capture_output=True, text=True, timeout=60
    )
    assert found.returncode == 0
    assert found.stdout.startswith("usage: drkf")


def test_help_names_every_command() -> None:
    printed = re.findall(r"^    ([a-z-]+)", build_parser().format_help(), flags=re.MULTILINE)
    for path in (ROOT / "drkf" / "cli").glob("*.py"):
        if "def add_parser(" in path.read_text("utf-8"):
            assert path.stem.replace("_", "-") in printed


def test_help_answers_at_once() -> None:
    """What takes seconds to import is imported when a command runs."""
    code = (
        "import sys; from drkf.cli import build_parser; build_parser().format_help();"
        "print({'torch', 'pandas', 'numpy', 'transformers', 'gradio'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert found.stdout.strip() == "set()", found.stderr


def test_the_presets_that_the_options_name_are_the_presets() -> None:
    from drkf.cli import arguments
    from drkf.experiments import presets

    assert tuple(presets.PRESETS) == arguments.PRESETS


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_an_output_that_is_the_input_is_refused(
    command: str,
    manifest: Path,
    tiny_checkpoint: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = manifest.read_bytes()
    (manifest.parent / "other").symlink_to(manifest.parent)
    for out in (manifest, manifest.parent / "other" / manifest.name):
        given = ["--manifest", str(manifest), "--out", str(out)]
        assert main([command, *given, "--checkpoint", str(tiny_checkpoint)]) == 2
        assert "is an input of this command" in capsys.readouterr().err
    assert manifest.read_bytes() == before


def test_predict_keeps_order_over_batches_and_says_what_predict_says(
    manifest: Path, tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(batch.BATCH_ROWS, "cpu", 2)
    code, out = predict(manifest, tiny_checkpoint)
    rows = {row["id"]: row for row in map(json.loads, out.read_text().splitlines())}
    assert code == 0
    assert list(rows) == ["both", "voice", "words", "gone", "broken", "neither", "last"]
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    alone = pipeline.predict(
        pipeline.encode(manifest.parent / "clips" / "one.wav", "i am happy", transcribe=False)
    )
    assert rows["both"]["probabilities"] == pytest.approx(alone.fused.as_mapping(), abs=1e-5)
    assert alone.inconsistency is not None
    assert rows["both"]["inconsistency"] == pytest.approx(
        alone.inconsistency.discrimination, abs=1e-5
    )
    assert rows["neither"]["error"] == "neither audio nor text"
    assert "nowhere.wav" in rows["gone"]["error"] and "broken" in rows["broken"]["error"]


def test_predict_reads_what_analyze_set_reads(tmp_path: Path, tiny_checkpoint: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_bytes("sep=;\r\nsentence;label\r\nÜber alles;joy\r\nnan;joy\r\n".encode("cp1252"))
    code, out = predict(table, tiny_checkpoint)
    first, second = map(json.loads, out.read_text().splitlines())
    assert code == 0
    assert (first["id"], first["text"], first["error"]) == ("row-1", "Über alles", None)
    assert second["error"] == "neither audio nor text"


def test_evaluate_counts_rows_without_a_known_label_and_goes_on(
    tmp_path: Path, tiny_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "in.csv"
    table.write_text("sentence;label\ni am happy;happy\nso very sad;fru\ni hate you;anger\n")
    assert main(["evaluate", "--manifest", str(table), "--checkpoint", str(tiny_checkpoint)]) == 0
    said = capsys.readouterr().out
    assert "1 rows could not be analysed" in said and "unknown emotion 'fru'" in said


def test_every_command_has_an_example_that_is_understood() -> None:
    parser = build_parser()
    listed = re.findall(r"^    ([a-z-]+)", parser.format_help(), flags=re.MULTILINE)
    assert set(listed) == set(EXAMPLES)
    for name, example in EXAMPLES.items():
        assert shlex.split(example)[0] == name
        assert parser.parse_args(shlex.split(example)).run
