"""Parts that several tabs are made of."""

from __future__ import annotations

import base64
import html
import io
import logging
from collections.abc import Sequence
from typing import Literal

import gradio as gr
import soundfile

from drkf.audio.clip import LONG_SECONDS, SAMPLE_RATE, Clip
from drkf.errors import DRKFError
from drkf.figures import style
from drkf.ui import microphone
from drkf.ui.server import class_mode
from drkf.ui.texts import classroom as text_classroom
from drkf.ui.texts import page as text
from drkf.ui.texts.translation import translated

log = logging.getLogger(__name__)


def recorder(
    label: str, elem_id: str, first: Literal["microphone", "upload"], visible: bool = True
) -> gr.Audio:
    """A place to record or to upload a clip, opened at ``first``; a note says why not."""
    if class_mode.on_this_page():  # a player for the examples
        return gr.Audio(
            type="filepath",
            label=text_classroom.MODE_AUDIO,
            elem_id=elem_id,
            visible=visible,
            interactive=False,
            buttons=[],
        )
    second: Literal["microphone", "upload"] = "upload" if first == "microphone" else "microphone"
    place = gr.Audio(
        sources=[first, second],
        type="filepath",
        label=label,
        elem_id=elem_id,
        visible=visible,
        buttons=[],
        editable=False,
        waveform_options=gr.WaveformOptions(
            sample_rate=SAMPLE_RATE,
            waveform_color=style.FAINT,
            waveform_progress_color=style.VOICE_COLOUR,
        ),
    )
    microphone.add_note(elem_id)
    return place


def plot(elem_id: str, visible: bool = True, elem_classes: str | None = None) -> gr.Plot:
    """A place for a figure, without a frame of its own."""
    return gr.Plot(
        show_label=False,
        container=False,
        elem_id=elem_id,
        visible=visible,
        elem_classes=elem_classes,
    )


def status_html(status: str) -> str:
    # Quotes stay, as a text's marker needs them.
    return f'<div class="verdict-status">{html.escape(status, quote=False)}</div>'


def steps_html(steps: Sequence[str], now: str) -> str:
    """The steps of the work, those before ``now`` done; names are keys of ``text.STEPS``."""
    done, parts = True, []
    for step in steps:
        name = html.escape(text.STEPS[step])
        if step == now:
            parts.append(f'<li class="now"><b>{name}</b> …</li>')
            done = False
        else:
            parts.append(f"<li>{name} ✓</li>" if done else f'<li class="later">{name}</li>')
    return f'<ol class="verdict-steps">{"".join(parts)}</ol>'


def error_html(error: Exception) -> str:
    """HTML: what the user can do about an error; an error of the program is logged, and the page
    says that it is one."""
    if isinstance(error, DRKFError):
        message = translated(str(error))
    else:
        log.error("analysis failed", exc_info=error)
        message = text.UNEXPECTED
    return f'<div class="verdict-error" role="alert">{html.escape(message)}</div>'


def download_link(content: str, elem_id: str, file_name: str, label: str) -> str:
    """A link that carries the JSON file itself, so that no copy is kept on the server."""
    return (
        f'<a id="{elem_id}" class="download" download="{file_name}" '
        f'href="data:application/json;base64,{base64.b64encode(content.encode()).decode()}">'
        f"{html.escape(label)}</a>"
    )


def player_html(clip: Clip | None, label: str, autoplay: bool = False) -> str:
    """A player that carries the sound itself; nothing where there is none, or over a minute."""
    if clip is None or clip.seconds > LONG_SECONDS:
        return ""
    flac = io.BytesIO()
    soundfile.write(flac, clip.samples, SAMPLE_RATE, format="FLAC")
    return (
        f'<audio controls{" autoplay" if autoplay else ""} preload="metadata" '
        f'aria-label="{html.escape(label)}" '
        f'src="data:audio/flac;base64,{base64.b64encode(flac.getvalue()).decode()}"></audio>'
    )
