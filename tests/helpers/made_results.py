"""Results made up for tests, by rule, without a model."""

from __future__ import annotations

import numpy as np
import pandas as pd

from drkf.labels import EMOTIONS
from drkf.workbench import results as table
from drkf.workbench.results import FUSED, VOICE, WORDS, Results, typed

LABELS = ("anger", "joy", "sadness")


def make_results(
    count: int = 60,
    seed: int = 0,
    labels: tuple[str, ...] = EMOTIONS,
    accuracy: float = 0.7,
    checkpoint: str = "made-up",
) -> Results:
    """A labelled set of voice and words, right in about ``accuracy`` of its rows.

    Among every ten rows one lacks words, one lacks a voice, one a label and one has an error;
    six speakers, two genders, two corpora.
    """
    rng = np.random.default_rng(seed)
    rows = []
    truth = rng.integers(len(labels), size=count)
    embeddings = rng.standard_normal((count, 8)).astype(np.float32)
    embeddings[:, 0] += 4 * truth
    for i in range(count):
        place = i % 10
        voiced, worded, failed = place != 3, place != 5, place == 9
        told = truth[i] if rng.random() < accuracy else rng.integers(len(labels))
        fused = distribution(rng, len(labels), told)
        row = {
            "id": f"utterance-{i:03}",
            "audio": f"clips/{i:03}.wav" if voiced else "",
            "text": f"words of row {i}" if worded else "",
            "text_source": ("typed" if i % 2 else "asr") if worded else "none",
            "label": "" if place == 7 else labels[truth[i]],
            "original_label": "" if place == 7 else labels[truth[i]].upper(),
            "speaker": f"speaker-{i % 6}",
            "gender": "female" if i % 6 < 3 else "male",
            "corpus": "first" if i < count // 2 else "second",
            "duration": 1.0 + 7.0 * rng.random() if voiced else np.nan,
            "hash": f"{i:064x}",
            "warnings": "",
            "error": "the clip is damaged" if failed else "",
            "emotion": "",
            "inconsistency": np.nan,
            "inconsistent": pd.NA,
            "uncertain": pd.NA,
            "correct": pd.NA,
        }
        row |= {kind + name: np.nan for kind in (FUSED, VOICE, WORDS) for name in labels}
        if failed:
            embeddings[i] = np.nan
            rows.append(row)
            continue
        row |= dict(zip((FUSED + name for name in labels), fused, strict=True))
        row["emotion"] = labels[int(fused.argmax())]
        row["uncertain"] = bool(fused.max() < 0.4)
        if row["label"]:
            row["correct"] = row["emotion"] == row["label"]
        for kind, there, alone in ((VOICE, voiced, not worded), (WORDS, worded, not voiced)):
            if there:
                likely = told if rng.random() < 0.7 else rng.integers(len(labels))
                values = fused if alone else distribution(rng, len(labels), likely)
                row |= dict(zip((kind + name for name in labels), values, strict=True))
        if voiced and worded:
            row["inconsistency"] = float(rng.random())
            row["inconsistent"] = row["inconsistency"] >= 0.5
        rows.append(row)
    return Results(
        table.typed(pd.DataFrame(rows), labels), embeddings, labels, checkpoint, f"{seed:064x}"
    )


def distribution(rng: np.random.Generator, count: int, likeliest: int) -> np.ndarray:
    """(count,) probabilities whose largest is at ``likeliest``."""
    values = rng.dirichlet(np.ones(count))
    peak = int(values.argmax())
    values[[peak, likeliest]] = values[[likeliest, peak]]
    return values


def by_hand(rows: list[dict[str, object]], labels: tuple[str, ...] = LABELS) -> Results:
    """Results of a few rows; what a row does not say is empty. ``p``, ``voice`` and ``words`` are
    probabilities in the order of ``labels``."""
    made = []
    for i, row in enumerate(rows):
        values: dict[str, object] = {
            **dict.fromkeys(("audio", "speaker", "gender", "corpus", "warnings", "error"), ""),
            **{"id": f"row-{i}", "text": "words", "text_source": "typed", "hash": str(i)},
            **{"duration": np.nan, "inconsistency": np.nan},
            **{"inconsistent": pd.NA, "uncertain": False},
        }
        for kind, name in ((FUSED, "p"), (VOICE, "voice"), (WORDS, "words")):
            given = row.get(name, [np.nan] * len(labels))
            values |= dict(zip((kind + label for label in labels), given, strict=True))
        values["emotion"] = labels[int(np.argmax(row["p"]))]
        values["label"] = values["original_label"] = row.get("label", "")
        values["correct"] = values["emotion"] == row["label"] if row.get("label") else pd.NA
        made.append(values | {k: v for k, v in row.items() if k not in ("p", "voice", "words")})
    table = typed(pd.DataFrame(made), labels)
    return Results(table, np.eye(len(rows), 4, dtype=np.float32), labels, "by hand", "0" * 64)


def sure(label: str, confidence: float = 0.8) -> list[float]:
    """Probabilities that say ``label``."""
    rest = (1 - confidence) / (len(LABELS) - 1)
    return [confidence if name == label else rest for name in LABELS]
