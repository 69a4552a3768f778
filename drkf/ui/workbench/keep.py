"""What a visitor takes along: the results in a file, and their notes and tags."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder

from drkf.errors import ResultsError
from drkf.ui.events import Updates, Values
from drkf.ui.parts import download_link, error_html, status_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import workbench as text
from drkf.ui.workbench.shown import EXPORTS, WORK, Shown, States, told
from drkf.workbench import export, report
from drkf.workbench import notes as notes_file
from drkf.workbench.notes import Notes


class Keep:
    """Adds the components; notes are loaded by who shows them."""

    def __init__(self, states: States, uploads: Uploads) -> None:
        self.states, self.uploads = states, uploads
        with gr.Column(elem_classes="card", elem_id="set-keep"):
            gr.Markdown("## " + text.KEEP)
            with gr.Row():
                with gr.Column(min_width=300):
                    self.format = gr.Dropdown(
                        [(name, key) for key, name in text.EXPORT_FORMATS.items()],
                        value="csv",
                        label=text.EXPORT_FORMAT,
                        elem_id="set-format",
                    )
                    self.prepare = gr.Button(text.EXPORT_BUTTON, elem_id="set-prepare")
                    self.told = told("set-kept")
                    self.file = gr.File(
                        label=text.EXPORT_FILE,
                        interactive=False,
                        visible=False,
                        elem_id="set-file",
                    )
                with gr.Column(min_width=300):
                    self.session_link = gr.HTML(elem_id="set-session")
                    self.load = gr.UploadButton(
                        text.SESSION_LOAD, file_types=[".json"], elem_id="set-load"
                    )
        self.outputs: list[Any] = [self.told, self.file, self.session_link]

    def connect(self) -> None:
        self.prepare.click(
            self.write,
            {self.format, self.states.shown, self.states.notes},
            [self.told, self.file],
            show_progress="minimal",
            show_progress_on=self.told,
            **WORK,
        )

    def write(self, values: Values, request: gr.Request) -> Iterator[Updates]:
        """Writes an export; the server keeps it until the set is removed or the session ends."""
        try:
            shown: Shown | None = values[self.states.shown]
            if shown is None:
                raise ResultsError(text.NO_SET)
            yield {
                self.told: status_html(text.EXPORT_WORKING),
                self.file: gr.update(value=None, visible=False),
            }
            visitor = request.session_hash or ""
            notes = values[self.states.notes] or Notes()
            path = self._export(values[self.format], shown, notes, visitor)
            yield {
                self.told: status_html(text.EXPORT_READY.format(name=Path(path).name)),
                self.file: gr.update(value=path, visible=True),
            }
        except Exception as error:  # nothing may reach the page as a traceback
            yield {self.told: error_html(error)}

    def _export(self, kind: str, shown: Shown, notes: Notes, visitor: str) -> str:
        """The path of the file, where Gradio may serve it."""
        folder = self.uploads.folder(visitor) / "exports"
        folder.mkdir(exist_ok=True)
        try:
            written = write_export(kind, shown, notes, folder)
            path: str = save_file_to_cache(written, get_upload_folder())
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self.uploads.add(visitor, EXPORTS, path)
        return path

    def offer_notes(self, notes: Notes) -> Updates:
        """A link that carries the notes, where there are some."""
        link = (
            download_link(
                notes_file.to_json(notes),
                "set-session-link",
                "drkf-notes.json",
                text.SESSION_DOWNLOAD,
            )
            if notes.notes
            else ""
        )
        return {self.session_link: link}

    def nothing(self) -> Updates:
        return {
            **self.offer_notes(Notes()),
            self.told: "",
            self.file: gr.update(value=None, visible=False),
        }


def write_export(kind: str, shown: Shown, notes: Notes, folder: Path) -> Path:
    """All rows, in a format of ``EXPORT_FORMATS``; clips bear the names the visitor knows.

    Raises:
        ResultsError: it cannot be written.
    """
    results = shown.results
    names = [shown.names.get(path, Path(path).name) for path in results.table["audio"]]
    frame = export.with_notes(replace(results, table=results.table.assign(audio=names)), notes)
    if kind == "csv":
        export.write_csv(frame, folder / "results.csv")
        return folder / "results.csv"
    if kind == "jsonl":
        export.write_jsonl(frame, folder / "results.jsonl")
        return folder / "results.jsonl"
    if kind == "parquet":
        export.write_parquet(frame, folder / "results.parquet")
        return folder / "results.parquet"
    if kind == "dataset":
        export.write_dataset(results, folder / "dataset", notes)
        return Path(shutil.make_archive(str(folder / "dataset"), "zip", folder / "dataset"))
    report.write_html(results, folder / "report.html", audio=kind == "html-sound")
    return folder / "report.html"
