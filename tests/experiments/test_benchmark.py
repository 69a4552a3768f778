"""Whole benchmarks on miniature corpora with tiny random encoders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import drkf.experiments.benchmark
from drkf.checkpoint import load_checkpoint
from drkf.cli import main
from drkf.data import IEMOCAP, M3ED, MELD, RAVDESS, TESS
from drkf.data.manifest import Item
from drkf.errors import CorpusError
from drkf.evaluation import metrics
from drkf.experiments.folds import make_folds, usable
from drkf.experiments.presets import read_preset
from drkf.experiments.table import benchmark_table
from drkf.files import write_json
from drkf.pipeline import EmotionPipeline
from tests.helpers.sound import any_sound


def records(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "predictions.jsonl").read_text().splitlines()]


def test_iemocap_from_folder_to_table(iemocap, tiny_settings, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("drkf.listening.find_speech", any_sound)  # the voices are tones
    out = tmp_path / "out"
    command = ["benchmark", "iemocap", "--root", str(iemocap), "--out", str(out), "--epochs", "2"]
    command += ["--set", "accumulation=2", "stage.batch_size=4", *tiny_settings]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "2 utterances have no readable clip and are judged by their words" in printed
    assert "1 clips are shorter than 0.3 s" in printed
    assert "| published DRKF |  | 79.9 | 80.7 | – | – | – |" in printed
    sessions = [f"Session{n}" for n in range(1, 6)]
    for session in sessions:
        folder = out / "full" / session
        result = json.loads((folder / "result.json").read_text())
        assert result["n"] == {"train": 21, "dev": 7, "test": 7}
        assert [epoch["epoch"] for epoch in result["history"]] == [1, 2]
        best = max(result["history"], key=lambda epoch: epoch["dev"]["score"])
        assert result["epoch"] == best["epoch"]
        assert result["dev_figures"]["WA"] == pytest.approx(best["dev"]["WA"], abs=1e-4)
        predicted = records(folder)
        assert {f"iemocap-Ses0{session[-1]}F_impro01_F000"} <= {row["id"] for row in predicted}
        truth = np.array([IEMOCAP.labels.index(row["emotions"][0]) for row in predicted])
        chosen = np.array([IEMOCAP.labels.index(row["predicted"][0]) for row in predicted])
        assert result["figures"]["WA"] == metrics.weighted_accuracy(truth, chosen)
        assert result["figures"]["UAR"] == metrics.unweighted_average_recall(truth, chosen)
        assert 0 <= result["figures"]["ED AUROC"] <= 1
        assert sorted(p.name for p in folder.iterdir()) == [
            "checkpoint",
            "predictions.jsonl",
            "result.json",
        ]
    assert printed.count("| Session") == 5
    assert (out / "table.md").read_text() in printed

    # A finished fold is left alone; a missing one is run again, to the same result.
    before = {s: (out / "full" / s / "result.json").stat().st_mtime_ns for s in sessions}
    third = json.loads((out / "full/Session3/result.json").read_text())
    (out / "full/Session3/result.json").unlink()
    assert main(command) == 0
    after = {s: (out / "full" / s / "result.json").stat().st_mtime_ns for s in sessions}
    assert [s for s in sessions if before[s] != after[s]] == ["Session3"]
    assert (
        json.loads((out / "full/Session3/result.json").read_text())["figures"] == third["figures"]
    )
    capsys.readouterr()
    assert main([*command, "stage.batch_size=2"]) == 2
    assert "another config: give an empty folder" in capsys.readouterr().err

    # The fold's checkpoint is one of ours.
    folder = out / "full/Session1"
    loaded = load_checkpoint(folder / "checkpoint", device="cpu")
    assert loaded.info.labels == IEMOCAP.labels
    assert loaded.info.metrics == pytest.approx(
        json.loads((folder / "result.json").read_text())["figures"]
    )
    pipeline = EmotionPipeline.from_pretrained(folder / "checkpoint")
    items = {item.id: item for item in IEMOCAP.read(iemocap)}
    for row in records(folder)[:3]:
        item = items[row["id"]]
        analysis = pipeline.analyze(item.audio, item.text, transcribe=False, explain=False)
        assert analysis.emotion == row["predicted"][0]


def test_m3ed_has_several_labels_and_ablations(m3ed, tiny_settings, tmp_path, capsys):
    out = tmp_path / "out"
    command = ["benchmark", "m3ed", "--root", str(m3ed), "--out", str(out), "--ablation"]
    command += ["--epochs", "1", "--set", "stage.batch_size=8", *tiny_settings, "precision=bf16"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "| published DRKF |  | 50.6 | 52.0 | – | – | – |" in printed
    for variant in ("full", "without-ED", "without-PCMIE"):
        folder = out / variant / "official"
        predicted = records(folder)
        assert [row["emotions"] for row in predicted[:2]] == [["anger", "surprise"], ["joy"]]
        assert all(row["predicted"] for row in predicted)
        truth, chosen = (
            np.array([[label in row[key] for label in M3ED.labels] for row in predicted])
            for key in ("emotions", "predicted")
        )
        result = json.loads((folder / "result.json").read_text())
        figures, thresholds = result["figures"], np.array(result["thresholds"])
        ratios = np.array([list(row["probabilities"].values()) for row in predicted]) / thresholds
        ratios = np.minimum(ratios, 1)  # where none reaches its threshold, the nearest counts
        above = ratios == ratios.max(1, keepdims=True)
        assert (above == chosen).all()
        assert figures["exact match"] == metrics.exact_match(truth, chosen)
        assert figures["WF1"] == metrics.multi_label_f1(truth, chosen, "weighted")
        assert ("ED AUROC" in figures) == (variant != "without-ED")
        assert (folder / "best.safetensors").is_file()
        assert main(["push", "a/b", "--checkpoint", str(folder / "checkpoint")]) == 2
        assert "several labels to an utterance: it cannot be shared" in capsys.readouterr().err
    rows = [line.split("|")[1].strip() for line in printed.splitlines() if line.startswith("| ")]
    assert [r for r in rows if "mean" in r] == [
        "**full, mean**",
        "**without ED, mean**",
        "**without PCMIE, mean**",
    ]


def test_meld_from_its_films(meld, tiny_settings, tmp_path, capsys, monkeypatch):
    out = tmp_path / "out"
    command = ["benchmark", "meld", "--root", str(meld), "--out", str(out), "--epochs", "1"]
    command += ["--set", "stage.batch_size=4", *tiny_settings]

    def stopped(path: Path, data: dict) -> None:
        if path.name == "result.json":
            raise KeyboardInterrupt
        write_json(path, data)

    # Stopped at the last moment, when all is written but the result: it goes on from there.
    with monkeypatch.context() as patch:
        patch.setattr(drkf.experiments.benchmark, "write_json", stopped)
        assert main(command) == 130
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "2 utterances have no readable clip (2 of them in no copy of the corpus)" in printed
    assert "| published DRKF |  | 66.7 | – | 65.4 | – | – |" in printed
    result = json.loads((out / "full/official/result.json").read_text())
    assert result["n"] == {"train": 9, "dev": 5, "test": 8}
    assert [row["id"] for row in records(out / "full/official")] == [
        f"meld-test-dia0-utt{n}" for n in range(8)
    ]
    assert load_checkpoint(out / "full/official/checkpoint").info.labels == MELD.labels


def test_ablations_switch_off_what_they_name():
    config = read_preset("paper")
    assert config.without_ed().loss.bce == 0 and config.without_ed().shuffles == 0
    assert config.without_ed().loss.mi_audio == config.loss.mi_audio == 0.2
    without = config.without_pcmie().loss
    assert (without.mi_audio, without.mi_text, without.mi_audio_text, without.mse, without.kld) == (
        0,
    ) * 5
    assert without.bce == config.loss.bce == 0.2


def test_the_paper_preset_has_the_papers_hyper_parameters():
    config = read_preset("paper")
    model, stage, loss = config.model, config.stage, config.loss
    assert (model.hidden_size, model.fusion_layers, model.fusion_heads) == (1024, 6, 8)
    assert (model.fusion_ff_size, model.augmentation_blocks) == (4096, 5)
    assert model.augmentation_sizes == (256, 128, 64)
    assert (stage.learning_rate, stage.encoder_learning_rate) == (1e-5, 1e-5)
    assert (stage.batch_size, stage.weight_decay) == (4, 0.0)
    assert (loss.ce, loss.bce, loss.mse, loss.kld) == (1.0, 0.2, 0.2, 1.0)
    assert loss.mi_audio == loss.mi_text == loss.mi_audio_text == 0.2


def acted(speakers: int) -> list[Item]:
    return [
        Item(f"{s}-{n}", Path("x.wav"), "Dogs.", ("joy",), speaker=f"s{s}")
        for s in range(speakers)
        for n in range(3)
    ]


def test_corpora_without_splits_are_split_by_speaker():
    items = acted(7)
    folds = make_folds(RAVDESS, items, seed=0)
    assert sorted(i.id for fold in folds for i in fold.test) == sorted(i.id for i in items)
    assert len(folds) == 5
    for fold in folds:
        parts = [{i.speaker for i in part} for part in (fold.train, fold.dev, fold.test)]
        assert all(parts)
        assert sum(map(len, parts)) == len(set.union(*parts)) == 7
    with pytest.raises(CorpusError, match="takes at least 3"):
        make_folds(TESS, acted(2), seed=0)


def test_unusable_clips_leave_their_words(tmp_path):
    items = [
        Item("meld-dev-dia110-utt7", tmp_path / "none.mp4", "What?", ("anger",)),
        Item("b", tmp_path / "none.wav", None, ("joy",)),
        Item("c", None, "Words alone.", ("joy",)),
    ]
    kept, notes = usable(items, MELD)
    assert [(item.id, item.audio) for item in kept] == [
        ("meld-dev-dia110-utt7", None),
        ("c", None),
    ]
    assert "1 of them in no copy" in notes[0]
    assert "1 utterances have neither voice nor words" in notes[1]


def test_table_of_several_folds_names_every_metric():
    results = {
        "full": {
            name: {"n": {"test": 10}, "figures": {"WA": wa, "WF1": 0.5, "ED AUROC": 0.75}}
            for name, wa in (("a", 0.6), ("b", 0.8))
        }
    }
    text = benchmark_table(MELD, "paper", results)
    assert "| a | 10 | 60.0 | 50.0 | 75.0 |" in text
    assert "| **full, mean** | 20 | 70.0 ± 14.1 | 50.0 ± 0.0 | 75.0 ± 0.0 |" in text
    assert "| published DRKF |  | 66.7 | 65.4 | – |" in text
    for name in ("WA: ", "WF1: ", "ED AUROC: "):
        assert f"- {name}" in text
