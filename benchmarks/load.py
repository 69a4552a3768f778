"""Many people at once: python benchmarks/load.py [--users 1 4 16 64] [--seconds 60]

Starts the demo (or takes a running one, --address) and lets so many gradio_client users at a time
ask it without a pause, each with sentences and voices of its own. Exits with 1 unless

* up to the queue's length nobody gets an error, and beyond it nothing but the line that says so;
* every answer is the one to its own question: the words are the asker's, the clip has the
  asker's length, and the probabilities are those that the same question gets alone;
* memory does not grow: after the last round it is at most 1.1 times what it was after the first.

Prints the waiting times as percentiles, in seconds on this machine.
"""

from __future__ import annotations

import argparse
import io
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from gradio_client.utils import QueueError

from drkf.audio.clip import SAMPLE_RATE, load_audio
from drkf.gallery import load_gallery
from drkf.ui import CONCURRENCY, QUEUE_LENGTH
from drkf.ui.texts.en import page as text

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 600
MAX_GROWTH = 1.1
TOLERANCE = 1e-3
"""Between probabilities of the same question: sums in another order."""
BUSY = (text.BUSY, str(QueueError("Queue is full! Please try again.")))
WORDS = ("I am so happy today", "leave me alone", "what do you mean", "it is on the table")


@dataclass(frozen=True)
class Question:
    """A voice (or none) and words that no other user sends."""

    clip: Path | None
    seconds: float | None
    words: str


@dataclass
class Tally:
    """What the users of one round saw."""

    waits: list[float] = field(default_factory=list)
    busy: int = 0
    errors: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--address", help="a running demo; memory is not looked at then")
    parser.add_argument("--checkpoint", help="folder or hub id, for a demo that is started")
    parser.add_argument("--users", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--seconds", type=float, default=60, help="of each round")
    args = parser.parse_args(argv)
    room = QUEUE_LENGTH + CONCURRENCY["concurrency_limit"]
    if min(args.users) < 1:
        parser.error("--users: at least 1")
    with tempfile.TemporaryDirectory() as folder, demo(args, Path(folder)) as (address, process):
        questions = [make_questions(Path(folder), user) for user in range(max(args.users))]
        print("| users | answers | a second | median | 90 % | 99 % | busy | errors | wrong |")
        print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
        kept, memory = True, []
        for users in args.users:
            tally = run_round(address, questions[:users], args.seconds)
            kept &= show(users, tally, args.seconds, busy_allowed=users > room)
            if process is not None:
                memory.append(process.memory_info().rss)
    if memory:
        growth = memory[-1] / memory[0]
        print(f"\nMemory after each round: {', '.join(f'{m / 1e6:.0f} MB' for m in memory)}")
        if growth > MAX_GROWTH:
            print(f"Memory grew {growth:.2f} times, limit {MAX_GROWTH}.", file=sys.stderr)
            kept = False
    return 0 if kept else 1


@contextmanager
def demo(args: argparse.Namespace, folder: Path) -> Iterator[tuple[str, psutil.Process | None]]:
    """The address of the demo, and its process where this started it."""
    if args.address:
        yield args.address, None
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {
        **os.environ, "HOST": "127.0.0.1", "PORT": port, "GRADIO_TEMP_DIR": str(folder / "files"),
    }  # fmt: skip
    if args.checkpoint:
        environment["DRKF_CHECKPOINT"] = args.checkpoint
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")], env=environment, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{address}healthz", timeout=5):
                    break
            except (urllib.error.URLError, OSError):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("The demo did not start.") from None
                time.sleep(0.1)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()


def make_questions(folder: Path, user: int) -> list[Question]:
    """Typed words; a voice with them. Clips of different users differ in length."""
    clip = next(item.audio for item in load_gallery() if item.audio is not None)
    samples = load_audio(clip).samples
    cut = np.resize(samples, len(samples) + 320 * (user + 1))
    path = folder / f"user-{user}.wav"
    file = io.BytesIO()
    soundfile.write(file, cut, SAMPLE_RATE, format="WAV")
    path.write_bytes(file.getvalue())
    words = WORDS[user % len(WORDS)]
    return [
        Question(None, None, f"{words}, says number {user}"),
        Question(path, len(cut) / SAMPLE_RATE, f"{words}, says voice number {user}"),
    ]


def run_round(address: str, questions: Sequence[Sequence[Question]], seconds: float) -> Tally:
    """All users at once; what each gets is compared with what it got alone before."""
    tally = Tally()
    clients = [Client(address, verbose=False, analytics_enabled=False) for _ in questions]
    alone = [
        [ask(client, question) for question in asked]
        for client, asked in zip(clients, questions, strict=True)
    ]
    end = time.monotonic() + seconds

    def visit(user: int) -> None:
        number = 0
        while time.monotonic() < end:
            which = number % len(questions[user])
            number += 1
            one_question(clients[user], questions[user][which], alone[user][which], tally)

    with ThreadPoolExecutor(len(questions)) as pool:
        list(pool.map(visit, range(len(questions))))
    for client in clients:
        client.close()
    return tally


def one_question(client: Client, question: Question, alone: Any, tally: Tally) -> None:
    start = time.monotonic()
    fault, busy, found = None, False, None
    try:
        found = ask(client, question)
    except (AppError, QueueError, ValueError, OSError) as error:
        busy = str(error) in BUSY
        fault = None if busy else f"{type(error).__name__}: {error}"
    waited = time.monotonic() - start
    with tally.lock:
        if busy:
            tally.busy += 1
        elif fault:
            tally.errors.append(fault)
        else:
            tally.waits.append(waited)
            if wrong := difference(question, alone, found):
                tally.wrong.append(wrong)
    if busy:
        time.sleep(0.5)  # as a person would, or refusals would be all that happens


def ask(client: Client, question: Question) -> dict[str, Any]:
    clip = None if question.clip is None else handle_file(question.clip)
    return client.predict(clip, question.words, api_name="/analyze")


def difference(question: Question, alone: dict[str, Any], found: Any) -> str | None:
    """Why an answer is not the one to the question; None where it is."""
    if found["transcript"]["text"] != question.words:
        return f"{question.words!r} was answered with {found['transcript']['text']!r}"
    if question.seconds is not None and abs(found["clip_seconds"] - question.seconds) > 1e-3:
        return f"{question.words!r} was answered with a clip of {found['clip_seconds']} s"
    for name, value in alone["probabilities"].items():
        if abs(found["probabilities"][name] - value) > TOLERANCE:
            return f"{question.words!r} has another probability of {name} than alone"
    return None


def show(users: int, tally: Tally, seconds: float, busy_allowed: bool) -> bool:
    """Prints a row, and the first fault of each kind; whether all was well."""
    waits = tally.waits or [float("nan")]
    median, most, nearly_all = np.percentile(waits, [50, 90, 99])
    print(
        f"| {users} | {len(tally.waits)} | {len(tally.waits) / seconds:.2f} | {median:.2f} | "
        f"{most:.2f} | {nearly_all:.2f} | {tally.busy} | {len(tally.errors)} | "
        f"{len(tally.wrong)} |",
        flush=True,
    )
    for faults in (tally.errors[:1], tally.wrong[:1]):
        for fault in faults:
            print(f"{users} users: {fault}", file=sys.stderr)
    busy_is_well = busy_allowed or not tally.busy
    return bool(tally.waits) and busy_is_well and not tally.errors and not tally.wrong


if __name__ == "__main__":
    sys.exit(main())
