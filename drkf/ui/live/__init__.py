"""The tab "Live": a microphone read each second, and a whole recorded conversation."""

from __future__ import annotations

from typing import Any

from drkf.pipeline import EmotionPipeline
from drkf.ui.live.microphone import LivePanel
from drkf.ui.live.talk import TalkPanel
from drkf.ui.server.uploads import Uploads


def build(pipeline: EmotionPipeline, uploads: Uploads, concurrency: dict[str, Any]) -> None:
    """Adds the tab's components and events to the current Blocks."""
    LivePanel(pipeline).connect(concurrency)
    TalkPanel(pipeline, uploads).connect(concurrency)
