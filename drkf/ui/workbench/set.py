"""The tab "Error analysis": a labelled set in, where and why the model fails out."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from drkf.errors import ManifestError
from drkf.pipeline import EmotionPipeline
from drkf.ui.evidence import Updates
from drkf.ui.parts import error_html, status_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts.en import workbench as text
from drkf.ui.workbench.look import EXPORTS, STATE_SECONDS, TAB, Look, Shown
from drkf.workbench import ingest
from drkf.workbench.ingest import FIELDS, Row, Sheet
from drkf.workbench.outcomes import Store
from drkf.workbench.run import Progress, Run
from drkf.workbench.uploads import Intake, load_example

MOST_BAD_ROWS = 200
MOST_LEFT_OUT = 5
MOST_SPLITS = 50
MOST_LABELS = 200

#: One set at a time, beside the other tabs' work; the others wait in the queue.
CONCURRENCY: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "sets"}
QUICK: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True, eq=False)
class Given:
    """A visitor's set: what was uploaded, and the table of it that is open.

    ``example``: it is the bundled set, which uploads replace instead of joining it.
    """

    intake: Intake
    sheet: Sheet | None = None
    example: bool = False


def build(
    pipeline: EmotionPipeline, uploads: Uploads, session: gr.State, tabs: gr.Tabs, lab: str
) -> None:
    """Adds the tab's components and events to the current Blocks.

    Args:
        session: the state of the tab "Analyse", which the lab takes over.
        tabs: the page's tabs, of which ``lab`` is the id of "What if".
    """
    labels = pipeline.info.labels
    given = gr.State(None, time_to_live=STATE_SECONDS)
    work = gr.State(None, time_to_live=STATE_SECONDS)
    gr.Markdown(text.HELP)
    with gr.Accordion(text.SET, open=True, elem_id="set") as set_part, gr.Row():
        with gr.Column(scale=2, min_width=300):
            files = gr.File(
                label=text.FILES,
                file_count="multiple",
                height=130,
                elem_id="set-files",
            )
            sentences = gr.Textbox(
                label=text.SENTENCES,
                placeholder=text.SENTENCES_PLACEHOLDER,
                lines=2,
                max_lines=8,
                elem_id="set-sentences",
            )
            with gr.Row():
                use_sentences = gr.Button(
                    text.SENTENCES_BUTTON, min_width=120, elem_id="set-use-sentences"
                )
                example = gr.Button(text.EXAMPLE_BUTTON, min_width=120, elem_id="set-example")
                clear = gr.Button(text.CLEAR_BUTTON, min_width=120, elem_id="set-clear")
            gr.Markdown(text.EXAMPLE_NOTE, elem_classes="caveat")
        with gr.Column(scale=3, min_width=300):
            about = gr.HTML(
                status_html(text.EMPTY),
                html_template='<div aria-live="polite">${value}</div>',
                elem_id="set-about",
            )
            with gr.Column(visible=False) as meanings:
                table = gr.Dropdown([], label=text.TABLE, elem_id="set-table")
                gr.Markdown("#### " + text.COLUMNS)
                with gr.Row():
                    columns = [
                        gr.Dropdown(
                            [],
                            label=text.COLUMN_NAMES[name],
                            min_width=130,
                            elem_id=f"set-column-{name}",
                        )
                        for name in FIELDS
                    ]
                split = gr.Dropdown([], label=text.SPLIT, visible=False, elem_id="set-split")
                with gr.Column(visible=False) as map_part:
                    gr.Markdown("#### " + text.LABELS)
                    label_map = gr.Dataframe(
                        headers=text.LABEL_HEADERS,
                        datatype=["str", "number", "str"],
                        type="array",
                        interactive=True,
                        static_columns=[0, 1],
                        max_height=300,
                        show_label=False,
                        label=text.LABELS,
                        buttons=[],
                        elem_id="set-labels",
                    )
                    gr.Markdown(
                        text.LABELS_HINT.format(labels=", ".join(labels)),
                        elem_classes="caveat",
                    )
            bad = gr.Dataframe(
                headers=text.BAD_HEADERS,
                datatype="str",
                label=text.BAD_ROWS,
                interactive=False,
                visible=False,
                max_height=220,
                wrap=True,
                buttons=[],
                elem_id="set-bad",
            )
    with gr.Column(elem_classes="card"):
        gr.Markdown("### " + text.RUN)
        transcribe = gr.Checkbox(True, label=text.TRANSCRIBE, elem_id="set-transcribe")
        with gr.Row():
            start = gr.Button(text.RUN_BUTTON, variant="primary", elem_id="set-run")
            cancel = gr.Button(text.CANCEL_BUTTON, visible=False, elem_id="set-cancel")
        status = gr.HTML(
            status_html(text.RUN_EMPTY),
            html_template='<div aria-live="polite">${value}</div>',
            elem_id="set-status",
        )
    look = Look(pipeline, uploads, session, tabs, lab)

    asked: list[Any] = [given, split, label_map, *columns]
    described = [about, bad]
    shown_set = [given, files, table, meanings, split, map_part, label_map, *columns, *described]

    def show_set(now: Given, chosen: str) -> Updates:
        """A set, and what its columns and labels seem to mean."""
        sheet = now.sheet
        if sheet is None:
            return {
                given: now,
                files: None,
                meanings: gr.update(visible=False),
                about: status_html(text.EMPTY) + left_out_html(now.intake.skipped),
                bad: gr.update(visible=False),
            }
        guess = ingest.guess_columns(sheet, now.intake.finder())
        tables = [(name, name) for name in now.intake.tables()]
        if now.intake.finder().clips():
            tables.append((text.NO_TABLE, ""))
        names = [(text.NO_COLUMN, ""), *((name, name) for name in sheet.columns)]
        return {
            given: now,
            files: None,
            meanings: gr.update(visible=True),
            table: gr.update(choices=tables, value=chosen, visible=len(tables) > 1),
            **{
                control: gr.update(choices=names, value=guess[name] or "")
                for name, control in zip(FIELDS, columns, strict=True)
            },
            **show_label(now, guess["label"]),
            **show_split(sheet, guess["split"]),
            **describe(now, guess, ingest.guess_label_map(sheet, guess["label"], labels), None),
        }

    def show_label(now: Given, column: str | None) -> Updates:
        """The map of the labels that this column holds."""
        assert now.sheet is not None
        guess = ingest.guess_label_map(now.sheet, column, labels)
        counts = ingest.label_counts(now.sheet, column)
        rows = [[name, counts[name], meaning] for name, meaning in guess.items()][:MOST_LABELS]
        return {map_part: gr.update(visible=bool(rows)), label_map: rows}

    def show_split(sheet: Sheet, column: str | None) -> Updates:
        names = (
            sorted({cell for cell in sheet.cells[column] if cell})[:MOST_SPLITS] if column else []
        )
        choices = [(text.ALL_SPLITS, ""), *((name, name) for name in names)]
        return {split: gr.update(choices=choices, value="", visible=len(names) > 1)}

    def describe(
        now: Given,
        chosen: Mapping[str, str | None],
        meaning: Mapping[str, str],
        only: str | None,
    ) -> Updates:
        """How many rows there are, and which cannot be used."""
        assert now.sheet is not None
        rows = ingest.make_rows(now.sheet, chosen, meaning, now.intake.finder(), only)
        wrong = [[row.id, row.error] for row in rows if row.error]
        return {
            about: about_html(rows) + left_out_html(now.intake.skipped),
            bad: gr.update(value=wrong[:MOST_BAD_ROWS] or None, visible=bool(wrong)),
        }

    def refuse(error: Exception) -> Updates:
        return {files: None, about: error_html(error)}

    def on_files(paths: list[str] | None, now: Given | None, request: gr.Request) -> Updates:
        """Uploads join what is there already; Gradio's copies go at once."""
        visitor = request.session_hash or ""
        try:
            for path in paths or ():
                uploads.add(visitor, TAB, path)
            folder = uploads.folder(visitor) / "set"
            folder.mkdir(exist_ok=True)
            before = Intake() if now is None or now.example else now.intake
            intake = before.add(paths or (), folder)
            first = next(iter(intake.tables()), "")
            sheet = intake.sheet(first) if intake.files else None
            return show_set(Given(intake, sheet), first)
        except Exception as error:  # nothing may reach the page as a traceback
            return refuse(error)
        finally:
            for path in paths or ():
                uploads.remove(visitor, TAB, path)

    def on_sentences(written: str) -> Updates:
        try:
            return show_set(Given(Intake(), ingest.texts_sheet(written)), "")
        except Exception as error:
            return refuse(error)

    def on_example() -> Updates:
        try:
            intake, first = load_example()
            return show_set(Given(intake, intake.sheet(first), example=True), first)
        except Exception as error:
            return refuse(error)

    def on_clear(request: gr.Request) -> Updates:
        """The set goes, and with it all that was made of it."""
        uploads.empty(request.session_hash or "")
        uploads.replace(request.session_hash or "", EXPORTS, None)
        return {
            **show_set(Given(Intake()), ""),
            given: None,
            work: None,
            status: status_html(text.RUN_EMPTY),
            start: gr.update(interactive=True),
            cancel: gr.update(visible=False),
            **look.nothing(),
        }

    def on_table(chosen: str, now: Given | None) -> Updates:
        try:
            if now is None:
                raise ManifestError(text.NO_SET)
            return show_set(replace(now, sheet=now.intake.sheet(chosen)), chosen)
        except Exception as error:
            return refuse(error)

    def on_label_column(now: Given | None, *values: Any) -> Updates:
        """Another column of labels has other labels to map."""
        try:
            sheet, chosen, _, _ = read(now, values)
            assert now is not None
            guess = ingest.guess_label_map(sheet, chosen["label"], labels)
            return {**show_label(now, chosen["label"]), **describe(now, chosen, guess, None)}
        except Exception as error:
            return refuse(error)

    def on_split_column(now: Given | None, *values: Any) -> Updates:
        try:
            sheet, chosen, meaning, _ = read(now, values)
            assert now is not None
            return {**show_split(sheet, chosen["split"]), **describe(now, chosen, meaning, None)}
        except Exception as error:
            return refuse(error)

    def on_meaning(now: Given | None, *values: Any) -> Updates:
        try:
            _, chosen, meaning, only = read(now, values)
            assert now is not None
            return describe(now, chosen, meaning, only)
        except Exception as error:
            return refuse(error)

    def read(
        now: Given | None, values: Sequence[Any]
    ) -> tuple[Sheet, dict[str, str | None], dict[str, str], str | None]:
        """The sheet, its columns, what its labels mean and the split, as the controls say."""
        if now is None or now.sheet is None:
            raise ManifestError(text.NO_SET)
        only, mapped, *names = values
        chosen = {field: name or None for field, name in zip(FIELDS, names, strict=True)}
        return now.sheet, chosen, read_map(mapped, labels), only or None

    def on_run(
        now: Given | None, recognise: bool, request: gr.Request, *values: Any
    ) -> Iterator[Updates]:
        """Progress after each batch, then the results, whole or as far as the run got."""
        try:
            sheet, chosen, meaning, only = read(now, values)
            assert now is not None
            rows = ingest.make_rows(sheet, chosen, meaning, now.intake.finder(), only)
            yield {status: status_html(text.PREPARING), start: gr.update(interactive=False)}
            visitor = request.session_hash or ""
            store = Store(uploads.folder(visitor) / "outcomes")
            run = Run(pipeline, rows, store, recognise)
            yield {work: run, cancel: gr.update(visible=True)}
            progress = None
            for progress in run.steps():
                uploads.touch(visitor)  # however long the run takes
                yield {status: progress_html(progress)}
            results = run.results()
            names = {str(path): name for name, path in now.intake.files.items()}
            ended = progress is None or progress.done == progress.total
            yield {
                status: done_html(results, ended),
                start: gr.update(interactive=True),
                cancel: gr.update(visible=False),
                work: None,
                set_part: gr.update(open=False),
                **look.show(Shown(results, store, names)),
            }
        except Exception as error:
            yield {
                status: error_html(error),
                start: gr.update(interactive=True),
                cancel: gr.update(visible=False),
                work: None,
            }

    def on_cancel(run: Run | None) -> Updates:
        if run is not None:
            run.stop()
        return {status: status_html(text.STOPPING), cancel: gr.update(visible=False)}

    taking: dict[str, Any] = {
        "show_progress": "minimal",
        "show_progress_on": about,
        "api_visibility": "private",
    }
    files.upload(on_files, [files, given], shown_set, **taking)
    use_sentences.click(on_sentences, sentences, shown_set, **taking)
    example.click(on_example, None, shown_set, **taking)
    table.input(on_table, [table, given], shown_set, **taking)
    of_field = dict(zip(FIELDS, columns, strict=True))
    of_field["label"].input(
        on_label_column, asked, [files, map_part, label_map, *described], **taking
    )
    of_field["split"].input(on_split_column, asked, [files, split, *described], **taking)
    others = [c.input for name, c in of_field.items() if name not in ("label", "split")]
    gr.on(
        [*others, split.input, label_map.input],
        on_meaning,
        asked,
        [files, *described],
        trigger_mode="always_last",
        **taking,
    )
    running = start.click(
        on_run,
        [given, transcribe, *asked[1:]],
        [status, start, cancel, work, set_part, *look.outputs],
        show_progress="minimal",
        show_progress_on=status,
        api_visibility="private",
        **CONCURRENCY,
    )
    cancel.click(on_cancel, work, [status, cancel], queue=False, **QUICK)
    clear.click(
        on_clear,
        None,
        [*shown_set, work, status, start, cancel, *look.outputs],
        cancels=[running, *look.working],
        queue=False,
        **QUICK,
    )


