"""``drkf faithfulness``: every relevance method against random maps, on dev clips and texts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from drkf.analysis import FaithfulnessEvidence
from drkf.checkpoint import read_metrics
from drkf.data.manifest import Input, Item
from drkf.errors import CheckpointError, DRKFError, ManifestError
from drkf.evaluation import deletion
from drkf.evaluation.card import write_card
from drkf.evaluation.dev_set import draw_pairs
from drkf.evaluation.held_out import held_out
from drkf.evaluation.markdown import table
from drkf.explain import METHODS
from drkf.pipeline import EmotionPipeline

VOICE, WORDS, BOTH = "voice alone", "words alone", "voice and words"


@dataclass(frozen=True)
class FaithfulnessRow:
    """Means over ``count`` utterances; ``better_than_random`` is the share of them where the map
    beats random maps on both figures."""

    inputs: str
    method: str
    count: int
    comprehensiveness: float
    random_comprehensiveness: float
    sufficiency: float
    random_sufficiency: float
    better_than_random: float

    @property
    def margin(self) -> float:
        """By how much the map beats random ones, both figures together."""
        return (
            self.comprehensiveness
            - self.random_comprehensiveness
            + self.random_sufficiency
            - self.sufficiency
        )


def report(
    pipeline: EmotionPipeline,
    inputs: Mapping[str, Sequence[Input]],
    methods: Sequence[str] = METHODS,
) -> list[FaithfulnessRow]:
    """A row for each kind of input and each method; what cannot be analysed is left out.

    Raises:
        ManifestError: nothing of a kind can be analysed.
    """
    rows = []
    for kind, items in inputs.items():
        found: dict[str, list[FaithfulnessEvidence]] = {method: [] for method in methods}
        for item in tqdm(items, desc=kind, unit="utterance", disable=None):
            try:
                utterance = pipeline.encode(item.audio, item.text, transcribe=False)
            except DRKFError:
                continue
            emotion = pipeline.predict(utterance).emotion
            for method in methods:
                relevance = pipeline.relevance(utterance, emotion, method)
                if relevance.faithfulness is not None:
                    found[method].append(relevance.faithfulness)
        for method, evidence in found.items():
            if not evidence:
                raise ManifestError(f"no input with {kind} could be analysed")
            rows.append(mean_evidence(kind, method, evidence))
    return rows


def mean_evidence(
    inputs: str, method: str, evidence: Sequence[FaithfulnessEvidence]
) -> FaithfulnessRow:
    """The mean of each measure over the utterances of one kind of input."""

    def mean(name: str) -> float:
        return float(np.mean([getattr(one, name) for one in evidence]))

    return FaithfulnessRow(
        inputs=inputs,
        method=method,
        count=len(evidence),
        comprehensiveness=mean("comprehensiveness"),
        random_comprehensiveness=mean("random_comprehensiveness"),
        sufficiency=mean("sufficiency"),
        random_sufficiency=mean("random_sufficiency"),
        better_than_random=mean("better_than_random"),
    )


def best_method(rows: Sequence[FaithfulnessRow]) -> str:
    """The method with the largest margin over random maps, every kind of input counting alike."""
    methods = dict.fromkeys(row.method for row in rows)
    return max(methods, key=lambda name: sum(row.margin for row in rows if row.method == name))


def faithfulness_table(rows: Sequence[FaithfulnessRow]) -> str:
    """A Markdown table."""
    header = (
        "inputs",
        "method",
        "n",
        "comprehensiveness (random)",
        "sufficiency (random)",
        "better than random",
    )
    lines = (
        (
            row.inputs,
            row.method,
            str(row.count),
            f"{row.comprehensiveness:.3f} ({row.random_comprehensiveness:.3f})",
            f"{row.sufficiency:.3f} ({row.random_sufficiency:.3f})",
            f"{row.better_than_random:.0%}",
        )
        for row in rows
    )
    return table(header, lines)


def dev_inputs(
    clips: Sequence[Item], texts: Sequence[Item], count: int, seed: int = 0
) -> dict[str, list[Input]]:
    """``count`` voices, as many sentences, and as many pairs, half of them consistent."""
    rng = random.Random(seed)
    voices = rng.sample(clips, min(count, len(clips)))
    words = rng.sample(texts, min(count, len(texts)))
    pairs = draw_pairs(
        np.array([clip.emotion for clip in clips]),
        np.array([text.emotion for text in texts]),
        (count + 1) // 2,
        seed,
    )
    chosen = [
        (clips[a], texts[t])
        for a, t in zip(pairs.audio, pairs.text, strict=True)
        if a is not None and t is not None
    ]
    return {
        VOICE: [Input(clip.id, clip.audio, None) for clip in voices],
        WORDS: [Input(text.id, None, text.text) for text in words],
        BOTH: [Input(f"{a.id}+{t.id}", a.audio, t.text) for a, t in chosen[:count]],
    }


def deleted_words(
    pipeline: EmotionPipeline, texts: Sequence[Item], count: int, method: str, seed: int = 0
) -> str:
    """The table of word relevance by deletion, with the negations that ``method`` names; or that
    the model reads no text well enough to be explained."""
    mixed = random.Random(seed).sample(list(texts), len(texts))
    try:
        rows = deletion.judge_words(pipeline, mixed, count)
    except ManifestError as error:
        return f"Words were not deleted: {error}.\n"
    return deletion.render(rows, deletion.judge_negations(pipeline, method))


def measure_faithfulness(
    checkpoint: str, speech: Path, text: Path, count: int, update: bool
) -> None:
    """Prints the table of a checkpoint; with ``update`` also puts it in its card.

    Raises:
        DRKFError: something given is unusable, or ``update`` of a checkpoint on the hub.
    """
    if count < 1:
        raise ManifestError(f"--count must be at least 1, not {count}")
    folder = Path(checkpoint)
    if update and not folder.is_dir():
        raise CheckpointError(f"only a checkpoint folder can be updated: download {checkpoint}")
    held = held_out(checkpoint, speech, text)
    pipeline = EmotionPipeline.from_pretrained(checkpoint)
    rows = report(pipeline, dev_inputs(held.clips, held.texts, count))
    best = best_method(rows)
    told = f"{faithfulness_table(rows)}\n{deleted_words(pipeline, held.texts, count, best)}"
    print(f"{told}\nMost faithful: {best}")
    if update:
        about = read_metrics(folder)
        about["faithfulness"] = {"table": told, "best": best}
        write_card(folder, about)
