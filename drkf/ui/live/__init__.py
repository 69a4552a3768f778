"""The tab "Live": a microphone read each second, and a whole recorded conversation."""

from __future__ import annotations

from typing import Any

import gradio as gr

from drkf.pipeline import EmotionPipeline
from drkf.ui.live.microphone import LivePanel
from drkf.ui.live.talk import TalkPanel
from drkf.ui.server.uploads import Uploads
from drkf.ui.voice import VoicePanel


def build(
    pipeline: EmotionPipeline,
    uploads: Uploads,
    concurrency: dict[str, Any],
    voice: VoicePanel,
    tab: gr.Tab,
) -> None:
    """Adds the tab's components and events to the current Blocks.

    Args:
        voice: knows the visitor's voice from the tab "Analyse".
        tab: this tab.
    """
    LivePanel(pipeline, voice).connect(concurrency, tab)
    TalkPanel(pipeline, uploads).connect(concurrency)
