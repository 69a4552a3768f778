"""The tab "Class": a teacher opens a room, phones vote, the answers are uncovered."""

from __future__ import annotations

from typing import Any

import gradio as gr

from drkf.pipeline import EmotionPipeline
from drkf.ui.classroom.events import ClassEvents
from drkf.ui.classroom.panel import ClassPanel
from drkf.ui.server.app import App


def build(
    pipeline: EmotionPipeline, app: App, concurrency: dict[str, Any], session: gr.State
) -> ClassPanel:
    """Adds the tab's components and events to the current Blocks.

    Args:
        session: the state of the tab "Analyse".
    """
    panel = ClassPanel()
    ClassEvents(pipeline, app, panel).connect(session, concurrency)
    return panel
