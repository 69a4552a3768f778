"""``drkf demo``, which ``app.py`` runs too: loads the model once, serves the page."""

from __future__ import annotations

import argparse
import ctypes
import ipaddress
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from drkf import extras
from drkf.cli.arguments import Commands
from drkf.errors import DRKFError, TranscriptionError, first_line
from drkf.files import SHIPPED

if TYPE_CHECKING:
    from drkf.pipeline import EmotionPipeline
    from drkf.ui.server.app import App

HOST, PORT = "127.0.0.1", "7860"
M_ARENA_MAX, HEAPS = -8, 2
"""An option of glibc's malloc, and the heaps that all threads share: as many as work at a time."""
STOPPED = 130
"""The exit status of a program that Ctrl-C ended."""


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser("demo", help="serve the web app on this machine")
    parser.add_argument("--host", help=f"address to listen on (default: HOST, else {HOST})")
    parser.add_argument("--port", help=f"port to listen on (default: PORT, else {PORT})")
    parser.add_argument(
        "--checkpoint",
        help=f"folder or hub id (default: DRKF_CHECKPOINT, else {SHIPPED.as_posix()})",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    extras.require_extra("app")
    return serve(args.host, args.port, args.checkpoint)


def serve(host: str | None = None, port: str | None = None, checkpoint: str | None = None) -> int:
    """Serves the app until it is told to stop; what is not given comes from the environment.

    Returns:
        0 after a stop, 2 with one line where it cannot start, 130 where Ctrl-C ends the start.
    """
    host, port = host or chosen_host(), port or os.environ.get("PORT") or gradio("PORT") or PORT
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return failed(f"PORT is {port!r}: set it to a number from 1 to 65535.")
    clean_up = prepare_surroundings(host)
    signal.signal(signal.SIGINT, lambda *_: leave(clean_up, "The start was stopped.", STOPPED))
    signal.signal(signal.SIGTERM, lambda *_: leave(clean_up, "", 0))
    try:
        return start(
            host, int(port), checkpoint or os.environ.get("DRKF_CHECKPOINT") or SHIPPED.as_posix()
        )
    finally:
        clean_up()


def start(host: str, port: int, checkpoint: str) -> int:
    """Loads the model, serves the page, and returns after it has been told to stop."""
    try:
        check_address(host, port)
        app, address = load_and_launch(host, port, checkpoint)
    except DRKFError as error:
        return failed(str(error))
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        return failed(f"The demo cannot start: {type(error).__name__}: {first_line(error)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that visitors' files are deleted
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print(f"DRKF demo: {address}", flush=True)
    try:
        app.block_thread()
    except KeyboardInterrupt:
        pass
    finally:
        app.close(verbose=False)
    return 0


def load_and_launch(host: str, port: int, checkpoint: str) -> tuple[App, str]:
    """The running app and its address. What it imports takes seconds."""
    from drkf.pipeline import EmotionPipeline
    from drkf.ui import build_app, launch
    from drkf.ui.server import class_mode, gpu

    share_heaps()
    pipeline = EmotionPipeline.from_pretrained(checkpoint, device=gpu.device())
    load_recognizer(pipeline)
    app = build_app(pipeline, class_mode.is_chosen())
    # Gradio knows addresses of IPv6 by their brackets.
    shown = f"[{host}]" if ":" in host else host
    return app, launch(app, shown, port, os.environ.get("DRKF_PASSWORD"))


def load_recognizer(pipeline: EmotionPipeline) -> None:
    """Loads speech recognition before the first clip; without it the app still reads voices and
    typed words."""
    try:
        pipeline.recognizer.load()
    except TranscriptionError as error:
        print(error, file=sys.stderr)


def chosen_host() -> str:
    """The address that the environment asks for.

    Shells use HOST for the name of the machine (tcsh) or of its kind (conda), which is no wish to
    serve there: only an address counts, or "localhost".
    """
    host = os.environ.get("HOST", "").strip("[]")
    if not host:
        return gradio("NAME") or HOST
    with suppress(ValueError):
        return str(ipaddress.ip_address(host))
    return host if host == "localhost" else gradio("NAME") or HOST


def gradio(setting: str) -> str:
    """Gradio's own variable for the server's NAME or PORT, without an address's brackets."""
    return os.environ.get(f"GRADIO_SERVER_{setting}", "").strip("[]")


def check_address(host: str, port: int) -> None:
    """Raises DRKFError if the server cannot listen on the address; the message says why."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.create_server((host, port), family=family):
            pass
    except OSError as error:
        reason = error.strerror or first_line(error)
        raise DRKFError(
            f"Cannot serve on {host}:{port}: {reason}. Set HOST and PORT to a free address."
        ) from None


def prepare_surroundings(host: str) -> Callable[[], None]:
    """Sets the environment that Gradio reads when it is imported; returns what restores it."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    # The server asks itself whether it is up: not through a proxy, which cannot reach it.
    ours = dict.fromkeys(("127.0.0.1", "localhost", "::1", host))
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), *ours)))
    # All that is temporary in one place, which is deleted however the start ends. Gradio's
    # own choice, one folder for everybody on a machine, may belong to somebody else.
    folder = Path(tempfile.mkdtemp(prefix="drkf-"))
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    ours_too = not os.environ.get("GRADIO_TEMP_DIR")
    if ours_too:
        os.environ["GRADIO_TEMP_DIR"] = str(folder / "gradio")

    def clean_up() -> None:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
        if ours_too:
            os.environ.pop("GRADIO_TEMP_DIR", None)

    return clean_up


def leave(clean_up: Callable[[], None], said: str, status: int) -> None:
    """Ends the process while it starts: an exception could be caught by a library's import."""
    clean_up()
    if said:
        print(said, file=sys.stderr, flush=True)
    os._exit(status)


def failed(reason: str) -> int:
    """Says why in one line; the exit status of a start that cannot succeed."""
    print(reason, file=sys.stderr)
    return 2


def share_heaps() -> None:
    """Otherwise each of the server's threads gets a heap of its own, which hardly shrinks."""
    with suppress(AttributeError, OSError, TypeError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)
