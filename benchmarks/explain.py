"""What an explanation costs beside the answer: python benchmarks/explain.py

Takes a voice of 5 s and a sentence of 10 words, typed, from the clip to the answer and compares
that with the whole explanation (readings of inconsistency, attention, Shapley values, relevance of
words and of time, faithfulness) and with its first step, the words. The same without the typed
words, which are then recognised first. Prints ratios of medians of processor time and exits with 1
where one is above its limit.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from drkf.audio.clip import SAMPLE_RATE, load_audio
from drkf.checkpoint import load_checkpoint
from drkf.errors import DRKFError
from drkf.files import SHIPPED
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline

#: The whole explanation to the answer with recognised words; its first step to the answer with
#: typed words.
WHOLE, FIRST_WORDS = 2.5, 2.0
SECONDS = 5
WORDS = "I really did not think that you would do that"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--checkpoint", default=SHIPPED, help="folder or hub id")
    parser.add_argument("--clip", type=Path, help="speech (default: the gallery's first clip)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    try:
        checkpoint = load_checkpoint(args.checkpoint, "cpu")
        pipeline = EmotionPipeline(checkpoint)
        samples = load_audio(args.clip or gallery_clip()).samples
        voice = np.resize(samples, SECONDS * SAMPLE_RATE)  # cut, or repeated
        utterance = pipeline.encode((SAMPLE_RATE, voice), WORDS)
    except DRKFError as error:
        print(error, file=sys.stderr)
        return 2
    if not (utterance.encoded.has_audio and utterance.encoded.has_text):
        print("The clip must hold speech: give another one with --clip.", file=sys.stderr)
        return 2
    analysis = pipeline.predict(utterance)

    def answer(words: str | None) -> None:
        pipeline.predict(pipeline.encode((SAMPLE_RATE, voice), words))

    stages: dict[str, Callable[[], Any]] = {
        "answer, typed words": lambda: answer(WORDS),
        "answer, recognised words": lambda: answer(None),
        "explanation, its words": lambda: next(pipeline.explain_in_steps(utterance, analysis)),
        "explanation": lambda: pipeline.explain(utterance, analysis),
    }
    times: dict[str, list[float]] = {name: [] for name in stages}
    for round_number in range(args.rounds + 1):
        for name, stage in stages.items():
            start = time.process_time()
            stage()
            if round_number >= 1:  # the first warms up
                times[name].append(time.process_time() - start)

    typed, recognised, words, whole = (median(values) for values in times.values())
    for name, values in times.items():
        print(f"{name:26} {1000 * median(values):7.1f} ms")
    print(f"explanation / answer with typed words = {whole / typed:.2f}")
    ratios = (
        ("explanation / answer with recognised words", whole / recognised, WHOLE),
        ("its words / answer with typed words", words / typed, FIRST_WORDS),
    )
    for name, ratio, limit in ratios:
        print(f"{name} = {ratio:.2f}, limit {limit:.2f}")
    return 0 if all(ratio <= limit for _, ratio, limit in ratios) else 1


def gallery_clip() -> Path:
    """The first clip of the gallery."""
    return next(item.audio for item in load_gallery() if item.audio is not None)


if __name__ == "__main__":
    sys.exit(main())
