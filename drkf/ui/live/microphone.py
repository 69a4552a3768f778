"""The streaming microphone, its answer and its moving chart."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import gradio as gr
import plotly.graph_objects as go

from drkf.audio.stream import decode_piece
from drkf.conversation.live import LIMIT_SECONDS, WINDOW_SECONDS, LiveSession
from drkf.conversation.moment import Moment
from drkf.figures import style
from drkf.figures.timeline import emotions_over_time
from drkf.pipeline import EmotionPipeline
from drkf.speakers import SessionVoice
from drkf.ui.analyse import SESSION_SECONDS
from drkf.ui.events import AT_ONCE, QUIET, Updates
from drkf.ui.live.live_html import live_html, summary_html
from drkf.ui.parts import error_html, plot, status_html
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import live as text_live
from drkf.ui.texts import page as text
from drkf.ui.texts import voice as text_voice
from drkf.ui.voice import NEW, VoicePanel

TICK_SECONDS = 1.0
SHOWN_SECONDS = 60.0
LANES_HEIGHT = 420  # pixels: the answer below them is in sight on a laptop

STATIC = Path(__file__).parents[1] / "static"
#: Its value are the texts, so that they are in the visitor's language.
TEMPLATE = (STATIC / "live-microphone.html").read_text()
SCRIPT = (STATIC / "live-microphone.js").read_text()
STYLE = f"""
.live-buttons {{ display: flex; flex-wrap: wrap; gap: 0.8rem; align-items: center; }}
button {{
    padding: 0.6rem 1.3rem; border-radius: var(--radius-lg); font-size: 1.1rem; font-weight: 600;
    color: #FFFFFF; background: {style.VOICE_COLOUR};
}}
.live-stop {{ background: {style.THRESHOLD_COLOUR}; }}
button[hidden] {{ display: none; }}
button:focus-visible {{ outline: 3px solid var(--body-text-color); outline-offset: 2px; }}
meter {{ width: 9rem; height: 1.1rem; }}
.live-told:not(:empty) {{ margin-top: 0.6rem; }}
"""


class LivePanel:
    """Adds the microphone, what it says and its chart to the current Blocks."""

    def __init__(self, pipeline: EmotionPipeline, voice: VoicePanel) -> None:
        self._pipeline, self._voice = pipeline, voice
        # Only a visitor's state keeps a session alive, so that it ends with the page.
        self._sessions: WeakValueDictionary[str, LiveSession] = WeakValueDictionary()
        self.session = gr.State(None, time_to_live=SESSION_SECONDS)
        self.timer = gr.Timer(TICK_SECONDS, active=False)
        gr.Markdown(f"## {text_live.LIVE}")
        with gr.Row():
            with gr.Column(scale=2, min_width=320):
                self._add_microphone()
            with gr.Column(scale=5, min_width=320):
                with gr.Column(elem_classes="card"):
                    # Nothing above the lanes changes its height: they do not move.
                    self.chart = plot("live-timeline")
                with gr.Column(elem_classes="card"):
                    self.answer = gr.HTML(status_html(text_live.LIVE_IDLE), elem_id="live-answer")
                    gr.Markdown(text_live.LIVE_CAVEAT, elem_classes="caveat")

    def _add_microphone(self) -> None:
        def hear(piece: Any) -> str:  # Gradio marks the function, which it cannot do to a method
            return self.hear(piece)

        with gr.Column(elem_classes="card"):
            self.microphone = gr.HTML(
                i18n.each(microphone_texts),
                html_template=TEMPLATE,
                css_template=STYLE,
                js_on_load=SCRIPT,
                server_functions=[hear],
                elem_id="live-microphone",
            )
            if self._voice.present:
                self.tuned = gr.HTML(i18n.each(lambda: tuned_html(NEW)), elem_id="live-voice")
                self.restart = gr.Button(
                    text_voice.SOMEONE_ELSE, size="sm", elem_id="live-voice-restart"
                )
        gr.Markdown(
            text_live.LIVE_HELP.format(window=WINDOW_SECONDS, minutes=LIMIT_SECONDS / 60),
            elem_classes="caveat",
        )

    def connect(self, concurrency: dict[str, Any], tab: gr.Tab) -> None:
        """Adds the events; a tick does the model's work.

        Args:
            tab: when it is opened, it shows what the tab "Analyse" has learned of the voice.
        """
        shown = [self.answer, self.chart, self.timer]
        known = self._voice.known
        self.microphone.start_recording(self.on_start, known, [self.session, *shown], **AT_ONCE)
        if self._voice.present:
            tab.select(self.show_voice, known, [self.tuned], **AT_ONCE)
            restarted = [*self._voice.outputs, self.tuned]
            self.restart.click(self.on_restart, None, restarted, **AT_ONCE)
        self.timer.tick(
            self.on_tick,
            self.session,
            shown,
            trigger_mode="once",
            **QUIET,
            **concurrency,
        )
        self.microphone.stop_recording(self.on_stop, self.session, shown, **AT_ONCE)

    def hear(self, piece: Any) -> str:
        """The next piece of sound, or the end; the model is not asked, so the page need not wait.

        Answers "heard", "over" where the page is to stop, or "unknown" before the session is.
        """
        live = self._sessions.get(str(piece["token"]))
        if live is None:
            return "unknown"
        if piece.get("stop"):
            live.close()
            return "over"
        try:
            live.receive(int(piece["rate"]), decode_piece(piece["pcm"]))
        except (KeyError, TypeError, ValueError):
            live.lose()
        return "over" if live.closed or live.view().state == "over" else "heard"

    def show_voice(self, known: SessionVoice | None) -> Updates:
        return {self.tuned: tuned_html(known or NEW)}

    def on_restart(self) -> Updates:
        """Someone else speaks."""
        return {**self._voice.show(NEW), **self.show_voice(NEW)}

    def on_start(self, known: SessionVoice | None, event: gr.EventData) -> Updates:
        voice = None if known is None else known.reference
        live = self._sessions[event.token] = LiveSession(self._pipeline, voice=voice)
        return {
            self.session: live,
            self.answer: status_html(text_live.LIVE_WAITING),
            self.chart: self._last_minute((), live.threshold),
            self.timer: gr.Timer(active=True),
        }

    def on_tick(self, live: LiveSession | None) -> Updates:
        """A window, if there is a new one. A tick that comes while one is at work is dropped."""
        try:
            new = live is not None and live.step()
        except Exception as error:  # nothing may reach the page as a traceback
            assert live is not None
            live.close()
            live.failed = True
            return {self.answer: error_html(error), self.timer: gr.Timer(active=False)}
        if live is None or live.closed:
            return self.on_stop(live)
        view = live.view()
        updates: Updates = {self.answer: live_html(view)}
        if new:
            updates[self.chart] = self._last_minute(view.moments, live.threshold)
        return updates

    def on_stop(self, live: LiveSession | None) -> Updates:
        """The microphone is off: the answers stay on the page, the sound is deleted."""
        # One that has not begun is found closed by its first tick; a failure stays on the page.
        if live is None or live.failed:
            return {self.timer: gr.Timer(active=False)}
        live.close()
        view = live.view()
        return {
            self.answer: summary_html(view),
            self.chart: self._whole(view.moments, live.threshold),
            self.timer: gr.Timer(active=False),
        }

    def _last_minute(self, moments: Sequence[Moment], threshold: float) -> go.Figure:
        end = max(SHOWN_SECONDS, moments[-1].end_seconds if moments else 0.0)
        start = end - SHOWN_SECONDS
        shown = [moment for moment in moments if moment.end_seconds > start]
        return self._lanes(shown, start, end, threshold)

    def _whole(self, moments: Sequence[Moment], threshold: float) -> go.Figure:
        end = max(SHOWN_SECONDS, moments[-1].end_seconds if moments else 0.0)
        return self._lanes(moments, 0.0, end, threshold)

    def _lanes(
        self, moments: Sequence[Moment], start: float, end: float, threshold: float
    ) -> go.Figure:
        return emotions_over_time(
            moments,
            start,
            end,
            threshold,
            self._pipeline.info.labels,
            wording=text_figures.WORDING,
            height=LANES_HEIGHT,
        )


def tuned_html(known: SessionVoice) -> str:
    """Whose voice the microphone is tuned to at its start."""
    count = known.recordings
    said = i18n.counted(text_voice.LIVE_KNOWN, count) if count else text_voice.LIVE_NEW
    return f'<p>{said}</p><p class="caveat">{html.escape(text_voice.LIVE_NOTE)}</p>'


def microphone_texts() -> str:
    """What the template says, by name, as JSON."""
    return json.dumps(
        {
            "record": text_live.LIVE_RECORD,
            "stop": text_live.LIVE_STOP,
            "level": text_live.LIVE_LEVEL,
            **text.MICROPHONE,
        }
    )
