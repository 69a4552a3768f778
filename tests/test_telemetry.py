"""No package that the app stands on tells anybody of its use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DETECT = """
{before}
from faster_whisper.vad import get_speech_timestamps
import numpy as np
get_speech_timestamps(np.zeros(16000, np.float32))
"""


def left_by(home: Path, before: str) -> list[str]:
    """The files that finding speech leaves in an empty home and temporary folder."""
    home.mkdir()
    places = {name: str(home) for name in ("HOME", "XDG_CACHE_HOME", "TMPDIR")}
    environment = {**os.environ, **places}
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run(
        [sys.executable, "-c", DETECT.format(before=before)], env=environment, check=True
    )
    return [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]


def test_onnx_runtime_is_told_not_to_collect(tmp_path: Path) -> None:
    with_it = left_by(tmp_path / "as-it-is", "import onnxruntime")
    assert any("onnxruntime" in name for name in with_it), "nothing to turn off any more"
    assert left_by(tmp_path / "with-drkf", "import drkf") == []
