"""The tab "Error analysis": a labelled set in, where and why the model fails out."""

from __future__ import annotations

import gradio as gr

from drkf.pipeline import EmotionPipeline
from drkf.ui.classroom.panel import ClassPanel
from drkf.ui.events import QUIET, Updates
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import workbench as text
from drkf.ui.workbench.look import Look
from drkf.ui.workbench.run import RunPanel
from drkf.ui.workbench.set import SetPanel
from drkf.ui.workbench.shown import EXPORTS


def build(
    pipeline: EmotionPipeline,
    uploads: Uploads,
    session: gr.State,
    tabs: gr.Tabs,
    lab: str,
    lesson: ClassPanel,
) -> None:
    """Adds the tab's components and events to the current Blocks.

    Args:
        session: the state of the tab "Analyse", which the lab takes over.
        tabs: the page's tabs, of which ``lab`` is the id of "What if".
        lesson: the panel of the tab "Class", which asks a class about a row.
    """
    gr.Markdown(text.HELP)
    given = SetPanel(pipeline.info.labels, uploads)
    run = RunPanel(pipeline, uploads)
    look = Look(pipeline, uploads, session, tabs, lab, lesson)

    def on_clear(request: gr.Request) -> Updates:
        """Forgets the set and all that was made of it."""
        visitor = request.session_hash or ""
        uploads.empty(visitor)
        uploads.replace(visitor, EXPORTS, None)
        return {**given.nothing(), **run.nothing(), **look.nothing()}

    given.connect()
    running = run.connect(given, look)
    given.clear.click(
        on_clear,
        None,
        [*given.outputs, *run.outputs, *look.outputs],
        cancels=[running, *look.working],
        queue=False,
        **QUIET,
    )
