"""The tab "What if": change the words or the voice, and see what moves."""

from __future__ import annotations

from typing import Any

import gradio as gr

from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline
from drkf.ui.analyse import SESSION_SECONDS
from drkf.ui.server.uploads import Uploads
from drkf.ui.whatif.controls import ControlPanel
from drkf.ui.whatif.events import LabEvents, starts
from drkf.ui.whatif.grid import GridPanel, voice_title
from drkf.ui.whatif.keep import KeepPanel
from drkf.ui.whatif.result import ResultPanel


def build(
    pipeline: EmotionPipeline,
    uploads: Uploads,
    concurrency: dict[str, Any],
    session: gr.State,
    tab: gr.Tab,
) -> gr.Dropdown:
    """Adds the tab's components and events to the current Blocks.

    Returns the choice of what to start from, which may be set before the tab is first opened.

    Args:
        session: the state of the tab "Analyse".
        tab: this tab, which takes over the utterance analysed last when it is opened.
    """
    items = {item.id: item for item in load_gallery()}
    voices = {key: item for key, item in items.items() if item.audio is not None}
    lab = gr.State(None, time_to_live=SESSION_SECONDS)
    grid = GridPanel(pipeline, voices, lab)
    result = ResultPanel()
    with gr.Column(elem_id="lab"):
        result.add_answer()
        with gr.Row():
            named = [(voice_title(item), key) for key, item in voices.items()]
            controls = ControlPanel(starts(items), named)
            with gr.Column(scale=5, min_width=320):
                result.add_evidence()
                keep = KeepPanel()
    event: dict[str, Any] = {
        "show_progress": "minimal",
        "show_progress_on": result.answer,
        "api_visibility": "private",
        # While one change is worked on, of those that follow only the last one counts.
        "trigger_mode": "always_last",
        **concurrency,
    }
    events = LabEvents(pipeline, uploads, items, session, lab, controls, result, keep)
    events.connect(tab, event)
    grid.connect(tab, event)
    return controls.source