def read_map(rows: Sequence[Sequence[Any]] | None, labels: Sequence[str]) -> dict[str, str]:
    """What the labels mean, as the table says.

    Raises:
        ManifestError: a meaning is none of the model's labels.
    """
    known = {label.casefold(): label for label in labels} | {"": ""}
    meanings = {}
    for name, _, meaning in rows or ():
        written = str(meaning or "").strip()
        if written.casefold() not in known:
            raise ManifestError(
                text.WRONG_LABEL.format(
                    label=repr(ingest.shorten(written, 40)), labels=", ".join(labels)
                )
            )
        meanings[str(name)] = known[written.casefold()]
    return meanings


def about_html(rows: Sequence[Row]) -> str:
    """How many rows there are, and what they lack."""
    usable = [row for row in rows if not row.error]
    scored = sum(1 for row in usable if row.label)
    unmapped = sum(1 for row in usable if row.original_label and not row.label)
    unlabelled = sum(1 for row in usable if not row.original_label)
    clips = sum(1 for row in usable if row.audio is not None)
    told = [text.READY.format(rows=len(rows), clips=clips, scored=scored)]
    for sentence, count in (
        (text.UNMAPPED, unmapped),
        (text.UNLABELLED, unlabelled),
        (text.BAD, len(rows) - len(usable)),
    ):
        if count:
            told.append(sentence.format(count=count))
    return status_html(" ".join(told))


