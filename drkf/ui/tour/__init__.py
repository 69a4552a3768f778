"""The tab "Tour": five steps for a class, each with a live example, a question and a reveal."""

from __future__ import annotations

from typing import Any

import gradio as gr

from drkf.classroom.rooms import Rooms
from drkf.gallery import load_gallery
from drkf.pipeline import EmotionPipeline
from drkf.ui.texts import page as text
from drkf.ui.tour.panel import StepPanel
from drkf.ui.tour.steps import steps
from drkf.ui.tour.votes import TourVotes


def build(
    pipeline: EmotionPipeline, concurrency: dict[str, Any], tabs: gr.Tabs, rooms: Rooms
) -> None:
    """Adds the tab's components and events to the current Blocks.

    Args:
        tabs: of the page; the tour ends where a visitor's own voice is read.
        rooms: of the server; where the page has one, its phones answer the questions.
    """
    items = {item.id: item for item in load_gallery()}
    with gr.Column(elem_id="tour"):
        if not all(step.example in items for step in steps()):
            gr.Markdown(text.TOUR_NO_GALLERY)
            return
        gr.Markdown(text.TOUR_INTRO)
        with gr.Walkthrough(selected=1, elem_id="tour-steps") as walkthrough:
            for number, step in enumerate(steps(), start=1):
                with gr.Step(step.title, id=number, elem_id=f"tour-{number}"):
                    votes = TourVotes(rooms, step.key)
                    panel = StepPanel(pipeline, number, items[step.example], votes)
                    panel.connect(walkthrough, tabs, concurrency)
