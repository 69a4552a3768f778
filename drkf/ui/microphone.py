"""Why there is no microphone: one sentence beside each record button."""

from __future__ import annotations

import html
import json

import gradio as gr

from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import page as text


def add_note(recorder_id: str) -> None:
    """Adds the empty place for the sentence to the current Blocks, beside its recorder."""
    gr.HTML(
        i18n.each(lambda: html.escape(json.dumps(text.MICROPHONE))),
        html_template='<div role="alert" data-texts="${value}"></div>',
        # Where no button can help it is said at once.
        js_on_load="""
if (!drkfMicrophone.available())
  drkfMicrophone.say(element.closest(".microphone-note"), "insecure");
""",
        elem_id=f"{recorder_id}-microphone",
        elem_classes="microphone-note",
    )