def left_out_html(skipped: Mapping[str, str]) -> str:
    """Files that are no part of the set."""
    lines = [
        text.LEFT_OUT.format(name=name, why=why)
        for name, why in list(skipped.items())[:MOST_LEFT_OUT]
    ]
    if len(skipped) > MOST_LEFT_OUT:
        lines.append(text.LEFT_OUT_MORE.format(count=len(skipped) - MOST_LEFT_OUT))
    return "".join(f'<div class="caveat">{html.escape(line)}</div>' for line in lines)


def progress_html(progress: Progress) -> str:
    """A bar, how far it is, and how long it may take."""
    told = text.RUNNING.format(done=progress.done, total=progress.total)
    if progress.reused:
        told += text.RUNNING_REUSED.format(reused=progress.reused)
    if progress.seconds_left:
        told += text.RUNNING_LEFT.format(left=duration(progress.seconds_left))
    if progress.failed:
        told += text.RUNNING_FAILED.format(failed=progress.failed)
    return (
        f'<progress class="set-progress" max="{progress.total}" value="{progress.done}"></progress>'
        + status_html(told)
    )


def duration(seconds: float) -> str:
    if seconds < 90:
        return text.SECONDS.format(seconds=round(seconds))
    return text.MINUTES.format(minutes=round(seconds / 60))


def done_html(results: Any, ended: bool) -> str:
    sentence = text.DONE if ended else text.STOPPED
    return status_html(
        sentence.format(
            answered=int(results.usable.sum()),
            total=len(results),
            checkpoint=results.checkpoint,
            hash=results.checkpoint_hash[:8],
        )
    )
