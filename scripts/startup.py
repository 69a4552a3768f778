"""Measures the demo's start: seconds from process to first healthy answer, and its memory.

    python scripts/startup.py [--starts N]

Run it on a machine that does nothing else: the first start reads the files from the disk.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 600


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=3, help="how often to start it")
    arguments = parser.parse_args()
    for number in range(1, arguments.starts + 1):
        measured = start_once()
        if measured is None:
            print(f"The demo was not serving within {LIMIT_SECONDS} s.", file=sys.stderr)
            return 1
        seconds, megabytes = measured
        print(
            f"start {number}: serving after {seconds:.1f} s, {megabytes:.0f} MB of memory at rest"
        )
    return 0


def start_once() -> tuple[float, float] | None:
    """Seconds until ``/healthz`` answers, and the resident memory then in MB."""
    port = free_port()
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        env={**os.environ, "HOST": "127.0.0.1", "PORT": str(port)},
        stdout=subprocess.DEVNULL,
    )
    try:
        while time.monotonic() - began < LIMIT_SECONDS and process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    seconds = time.monotonic() - began
                    return seconds, psutil.Process(process.pid).memory_info().rss / 1e6
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        return None
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
