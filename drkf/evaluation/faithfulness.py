"""``drkf faithfulness``: how good the explanations of a checkpoint are, on dev clips and texts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import get_args

import numpy as np
from tqdm.auto import tqdm

from drkf.analysis import FaithfulnessEvidence, Grade
from drkf.checkpoint import read_metrics
from drkf.data.manifest import Input, Item
from drkf.errors import CheckpointError, DRKFError, ManifestError
from drkf.evaluation import cues, deletion, pointing
from drkf.evaluation.card import write_card
from drkf.evaluation.dev_set import draw_pairs
from drkf.evaluation.held_out import HeldOut, held_out
from drkf.evaluation.measure import Measure, measure_table
from drkf.explain import METHODS
from drkf.pipeline import EmotionPipeline

#: Sentences with exactly one emotion word are looked for among this many times as many.
POINTING = 4
VOICE, WORDS, BOTH = "voice alone", "words alone", "voice and words"


def report(pipeline: EmotionPipeline, inputs: Mapping[str, Sequence[Input]]) -> list[Measure]:
    """Comprehensiveness and sufficiency for each kind of input, beside random maps; what cannot be
    analysed is left out.

    Raises:
        ManifestError: nothing of a kind can be analysed.
    """
    measures = []
    for kind, items in inputs.items():
        found: list[FaithfulnessEvidence] = []
        for item in tqdm(items, desc=kind, unit="utterance", disable=None):
            try:
                utterance = pipeline.encode(item.audio, item.text, transcribe=False)
            except DRKFError:
                continue
            emotion = pipeline.predict(utterance).emotion
            evidence = pipeline.relevance(utterance, emotion).faithfulness
            if evidence is not None:
                found.append(evidence)
        if not found:
            raise ManifestError(f"no input with {kind} could be analysed")
        measures += mean_evidence(kind, found)
    return measures


def mean_evidence(kind: str, evidence: Sequence[FaithfulnessEvidence]) -> list[Measure]:
    """The means of a kind of input."""

    def mean(name: str) -> float:
        return float(np.mean([getattr(one, name) for one in evidence]))

    return [
        Measure(f"{kind}: {name} (first 20 %)", len(evidence), mean(name), mean(f"random_{name}"))
        for name in ("comprehensiveness", "sufficiency")
    ] + [
        Measure(f"{kind}: better than random on both", len(evidence), mean("better_than_random")),
        *(
            Measure(
                f"{kind}: the page says {grade}",
                len(evidence),
                float(np.mean([one.grade == grade for one in evidence])),
            )
            for grade in get_args(Grade)
        ),
    ]


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


def judge(pipeline: EmotionPipeline, held: HeldOut, count: int, seed: int = 0) -> list[Measure]:
    """Everything that is measured by deleting parts of the input, and by planting them; words only
    where the model reads some text rightly and surely."""
    rng = random.Random(seed)
    texts, clips = rng.sample(held.texts, len(held.texts)), rng.sample(held.clips, len(held.clips))
    measures: list[Measure] = []
    sentences = deletion.sure_sentences(pipeline, texts, POINTING * count)
    if sentences:
        measures += deletion.judge_words(pipeline, sentences[:count])
        measures.append(deletion.judge_negations(pipeline))
        lexicon = pointing.read_lexicon()
        if lexicon is not None:
            measures.append(pointing.judge_pointing(pipeline, sentences, lexicon))
    measures += cues.judge_times(pipeline, clips, count)
    measures += cues.judge_cues(pipeline, clips, count)
    return [measure for measure in measures if measure.count]


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
    measures = report(pipeline, dev_inputs(held.clips, held.texts, count))
    told = measure_table([*judge(pipeline, held, count), *measures])
    print(told)
    if update:
        about = read_metrics(folder)
        about["faithfulness"] = {"table": told, "best": METHODS[0]}
        write_card(folder, about)
