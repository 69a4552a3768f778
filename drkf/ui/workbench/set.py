"""A visitor's set: what is uploaded, what its columns and labels mean, and what cannot be used."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from drkf.data.clips import Files
from drkf.data.columns import guess_columns, guess_label_map, label_counts
from drkf.data.fields import FIELDS
from drkf.data.tables import Sheet
from drkf.errors import ManifestError
from drkf.ui.events import Updates, Values
from drkf.ui.parts import error_html, status_html
from drkf.ui.server.headings import headed, headed_table
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import workbench as text
from drkf.ui.texts.translation import translated
from drkf.ui.workbench.labels import LabelMap
from drkf.ui.workbench.shown import STATE_SECONDS, TAB, told
from drkf.workbench.rows import Row, make_rows
from drkf.workbench.sources import texts_sheet
from drkf.workbench.uploads import Intake, load_example

MAX_BAD_ROWS = 200
MAX_LEFT_OUT = 5
MAX_SPLITS = 50


@dataclass(frozen=True, eq=False)
class Given:
    """A visitor's set: what was uploaded, and the table of it that is open.

    ``table``: the name of the open one, "" where the set is clips or sentences alone.
    ``example``: it is the bundled set, which uploads replace instead of joining it.
    """

    intake: Intake
    sheet: Sheet | None = None
    table: str = ""
    example: bool = False

    def finder(self) -> Files:
        """The clips by the names of the table, or else by those that the page shows."""
        return self.intake.finder() if self.table else Files(self.intake.files)


@dataclass(frozen=True, eq=False)
class Meaning:
    """What the controls say about a set.

    ``columns``: field -> column, None where there is none. ``labels``: label of the set -> label
    of the model, "" for rows that are not scored. ``split``: the only one that is used, or None.
    """

    given: Given
    sheet: Sheet
    columns: Mapping[str, str | None]
    labels: Mapping[str, str]
    split: str | None = None

    def rows(self) -> list[Row]:
        finder = self.given.finder()
        return make_rows(self.sheet, self.columns, self.labels, finder, self.split)


class SetPanel:
    """Adds its components to the current Blocks.

    Args:
        labels: the model's.
    """

    def __init__(self, labels: tuple[str, ...], uploads: Uploads) -> None:
        self.labels, self.uploads = labels, uploads
        self.given = gr.State(None, time_to_live=STATE_SECONDS)
        with gr.Accordion(text.SET, open=True, elem_id="set") as self.part, gr.Row():
            with gr.Column(scale=2, min_width=300):
                self._build_sources()
            with gr.Column(scale=3, min_width=300):
                self.about = told("set-about", status_html(text.EMPTY))
                self._build_meanings()
                self.bad = headed_table(
                    lambda: text.BAD_HEADERS,
                    datatype="str",
                    label=text.BAD_ROWS,
                    interactive=False,
                    visible=False,
                    max_height=220,
                    wrap=True,
                    buttons=[],
                    elem_id="set-bad",
                )
        #: What ``read`` needs.
        self.inputs: set[Any] = {
            self.given,
            self.split,
            self.label_map.table,
            *self.columns.values(),
        }
        self.outputs = [
            self.given,
            self.files,
            self.table,
            self.meanings,
            *self.columns.values(),
            self.split,
            *self.label_map.outputs,
            self.about,
            self.bad,
        ]

    def _build_sources(self) -> None:
        self.files = gr.File(
            label=text.FILES, file_count="multiple", height=160, elem_id="set-files"
        )
        self.sentences = gr.Textbox(
            label=text.SENTENCES,
            placeholder=text.SENTENCES_PLACEHOLDER,
            lines=2,
            max_lines=8,
            elem_id="set-sentences",
        )
        with gr.Row():
            self.use_sentences = gr.Button(
                text.SENTENCES_BUTTON, min_width=120, elem_id="set-use-sentences"
            )
            self.example = gr.Button(text.EXAMPLE_BUTTON, min_width=120, elem_id="set-example")
            self.clear = gr.Button(text.CLEAR_BUTTON, min_width=120, elem_id="set-clear")
        gr.Markdown(text.EXAMPLE_NOTE, elem_classes="caveat")

    def _build_meanings(self) -> None:
        with gr.Column(visible=False) as self.meanings:
            self.table = gr.Dropdown([], label=text.TABLE, elem_id="set-table")
            gr.Markdown("#### " + text.COLUMNS)
            with gr.Row():
                self.columns: dict[str, Any] = {
                    name: gr.Dropdown(
                        [],
                        label=text.COLUMN_NAMES[name],
                        min_width=130,
                        elem_id=f"set-column-{name}",
                    )
                    for name in FIELDS
                }
            self.split = gr.Dropdown([], label=text.SPLIT, visible=False, elem_id="set-split")
            self.label_map = LabelMap(self.labels)

    def connect(self) -> None:
        taking: dict[str, Any] = {
            "show_progress": "minimal",
            "show_progress_on": self.about,
            "api_visibility": "private",
        }
        described = [self.files, self.about, self.bad]
        given = {self.given}
        self.files.upload(self.take_files, {self.files, *given}, self.outputs, **taking)
        self.use_sentences.click(self.take_sentences, {self.sentences}, self.outputs, **taking)
        self.example.click(self.take_example, None, self.outputs, **taking)
        self.table.input(self.choose_table, {self.table, *given}, self.outputs, **taking)
        split, naming = self.columns["split"], (self.columns["label"], self.columns["corpus"])
        mapped = [*described, *self.label_map.outputs]
        for column in naming:
            column.input(self.choose_labels, self.inputs, mapped, **taking)
        split.input(self.choose_splits, self.inputs, [*described, self.split], **taking)
        others = [column for column in self.columns.values() if column not in (*naming, split)]
        gr.on(
            [*(control.input for control in (*others, self.split, self.label_map.table))],
            self.describe_again,
            self.inputs,
            described,
            trigger_mode="always_last",
            **taking,
        )

    def take_files(self, values: Values, request: gr.Request) -> Updates:
        """Adds uploads to the set; Gradio's copies of them are deleted at once."""
        visitor = request.session_hash or ""
        paths: list[str] = values[self.files] or []
        given: Given | None = values[self.given]
        try:
            for path in paths:
                self.uploads.add(visitor, TAB, path)
            folder = self.uploads.folder(visitor) / "set"
            folder.mkdir(exist_ok=True)
            before = Intake() if given is None or given.example else given.intake
            intake = before.add(paths, folder)
            first = next(iter(intake.tables()), "")
            sheet = intake.sheet(first) if intake.files else None
            return self.show(Given(intake, sheet, first))
        except Exception as error:  # nothing may reach the page as a traceback
            return self.refuse(error)
        finally:
            for path in paths:
                self.uploads.remove(visitor, TAB, path)

    def take_sentences(self, values: Values) -> Updates:
        """Takes the typed sentences as the set."""
        try:
            return self.show(Given(Intake(), texts_sheet(values[self.sentences])))
        except Exception as error:
            return self.refuse(error)

    def take_example(self) -> Updates:
        """Takes the supplied example as the set."""
        try:
            intake, first = load_example()
            return self.show(Given(intake, intake.sheet(first), first, example=True))
        except Exception as error:
            return self.refuse(error)

    def choose_table(self, values: Values) -> Updates:
        """Another of the uploaded tables was chosen."""
        try:
            given: Given | None = values[self.given]
            if given is None:
                raise ManifestError(text.NO_SET)
            chosen = values[self.table]
            return self.show(replace(given, sheet=given.intake.sheet(chosen), table=chosen))
        except Exception as error:
            return self.refuse(error)

    def choose_labels(self, values: Values) -> Updates:
        """Another column of labels has other labels to map, and a corpus its own names of them."""
        try:
            meaning = self.read(values)
            meaning = replace(meaning, labels=self.guess_labels(meaning.sheet, meaning.columns))
            return {**self.show_labels(meaning), **self.describe(meaning)}
        except Exception as error:
            return self.refuse(error)

    def choose_splits(self, values: Values) -> Updates:
        """Another column of splits has other splits to choose from."""
        try:
            meaning = replace(self.read(values), split=None)
            return {**self.show_splits(meaning), **self.describe(meaning)}
        except Exception as error:
            return self.refuse(error)

    def describe_again(self, values: Values) -> Updates:
        try:
            return self.describe(self.read(values))
        except Exception as error:
            return self.refuse(error)

    def read(self, values: Values) -> Meaning:
        """The set as the controls say.

        Raises:
            ManifestError: there is none, or a label's meaning is none of the model's labels.
        """
        given: Given | None = values[self.given]
        if given is None or given.sheet is None:
            raise ManifestError(text.NO_SET)
        columns = {name: values[control] or None for name, control in self.columns.items()}
        labels = self.label_map.read(values[self.label_map.table])
        return Meaning(given, given.sheet, columns, labels, values[self.split] or None)

    def show(self, given: Given) -> Updates:
        """A set, and what its columns and labels seem to mean."""
        sheet = given.sheet
        if sheet is None:
            return {
                self.given: given,
                self.files: None,
                self.meanings: gr.update(visible=False),
                self.about: status_html(text.EMPTY) + intake_html(given.intake),
                self.bad: gr.update(visible=False),
            }
        finder = given.finder()
        guess = guess_columns(sheet, finder)
        labels = self.guess_labels(sheet, guess)
        meaning = Meaning(given, sheet, guess, labels)
        tables = [(name, name) for name in given.intake.tables()]
        if finder.clips():
            tables.append((text.NO_TABLE, ""))
        names = [(text.NO_COLUMN, ""), *((name, name) for name in sheet.columns)]
        return {
            self.given: given,
            self.files: None,
            self.meanings: gr.update(visible=True),
            self.table: gr.update(choices=tables, value=given.table, visible=len(tables) > 1),
            **{
                control: gr.update(choices=names, value=guess[name] or "")
                for name, control in self.columns.items()
            },
            **self.show_labels(meaning),
            **self.show_splits(meaning),
            **self.describe(meaning),
        }

    def guess_labels(self, sheet: Sheet, columns: Mapping[str, str | None]) -> dict[str, str]:
        return guess_label_map(sheet, columns["label"], self.labels, columns["corpus"])

    def show_labels(self, meaning: Meaning) -> Updates:
        """The map of the labels that the column of labels holds."""
        counts = label_counts(meaning.sheet, meaning.columns["label"])
        return self.label_map.show(counts, meaning.labels)

    def show_splits(self, meaning: Meaning) -> Updates:
        column = meaning.columns["split"]
        cells = meaning.sheet.cells[column] if column else ()
        names = sorted({cell for cell in cells if cell})[:MAX_SPLITS]
        choices = [(text.ALL_SPLITS, ""), *((name, name) for name in names)]
        return {self.split: gr.update(choices=choices, value="", visible=len(names) > 1)}

    def describe(self, meaning: Meaning) -> Updates:
        """How many rows there are, and which cannot be used."""
        rows = meaning.rows()
        wrong = [[row.id, translated(row.error)] for row in rows if row.error]
        return {
            self.about: about_html(rows) + intake_html(meaning.given.intake),
            self.bad: gr.update(
                value=headed(text.BAD_HEADERS, wrong[:MAX_BAD_ROWS]), visible=bool(wrong)
            ),
        }

    def refuse(self, error: Exception) -> Updates:
        return {self.files: None, self.about: error_html(error)}

    def nothing(self) -> Updates:
        return {**self.show(Given(Intake())), self.given: None}


