"""The tab "Live" can be built, and its microphone is asked through a function of its own."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from drkf.pipeline import EmotionPipeline
from drkf.ui.live.microphone import LivePanel
from drkf.ui.server.uploads import Uploads
from drkf.ui.voice import VoicePanel


def test_the_microphone_is_built_and_knows_no_session_yet(tiny_checkpoint: Path) -> None:
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    with gr.Blocks():
        tab = gr.Tab()
        panel = LivePanel(pipeline, VoicePanel(pipeline, Uploads(), 60))
        panel.connect({}, tab)
    assert panel.hear({"token": "nobody's"}) == "unknown"
