"""The tab "Live" can be built, and its microphone is asked through a function of its own."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from drkf.pipeline import EmotionPipeline
from drkf.ui.live.microphone import LivePanel


def test_the_microphone_is_built_and_knows_no_session_yet(tiny_checkpoint: Path) -> None:
    with gr.Blocks():
        panel = LivePanel(EmotionPipeline.from_pretrained(tiny_checkpoint))
        panel.connect({})
    assert panel.hear({"token": "nobody's"}) == "unknown"
