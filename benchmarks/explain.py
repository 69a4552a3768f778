"""What an explanation costs beside the two encoders: python benchmarks/explain.py

Takes a voice of 5 s and a sentence of 10 words through the pipeline and compares everything that
follows encoding (probabilities, readings of inconsistency, attention, Shapley values, relevance,
faithfulness) with one forward pass of the speech encoder and one of the text encoder. Prints the
ratio of the medians and exits with 1 where it is above the limit. Processor time on one thread:
what else the machine does then changes little.
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
from drkf.explain import METHODS
from drkf.files import SHIPPED
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline

LIMIT = 4.0
SECONDS = 5
WORDS = "I really did not think that you would do that"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--checkpoint", default=SHIPPED, help="folder or hub id")
    parser.add_argument("--clip", type=Path, help="speech (default: the gallery's first clip)")
    parser.add_argument("--method", choices=METHODS, default=METHODS[0])
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    torch.set_num_threads(1)

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
    model = checkpoint.model
    features = model.speech_features([voice])
    ids = checkpoint.tokenizer([WORDS], return_tensors="pt")["input_ids"]
    mask = torch.ones_like(ids, dtype=torch.bool)

    @torch.no_grad()
    def encoders() -> None:
        model.encode_speech(features)
        model.encode_text(ids, mask)

    def explanation() -> None:
        pipeline.explain(utterance, analysis, args.method)

    analysis = pipeline.predict(utterance)
    stages: dict[str, Callable[[], Any]] = {
        "encoders": encoders,
        "answer": lambda: pipeline.predict(utterance),
        "explanation": explanation,
    }
    times: dict[str, list[float]] = {name: [] for name in stages}
    for round_number in range(args.rounds + 2):
        for name, stage in stages.items():
            start = time.process_time()
            stage()
            if round_number >= 2:  # the first two warm up
                times[name].append(time.process_time() - start)

    seconds = {name: median(values) for name, values in times.items()}
    for name, value in seconds.items():
        print(f"{name:12} {1000 * value:7.1f} ms")
    ratio = (seconds["answer"] + seconds["explanation"]) / seconds["encoders"]
    print(f"(answer + explanation by {args.method}) / encoders = {ratio:.2f}, limit {LIMIT:.2f}")
    return 0 if ratio <= LIMIT else 1


def gallery_clip() -> Path:
    """The first clip of the gallery."""
    return next(item.audio for item in load_gallery() if item.audio is not None)


if __name__ == "__main__":
    sys.exit(main())
