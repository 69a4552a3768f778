"""What a quiet room around speech does to the answer: python benchmarks/quiet.py MANIFEST.csv

The manifest is a table of clips with the columns audio, emotion and corpus. Each clip, with the
noise of a room under it, is analysed without its words, alone and with 5 s of the same room before
and 10 s after it. Prints for each level of the noise how often the answer is another one or moves
by more than 0.05, of the clips in which speech is found when they are alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from drkf.analysis import Prediction
from drkf.audio.activity import find_speech
from drkf.audio.clip import SAMPLE_RATE, Clip, load_audio
from drkf.data.manifest import read_manifest
from drkf.errors import AudioError, DRKFError
from drkf.pipeline import EmotionPipeline

LEVELS = (None, -65.0, -55.0, -45.0)  # dBFS of pink noise; None: no noise, digital silence around
BEFORE, AFTER = 5, 10  # seconds
MOVED = 0.05  # of a probability


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("manifest", type=Path, help="CSV, TSV or JSONL")
    parser.add_argument("--every", type=int, default=1, help="take each n-th clip (default: all)")
    args = parser.parse_args()
    items = [item for item in read_manifest(args.manifest) if item.audio is not None]
    pipeline = EmotionPipeline.from_pretrained()
    moves: dict[float | None, list[tuple[bool, float]]] = {level: [] for level in LEVELS}
    for item in tqdm(items[:: args.every], unit="clip", disable=None):
        voice = load_audio(item.audio).samples
        for level in LEVELS:
            before, after = BEFORE * SAMPLE_RATE, AFTER * SAMPLE_RATE
            sound = room(level, before + len(voice) + after)
            sound[before : before + len(voice)] += voice
            alone = Clip(sound[before : before + len(voice)])
            speech = find_speech(alone)
            if speech is not None and speech.certain:
                moves[level].append(change(answer(pipeline, alone), answer(pipeline, Clip(sound))))
    print("\n".join(table(moves)))
    return 0


def room(level: float | None, count: int) -> np.ndarray:
    """Pink noise, (count,) float32."""
    if level is None:
        return np.zeros(count, np.float32)
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(count))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), count)
    return (10 ** (level / 20) * noise / noise.std()).astype(np.float32)


def answer(pipeline: EmotionPipeline, clip: Clip) -> Prediction | None:
    """None where the clip is refused."""
    try:
        return pipeline.analyze(clip, transcribe=False, explain=False).fused
    except AudioError:
        return None


def change(alone: Prediction | None, around: Prediction | None) -> tuple[bool, float]:
    """Whether the answer is another one, and how much the probability that moves most does."""
    if alone is None or around is None:
        return True, 1.0
    moved = np.abs(np.subtract(alone.probabilities, around.probabilities)).max()
    return alone.emotion != around.emotion, float(moved)


def table(moves: dict[float | None, list[tuple[bool, float]]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield "| noise | clips | another answer | moves by more than 0.05 | moves on average by |"
    yield "| --- | --: | --: | --: | --: |"
    for level, found in moves.items():
        if not found:
            continue
        name = "none" if level is None else f"{level:g} dBFS"
        others = 100 * np.mean([other for other, _ in found])
        moved = 100 * np.mean([move > MOVED for _, move in found])
        mean = np.mean([move for _, move in found])
        yield f"| {name} | {len(found)} | {others:.1f} % | {moved:.1f} % | {mean:.3f} |"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DRKFError as error:
        sys.exit(str(error))
