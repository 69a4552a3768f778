"""The run over a set: started, followed and stopped."""

from __future__ import annotations

import html
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.pipeline import EmotionPipeline
from drkf.ui.events import QUIET, Updates, Values, cumulative
from drkf.ui.parts import error_html, status_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import workbench as text
from drkf.ui.workbench.look import Look
from drkf.ui.workbench.set import Meaning, SetPanel
from drkf.ui.workbench.shown import STATE_SECONDS, Shown, told
from drkf.workbench.outcomes import Store
from drkf.workbench.results import Results
from drkf.workbench.run import Run, RunProgress, SpeakerRun
from drkf.workbench.speakers import SpeakerEffect, speaker_effect

#: One set at a time, beside the other tabs' work; the others wait in the queue.
CONCURRENCY: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "sets"}


class RunPanel:
    """Adds its components to the current Blocks."""

    def __init__(self, pipeline: EmotionPipeline, uploads: Uploads) -> None:
        self.pipeline, self.uploads = pipeline, uploads
        self.work = gr.State(None, time_to_live=STATE_SECONDS)
        with gr.Column(elem_classes="card"):
            gr.Markdown("### " + text.RUN)
            self.transcribe = gr.Checkbox(True, label=text.TRANSCRIBE, elem_id="set-transcribe")
            self.speakers = gr.Checkbox(
                pipeline.uses_voice_reference,
                label=text.SPEAKERS,
                info=text.SPEAKERS_HINT,
                visible=pipeline.uses_voice_reference,
                elem_id="set-speakers",
            )
            with gr.Row():
                self.start = gr.Button(text.RUN_BUTTON, variant="primary", elem_id="set-run")
                self.cancel = gr.Button(text.CANCEL_BUTTON, visible=False, elem_id="set-cancel")
            self.status = told("set-status", status_html(text.RUN_EMPTY))
        self.outputs = [self.status, self.start, self.cancel, self.work]

    def connect(self, given: SetPanel, look: Look) -> Any:
        """The event of a run, for who cancels it.

        Args:
            given: the set that is analysed; it is folded when its results are there.
            look: where the results are shown.
        """

        @cumulative
        def on_run(values: Values, request: gr.Request) -> Iterator[Updates]:
            visitor = request.session_hash or ""
            folder: Path | None = None
            try:
                folder = self.uploads.folder(visitor)
                meaning = given.read(values)
                options = values[self.transcribe], values[self.speakers]
                for step in self.run(meaning, *options, visitor):
                    if isinstance(step, Shown):
                        yield {
                            **self.idle(),
                            given.part: gr.update(open=False),
                            **look.show(step),
                        }
                    else:
                        yield step
            except Exception as error:  # nothing may reach the page as a traceback
                if folder is None or folder.exists():
                    yield {self.status: error_html(error), **self.idle()}
                else:  # the set was removed meanwhile
                    yield self.nothing()

        running = self.start.click(
            on_run,
            {self.transcribe, self.speakers, *given.inputs},
            [*self.outputs, given.part, *look.outputs],
            show_progress="minimal",
            show_progress_on=self.status,
            api_visibility="private",
            **CONCURRENCY,
        )
        self.cancel.click(self.stop, {self.work}, [self.status, self.cancel], queue=False, **QUIET)
        return running

    def run(
        self, meaning: Meaning, transcribe: bool, speakers: bool, visitor: str
    ) -> Iterator[Updates | Shown]:
        """Progress after each batch, then the results, whole or as far as the run got.

        Args:
            speakers: read each clip beside the others of its speaker, after it was read alone.
        """
        rows = meaning.rows()
        yield {
            self.status: status_html(text.PREPARING),
            self.start: gr.update(interactive=False),
        }
        store = Store(self.uploads.folder(visitor) / "outcomes")
        run = Run(self.pipeline, rows, store, transcribe)
        yield {self.work: run, self.cancel: gr.update(visible=True)}
        ended = yield from self._follow(run, visitor)
        results, effect, voices = run.results(), None, None
        beside = SpeakerRun(run)
        if speakers and ended and beside.beside.any():
            ended = yield from self._follow(beside, visitor)
            alone, results, voices = results, beside.results(), beside.voices
            effect = speaker_effect(alone, results, beside.beside) if ended else None
        yield {self.status: done_html(results, ended) + effect_html(effect)}
        names = {str(path): name for name, path in meaning.given.intake.files.items()}
        yield Shown(results, store, names, voices=voices)

    def _follow(self, run: Run, visitor: str) -> Generator[Updates, None, bool]:
        """Progress; returns whether the run got to its end."""
        progress = None
        for progress in run.steps():
            self.uploads.touch(visitor)  # however long the run takes
            told = text.RUNNING_BESIDE if isinstance(run, SpeakerRun) else ""
            said = status_html(text.STOPPING)
            if not run.stopping:
                said = run_progress_html(progress, told)
            yield {self.status: said, self.cancel: gr.update(visible=not run.stopping)}
        return progress is None or progress.done == progress.total

    def stop(self, values: Values) -> Updates:
        """The visitor stopped the run; what is done by then is kept."""
        run: Run | None = values[self.work]
        if run is not None:
            run.stop()
        return {self.status: status_html(text.STOPPING), self.cancel: gr.update(visible=False)}

    def idle(self) -> Updates:
        """Nothing is at work."""
        return {
            self.start: gr.update(interactive=True),
            self.cancel: gr.update(visible=False),
            self.work: None,
        }

    def nothing(self) -> Updates:
        return {self.status: status_html(text.RUN_EMPTY), **self.idle()}


def run_progress_html(progress: RunProgress, doing: str = "") -> str:
    """A bar, how far it is, and how long it may take."""
    told = doing + i18n.counted(text.RUNNING, progress.total, done=progress.done)
    if progress.heard:
        told += text.RUNNING_HEARD.format(heard=progress.heard)
    if progress.reused:
        told += text.RUNNING_REUSED.format(reused=progress.reused)
    if progress.seconds_left:
        told += text.RUNNING_LEFT.format(left=duration(progress.seconds_left))
    if progress.failed:
        told += text.RUNNING_FAILED.format(failed=progress.failed)
    return (
        f'<progress class="set-progress" max="{progress.total}" '
        f'value="{progress.done + progress.heard / 2}"></progress>' + status_html(told)
    )


def duration(seconds: float) -> str:
    if seconds < 90:
        return text.SECONDS.format(seconds=round(seconds))
    return text.MINUTES.format(minutes=round(seconds / 60))


def done_html(results: Results, ended: bool) -> str:
    """How many rows have a result, and whether the run reached the end."""
    sentence = text.DONE if ended else text.STOPPED
    return status_html(
        i18n.counted(
            sentence,
            len(results),
            answered=int(results.usable.sum()),
            checkpoint=results.checkpoint,
            hash=results.checkpoint_hash[:8],
        )
    )


def effect_html(effect: SpeakerEffect | None) -> str:
    """Both figures: each clip beside the others of its speaker, and each alone."""
    if effect is None:
        return ""
    said = text.SPEAKERS_EFFECT.format(
        rows=effect.rows,
        accuracy_beside=effect.accuracy_beside,
        uar_beside=effect.uar_beside,
        accuracy_alone=effect.accuracy_alone,
        uar_alone=effect.uar_alone,
        p=effect.p,
    )
    return f'<p id="set-speakers-effect">{html.escape(said)}</p>'
