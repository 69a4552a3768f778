"""Whether live mode keeps up with the speaker: python benchmarks/live.py

Streams the gallery's voices with pauses between them through a live session, in pieces of half a
second as the page sends them, with a look at each second: detection, recognition, emotion and the
figure. Prints processing time over audio time and exits with 1 where it is above the limit.
Processor time, summed over threads: what else the machine does then changes little, and on two
cores the wall clock is at most this.
"""

from __future__ import annotations

import argparse
import sys
import time
from statistics import median

import numpy as np
import torch

from drkf.audio.clip import SAMPLE_RATE, load_audio
from drkf.conversation.live import HOP_SECONDS, LiveSession
from drkf.errors import DRKFError
from drkf.figures.timeline import emotions_over_time
from drkf.files import SHIPPED
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline

LIMIT = 0.5
PAUSE_SECONDS = 1.0
PIECE_SECONDS = 0.5
SHOWN_SECONDS = 60.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--checkpoint", default=SHIPPED, help="folder or hub id")
    parser.add_argument("--seconds", type=float, default=60.0, help="of audio (default: 60)")
    args = parser.parse_args()
    torch.set_num_threads(1)
    try:
        pipeline = EmotionPipeline.from_pretrained(args.checkpoint, "cpu")
        pipeline.recognizer.load()
        sound = speech(args.seconds)
    except DRKFError as error:
        print(error, file=sys.stderr)
        return 2

    stream(pipeline, sound[: 6 * SAMPLE_RATE])  # warms up
    steps = stream(pipeline, sound)
    seconds = len(sound) / SAMPLE_RATE
    print(f"{seconds:.0f} s of audio, {len(steps)} windows")
    print(f"a window    {1000 * median(steps):7.0f} ms (median)")
    print(f"the longest {1000 * max(steps):7.0f} ms (with recognition)")
    ratio = sum(steps) / seconds
    print(f"processing time / audio time = {ratio:.2f}, limit {LIMIT:.2f}")
    return 0 if ratio <= LIMIT else 1


def speech(seconds: float) -> np.ndarray:
    """The gallery's voices in turn, with pauses."""
    voices = [load_audio(item.audio).samples for item in load_gallery() if item.audio is not None]
    if not voices:
        raise DRKFError("The gallery is missing: run this in a copy of the repository.")
    pause = np.zeros(round(PAUSE_SECONDS * SAMPLE_RATE), np.float32)
    once = np.concatenate([part for voice in voices for part in (voice, pause)])
    return np.resize(once, round(seconds * SAMPLE_RATE))


def stream(pipeline: EmotionPipeline, sound: np.ndarray) -> list[float]:
    """Processor seconds of each window, from the sound that comes in to the figure that goes."""
    session = LiveSession(pipeline, limit_seconds=len(sound) / SAMPLE_RATE + 1)
    size, pieces = round(PIECE_SECONDS * SAMPLE_RATE), round(HOP_SECONDS / PIECE_SECONDS)
    steps = []
    for start in range(0, len(sound), pieces * size):
        began = time.process_time()
        for piece in range(start, min(start + pieces * size, len(sound)), size):
            session.receive(SAMPLE_RATE, sound[piece : piece + size])
        session.step()
        view = session.view()
        end = max(SHOWN_SECONDS, view.seconds)
        shown = [m for m in view.moments if m.end_seconds > end - SHOWN_SECONDS]
        emotions_over_time(shown, end - SHOWN_SECONDS, end, session.threshold).to_json()
        steps.append(time.process_time() - began)
    return steps


if __name__ == "__main__":
    sys.exit(main())
