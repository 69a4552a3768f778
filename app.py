"""Starts the DRKF demo: loads the model once, serves the page, prints its address."""

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

from drkf.errors import DRKFError, TranscriptionError
from drkf.pipeline import EmotionPipeline
from drkf.ui import build_app, launch
from drkf.ui.server import gpu

M_ARENA_MAX, HEAPS = -8, 2
"""An option of glibc's malloc, and the heaps that all threads share: as many as work at a time."""
CHECKPOINT = Path(__file__).parent / "checkpoints" / "drkf-compact"


def main() -> int:
    host = os.environ.get("HOST") or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    port = os.environ.get("PORT") or os.environ.get("GRADIO_SERVER_PORT") or "7860"
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return failed(f"PORT is {port!r}: set it to a number from 1 to 65535.")
    share_heaps()
    try:
        pipeline = EmotionPipeline.from_pretrained(
            os.environ.get("DRKF_CHECKPOINT") or str(CHECKPOINT), device=gpu.device()
        )
        load_recognizer(pipeline)
        app = build_app(pipeline)
        address = launch(app, host, int(port))
    except DRKFError as error:
        return failed(str(error))
    except OSError as error:
        reason = str(error).splitlines()[0]
        return failed(
            f"Cannot serve on {host}:{port}: {reason} Set HOST and PORT to a free address."
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that visitors' files go first
    print(f"DRKF demo: {address}", flush=True)
    try:
        app.block_thread()
    finally:
        app.close(verbose=False)
    return 0


def failed(reason: str) -> int:
    """Says why in one line; the exit status of a start that cannot succeed."""
    print(reason, file=sys.stderr)
    return 2


def share_heaps() -> None:
    """Otherwise each of the server's threads gets a heap of its own, which hardly shrinks."""
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)


def load_recognizer(pipeline: EmotionPipeline) -> None:
    """Now rather than at the first clip; without it the app still reads voices and typed words."""
    try:
        pipeline.recognizer.load()
    except TranscriptionError as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
