"""A miniature of the training data: tones for voices, a few sentences for words."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import soundfile

CLASSES = ("anger", "joy", "neutral")
SENTENCES = {
    "anger": ("i hate this so", "what are you furious", "you cannot do that"),
    "joy": ("i love this so", "we are very happy", "i am glad of it"),
    "neutral": ("it is what it is", "this is a", "the we of and"),
}


def write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def write_corpora(root: Path) -> tuple[Path, Path]:
    """Folders of speech (five speakers, three emotions) and of texts (two corpora)."""
    speech, text = root / "speech", root / "text"
    speech.mkdir(), text.mkdir()
    rng = np.random.default_rng(0)
    rows = []
    for speaker in range(5):
        for c, emotion in enumerate(CLASSES):
            seconds = 0.4 + 0.1 * c + 0.03 * speaker
            t = np.arange(int(16_000 * seconds)) / 16_000
            wave = 0.2 * np.sin(2 * np.pi * (150 + 200 * c + 10 * speaker) * t)
            name = f"s{speaker}-{emotion}.wav"
            soundfile.write(speech / name, wave + 0.01 * rng.standard_normal(len(t)), 16_000)
            rows.append(
                {
                    "id": name,
                    "audio": name,
                    "text": "what are you" if speaker % 2 else "",
                    "emotion": emotion,
                    "speaker": f"s{speaker}",
                    "corpus": "mini",
                    "seconds": f"{seconds:.2f}",
                }
            )
    write_rows(speech / "manifest.csv", rows)
    for corpus in ("meld", "mixed"):
        for split, end in (("train", ""), ("dev", " not")):
            texts = [
                {"id": f"{corpus}-{split}-{e}-{i}", "text": s + end, "emotion": e}
                for e in CLASSES
                for i, s in enumerate(SENTENCES[e])
            ]
            if corpus == "mixed":
                texts.append({"id": "both", "text": "so so" + end, "emotion": "joy|neutral"})
            write_rows(text / f"{corpus}_{split}.csv", texts)
    return speech, text