def about_html(rows: Sequence[Row]) -> str:
    """How many rows there are, and what they lack."""
    usable = [row for row in rows if not row.error]
    scored = sum(1 for row in usable if row.label)
    unmapped = sum(1 for row in usable if row.original_label and not row.label)
    unlabelled = sum(1 for row in usable if not row.original_label)
    clips = sum(1 for row in usable if row.audio is not None)
    said = [i18n.counted(text.READY, len(rows), clips=clips, scored=scored)]
    for sentence, count in (
        (text.UNLABELLED, unlabelled),
        (text.BAD, len(rows) - len(usable)),
    ):
        if count:
            said.append(i18n.counted(sentence, count))
    warning = html.escape(i18n.counted(text.UNMAPPED, unmapped)) if unmapped else ""
    return status_html(" ".join(said)) + (
        f'<p class="set-unscored">{warning}</p>' if warning else ""
    )


def intake_html(intake: Intake) -> str:
    """Files that are no part of the set, and files that got another name."""
    lines = [text.LEFT_OUT.format(name=name, why=why) for name, why in intake.skipped.items()]
    lines = first_lines(lines, text.LEFT_OUT_MORE)
    renamed = [text.CALLED.format(name=name, shown=shown) for shown, name in intake.called.items()]
    lines += first_lines(renamed, text.CALLED_MORE)
    return "".join(f'<div class="caveat">{html.escape(line)}</div>' for line in lines)


def first_lines(lines: list[str], more: Mapping[str, str]) -> list[str]:
    """The first few of them, and how many there are beside."""
    if len(lines) <= MAX_LEFT_OUT:
        return lines
    return [*lines[:MAX_LEFT_OUT], i18n.counted(more, len(lines) - MAX_LEFT_OUT)]
