"""What an analysis costs beside its parts: python benchmarks/latency.py

Prints ratios that were measured in one run on one machine, and exits with 1 where one is missed:

 a  voice of 5 s and typed words, to the answer / bare passes of the two encoders     at most 1.5
 b  the same / one pass of a model of the paper's size, with random weights           at most 0.10
 c  the same without typed words / faster-whisper alone on that clip                  at most 1.3
 d  clips a second, 64 in a batch / one at a time                                     at least 2
 e  how cost grows with length (1 to 60 s) and with batch size: power of a fitted line at most 1.1
 f  memory after 200 analyses of clips of 200 lengths / after the first 20            at most 1.05

The answer is what the page shows first: decoding, voice activity detection, both encoders,
probabilities from both and from each alone, two readings of inconsistency, attention. What the
explanation costs on top is in benchmarks/explain.py, how long the demo takes to start in
scripts/startup.py. What is compared takes turns, and times are medians of processor time on one
thread: what else the machine does then changes little.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import plotly.graph_objects as go
import psutil
import soundfile
import torch
from faster_whisper import WhisperModel
from torch import nn
from transformers.initialization import no_init_weights

from drkf.audio.clip import SAMPLE_RATE, load_audio
from drkf.audio.speech import VAD
from drkf.audio.transcribe import BEAM_SIZE
from drkf.audio.whisper_weights import find_model
from drkf.batch import predict_batch
from drkf.checkpoint import load_checkpoint
from drkf.errors import DRKFError
from drkf.experiments.presets import read_preset
from drkf.experiments.size import random_model
from drkf.files import SHIPPED
from drkf.gallery import load_gallery
from drkf.model import DRKF
from drkf.pipeline import EmotionPipeline

SECONDS = 5
WORDS = "I really did not think that you would do that"
BATCH = 64
LENGTHS = (1, 2, 5, 10, 20, 30, 60)
BATCHES = (1, 4, 16, 64)


class Report:
    """Lines of a Markdown table, and whether every limit was kept."""

    def __init__(self, checked: bool) -> None:
        self.kept = True
        self.checked = checked
        print("| | measured | limit | |\n|---|---:|---:|---|", flush=True)

    def add(self, name: str, value: float, limit: float, at_least: bool = False) -> None:
        kept = value >= limit if at_least else value <= limit
        self.kept = self.kept and (kept or not self.checked)
        sign = "≥" if at_least else "≤"
        verdict = ("kept" if kept else "MISSED") if self.checked else "not checked"
        print(f"| {name} | {value:.2f} | {sign} {limit:g} | {verdict} |", flush=True)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--checkpoint", default=SHIPPED, help="folder or hub id")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is measured")
    parser.add_argument("--plot", type=Path, help="write the curves of (e) to this HTML file")
    parser.add_argument(
        "--quick", action="store_true", help="see that all of it runs; no limit is checked"
    )
    args = parser.parse_args(argv)
    torch.set_num_threads(1)
    rounds = 1 if args.quick else args.rounds
    try:
        checkpoint = load_checkpoint(args.checkpoint, "cpu")
        pipeline = EmotionPipeline(checkpoint)
        pipeline.recognizer.load()
        whisper = WhisperModel(str(find_model()), device="cpu", compute_type="int8", cpu_threads=1)
        report = Report(checked=not args.quick)
        # First: what the other measures take would hide what grows.
        memory = measure_memory(report, pipeline, 10 if args.quick else 200)
        measure_one(report, checkpoint.model, checkpoint.tokenizer, pipeline, whisper, rounds, args)
        measure_batch(report, pipeline, rounds, args.quick)
        measure_growth(report, pipeline, rounds, args)
        print_parts(pipeline, rounds)
        print(f"\n{memory}")
    except DRKFError as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if report.kept else 1


def measure_one(
    report: Report,
    model: DRKF,
    tokenizer: Any,
    pipeline: EmotionPipeline,
    whisper: WhisperModel,
    rounds: int,
    args: argparse.Namespace,
) -> None:
    """(a), (b) and (c): one clip."""
    voice = speech(SECONDS)
    file = wav(voice)
    features = model.speech_features([voice])
    ids = tokenizer([WORDS], return_tensors="pt")["input_ids"]
    mask = torch.ones_like(ids, dtype=torch.bool)

    @torch.no_grad()
    def encoders() -> None:
        model.encode_speech(features)
        model.encode_text(ids, mask)

    def recognise() -> None:
        found, _ = whisper.transcribe(
            io.BytesIO(file), beam_size=BEAM_SIZE, word_timestamps=True, vad_filter=True,
            vad_parameters=VAD,
        )  # fmt: skip
        list(found)

    seconds = medians(
        {
            "encoders": encoders,
            "answer": lambda: answer(pipeline, file, WORDS),
            "whisper": recognise,
            "spoken": lambda: answer(pipeline, file, None),
        },
        rounds,
    )
    report.add("a: typed words / bare encoders", seconds["answer"] / seconds["encoders"], 1.5)
    large = paper_pass(args.quick)
    compared = medians({"answer": lambda: answer(pipeline, file, WORDS), "large": large}, rounds)
    report.add("b: typed words / paper-size pass", compared["answer"] / compared["large"], 0.10)
    report.add("c: recognised words / faster-whisper", seconds["spoken"] / seconds["whisper"], 1.3)


def measure_batch(report: Report, pipeline: EmotionPipeline, rounds: int, quick: bool) -> None:
    """(d): short clips of different lengths, decoded and checked for speech in both cases."""
    count = 4 if quick else BATCH
    files = [wav(speech(2 + 3 * i / count)) for i in range(count)]

    def alone() -> None:
        for file in files:
            answer(pipeline, file, WORDS)

    def together() -> None:
        predict_batch(pipeline, [pipeline.listen(file, WORDS) for file in files])

    seconds = medians({"alone": alone, "together": together}, min(rounds, 3))
    report.add(
        f"d: {count} at once / one at a time", seconds["alone"] / seconds["together"], 2, True
    )


def measure_growth(
    report: Report, pipeline: EmotionPipeline, rounds: int, args: argparse.Namespace
) -> None:
    """(e): the power p of cost ~ size ** p, from the least squares line of the logarithms."""
    lengths = LENGTHS[:3] if args.quick else LENGTHS
    batches = BATCHES[:2] if args.quick else BATCHES
    files = {n: wav(speech(n)) for n in lengths}
    by_length = medians(
        {n: lambda n=n: answer(pipeline, files[n], WORDS) for n in lengths}, min(rounds, 5)
    )
    heard = [pipeline.listen(wav(speech(3)), WORDS)] * max(batches)
    by_batch = medians(
        {n: lambda n=n: predict_batch(pipeline, heard[:n]) for n in batches}, min(rounds, 3)
    )
    report.add("e: growth with the clip's length", power(by_length), 1.1)
    report.add("e: growth with the batch's size", power(by_batch), 1.1)
    print("\n| length of the clip | cost / that of 5 s | cost of a second / that at 5 s |")
    print("|---:|---:|---:|")
    for n, value in by_length.items():
        ratio = value / by_length[SECONDS]
        print(f"| {n} s | {ratio:.2f} | {ratio * SECONDS / n:.2f} |")
    print("\n| clips in the batch | cost of a clip / that of one alone |\n|---:|---:|")
    for n, value in by_batch.items():
        print(f"| {n} | {value / n / by_batch[1]:.2f} |")
    if args.plot is not None:
        plot(by_length, by_batch).write_html(args.plot, include_plotlyjs=True)


def print_parts(pipeline: EmotionPipeline, rounds: int) -> None:
    """Where the time of an answer to 5 s of voice and typed words goes."""
    file = wav(speech(SECONDS))
    runs = [pipeline.analyze(file, WORDS, explain=False).timings for _ in range(rounds + 1)][1:]
    parts = {name: median(run[name] for run in runs) for name in runs[0]}
    print("\n| part of an answer | share |\n|---|---:|")
    for name, seconds in parts.items():
        print(f"| {name.replace('_', ' ')} | {seconds / sum(parts.values()):.0%} |")


def measure_memory(report: Report, pipeline: EmotionPipeline, analyses: int) -> str:
    """(f): with explanations, 1 to 11 s, no clip as long as another. Returns the sizes in words."""
    process = psutil.Process()
    at_rest = process.memory_info().rss
    for i in range(analyses):
        pipeline.analyze(wav(speech(1 + 10 * (i * 37 % analyses) / analyses)), WORDS)
        if i + 1 == analyses // 10:
            before = process.memory_info().rss
    after = process.memory_info().rss
    report.add(f"f: memory after {analyses} / after {analyses // 10}", after / before, 1.05)
    return f"Memory: {at_rest / 1e6:.0f} MB before (f), {after / 1e6:.0f} MB after it."


def answer(pipeline: EmotionPipeline, file: bytes, words: str | None) -> None:
    pipeline.analyze(file, words, explain=False)


def paper_pass(quick: bool) -> Callable[[], None]:
    """A pass of a model of the paper's sizes on 5 s of voice and words; of a small one if quick."""
    config = read_preset("compact" if quick else "paper")
    with no_init_weights():
        model = random_model(config, config.english)
    fill(model)
    model.eval()
    features = model.speech_features([speech(SECONDS)])
    ids = torch.full((1, len(WORDS.split()) + 2), 5)
    mask = torch.ones_like(ids, dtype=torch.bool)

    @torch.no_grad()
    def run() -> None:
        voice = model.adapt_speech(model.encode_speech(features))
        words = model.adapt_text(model.encode_text(ids, mask))
        model.fuse(voice, words)

    return run


