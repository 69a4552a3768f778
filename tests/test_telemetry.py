"""No package that the app stands on tells anybody of its use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

DETECT = """
import os
import drkf
from faster_whisper.vad import get_speech_timestamps
import numpy as np
get_speech_timestamps(np.zeros(16000, np.float32))
print(os.environ.get("ORT_DISABLE_TELEMETRY"))
"""


def test_onnx_runtime_is_told_not_to_collect(tmp_path: Path) -> None:
    """Neither its device identifier nor its store of reports is there after speech was looked for.

    With no variable of the surroundings: it collects nothing where it sees that tests are run.
    """
    places = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "TMPDIR")}
    done = subprocess.run(
        [sys.executable, "-c", DETECT],
        env={"PATH": os.environ["PATH"], **places},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["1"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
