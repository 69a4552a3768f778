"""The named endpoints for programs: ``/analyze`` and ``/transcribe``."""

from __future__ import annotations

import html
import logging
from typing import Any

import gradio as gr

from drkf.errors import DRKFError
from drkf.pipeline import EmotionPipeline
from drkf.ui import text
from drkf.ui.uploads import Uploads

log = logging.getLogger(__name__)


def build(pipeline: EmotionPipeline, uploads: Uploads, concurrency: dict[str, Any]) -> None:
    """Adds the endpoints to the current Blocks. Their components are never drawn."""

    def analyze(audio: str | None, text: str | None, request: gr.Request) -> dict[str, Any]:
        """The whole analysis of a clip, a text or both. Without a text, the clip is recognised."""
        keep(audio, request)
        return checked(lambda: pipeline.analyze(audio=audio, text=text or None).to_dict())

    def transcribe(audio: str | None, request: gr.Request) -> str:
        """The words spoken in a clip."""
        keep(audio, request)
        return checked(lambda: pipeline.transcribe(audio).text)

    def keep(audio: str | None, request: gr.Request) -> None:
        if audio is not None and request.session_hash:
            uploads.add(request.session_hash, audio)

    audio_in = gr.Audio(type="filepath", label="audio", visible=False)
    text_in = gr.Textbox(label="text", visible=False)
    analysis_out = gr.JSON(label="analysis", visible=False)
    transcript_out = gr.Textbox(label="transcript", visible=False)
    gr.Button(visible=False).click(
        analyze, [audio_in, text_in], analysis_out, api_name="analyze", **concurrency
    )
    gr.Button(visible=False).click(
        transcribe, audio_in, transcript_out, api_name="transcribe", **concurrency
    )


def checked(work: Any) -> Any:
    """Runs ``work``; what the caller can mend comes back as one line, a fault of ours as such."""
    try:
        return work()
    except DRKFError as error:
        # Gradio draws the message as HTML.
        raise gr.Error(html.escape(str(error)), print_exception=False) from None
    except Exception:
        log.exception("analysis failed")
        raise gr.Error(text.UNEXPECTED, print_exception=False) from None