@torch.no_grad()
def fill(model: nn.Module) -> None:
    """Small weights in place of whatever memory holds; slow numbers are among that."""
    for parameter in model.parameters():
        parameter.fill_(0.01)


def medians(stages: dict[Any, Callable[[], Any]], rounds: int) -> dict[Any, float]:
    """Median processor seconds of each stage; they take turns, after a round to warm up."""
    times: dict[Any, list[float]] = {name: [] for name in stages}
    for number in range(rounds + 1):
        for name, stage in stages.items():
            start = time.process_time()
            stage()
            if number:
                times[name].append(time.process_time() - start)
    return {name: median(values) for name, values in times.items()}


def power(costs: dict[int, float]) -> float:
    return float(np.polyfit(np.log(list(costs)), np.log(list(costs.values())), 1)[0])


def plot(by_length: dict[int, float], by_batch: dict[int, float]) -> go.Figure:
    """Cost against size, both relative to the smallest, beside a line for "linear"."""
    figure = go.Figure()
    for name, costs in {"length of the clip": by_length, "clips in a batch": by_batch}.items():
        sizes = np.array(list(costs), dtype=float)
        values = np.array(list(costs.values()))
        figure.add_scatter(x=sizes / sizes[0], y=values / values[0], name=name)
    most = max(max(by_length) / min(by_length), max(by_batch) / min(by_batch))
    figure.add_scatter(x=[1, most], y=[1, most], name="linear", line={"dash": "dot"})
    figure.update_layout(
        title="What an answer costs", xaxis_title="times as much input", height=480,
        yaxis_title="times as much processor time", xaxis_type="log", yaxis_type="log",
    )  # fmt: skip
    return figure


def speech(seconds: float) -> np.ndarray:
    """The gallery's first voice, cut or repeated, (n,) at 16 kHz."""
    clip = next(item.audio for item in load_gallery() if item.audio is not None)
    return np.resize(load_audio(clip).samples, round(seconds * SAMPLE_RATE))


def wav(samples: np.ndarray) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format="WAV")
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
