"""Starts the DRKF demo: loads the model once, serves the page, prints its address."""

import os
import sys
from pathlib import Path

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

from drkf.errors import DRKFError, TranscriptionError
from drkf.pipeline import EmotionPipeline
from drkf.ui import build_app, launch

CHECKPOINT = Path(__file__).parent / "checkpoints" / "drkf-compact"


def main() -> int:
    host = os.environ.get("HOST") or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    port = os.environ.get("PORT") or os.environ.get("GRADIO_SERVER_PORT") or "7860"
    try:
        pipeline = EmotionPipeline.from_pretrained(
            os.environ.get("DRKF_CHECKPOINT") or str(CHECKPOINT)
        )
        load_recognizer(pipeline)
        app = build_app(pipeline)
        address = launch(app, host, int(port))
    except DRKFError as error:
        print(error, file=sys.stderr)
        return 2
    except (OSError, ValueError) as error:
        print(
            f"Cannot serve on {host}:{port} ({error}). Set HOST and PORT to a free address.",
            file=sys.stderr,
        )
        return 2
    print(f"DRKF demo: {address}", flush=True)
    app.block_thread()
    return 0


def load_recognizer(pipeline: EmotionPipeline) -> None:
    """Now rather than at the first clip; without it the app still reads voices and typed words."""
    try:
        pipeline.recognizer.load()
    except TranscriptionError as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
