"""Keeping what was tried: a scenario as a download, and one that is loaded again."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from drkf.errors import ScenarioError
from drkf.pipeline import Utterance
from drkf.ui.events import Updates
from drkf.ui.parts import download_link, error_html, status_html
from drkf.ui.server import class_mode
from drkf.ui.texts import page as text
from drkf.whatif.edits import Edit
from drkf.whatif.scenario import Scenario
from drkf.whatif.voices import voice_of


class KeepPanel:
    """Adds the download, and the button that loads a scenario, to the current Blocks."""

    def __init__(self) -> None:
        with gr.Row(elem_classes="card"):
            with gr.Column(min_width=280):
                gr.Markdown("### " + text.SCENARIO)
                self.embed = gr.Checkbox(
                    False,
                    label=text.SCENARIO_EMBED,
                    info=text.SCENARIO_EMBED_HINT,
                    elem_id="lab-embed",
                )
            with gr.Column(min_width=280):
                self.link = gr.HTML(elem_id="lab-link")
                self.load = gr.UploadButton(
                    text.SCENARIO_LOAD,
                    file_types=[".json"],
                    elem_id="lab-load",
                    visible=not class_mode.on_this_page(),
                )

    def show(self, base: Utterance, edits: Sequence[Edit], embed: bool) -> Updates:
        return {self.link: scenario_link(base, edits, embed)}

    def hide(self) -> Updates:
        return {self.link: ""}


def scenario_link(base: Utterance, edits: Sequence[Edit], embed: bool) -> str:
    """The scenario as a download, or why there is none."""
    voice = None if base.clip is None else voice_of(base.clip)
    try:
        content = Scenario(voice, base.transcript, tuple(edits)).to_json(embed)
    except ScenarioError as error:
        return error_html(error)
    link = download_link(content, "lab-download", "drkf-scenario.json", text.SCENARIO_DOWNLOAD)
    # What is known of a voice stays in the session: a file of averages would outlive it.
    return link + (status_html(text.SCENARIO_UNTUNED) if base.voice is not None else "")
