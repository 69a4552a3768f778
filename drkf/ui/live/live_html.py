"""What the live microphone says, as HTML."""

from __future__ import annotations

import html

from drkf.conversation.live import LIMIT_SECONDS, LiveView
from drkf.conversation.moment import Moment
from drkf.figures import style
from drkf.figures.timeline import clock
from drkf.ui.parts import status_html
from drkf.ui.texts import live as text_live
from drkf.ui.texts import page as text

SHOWN_CHARACTERS = 300


def live_html(view: LiveView) -> str:
    """What is heard at this moment, readable from afar."""
    if view.state == "over":
        over = text_live.LIVE_OVER.format(minutes=LIMIT_SECONDS / 60)
        return status_html(over)
    if view.state == "stalled":
        head = status_html(text_live.LIVE_STALLED)
    elif view.state == "waiting":
        head = status_html(text_live.LIVE_WAITING)
    elif view.state == "silence":
        head = status_html(text_live.LIVE_SILENCE)
    else:
        moment = view.moments[-1]
        sentence = html.escape(agreement(moment))
        head = f'{headline_html(moment)}<div class="verdict-sentence">{sentence}</div>'
    return head + _words_html(view) + _foot_html(view)


def headline_html(moment: Moment) -> str:
    """The emotion of a moment that has one."""
    assert moment.prediction is not None
    colour = style.emotion_colour(moment.prediction.emotion)
    headline = (text.UNSURE if moment.uncertain else text.SURE).format(
        emotion=f"<b>{html.escape(moment.prediction.emotion.upper())}</b>",
        probability=f"{moment.prediction.confidence:.2f}",
    )
    return (
        f'<div class="verdict-emotion"><span class="swatch" style="background:{colour}"></span>'
        f"{headline}</div>"
    )


def agreement(moment: Moment) -> str:
    """Whether voice and words agree, as far as there are words."""
    if moment.inconsistency is None:
        return text_live.LIVE_VOICE_ONLY
    if moment.inconsistent:
        return text_live.LIVE_INCONSISTENT.format(score=moment.inconsistency)
    return text_live.LIVE_CONSISTENT.format(score=moment.inconsistency)


def summary_html(view: LiveView) -> str:
    """What remains when the microphone is off."""
    if view.state == "over":
        said = text_live.LIVE_OVER.format(minutes=LIMIT_SECONDS / 60)
    else:
        said = text_live.LIVE_STOPPED.format(clock=clock(view.seconds))
    if (mostly := view.mostly()) is not None:
        emotion, share = mostly
        said = f"{said} {text_live.LIVE_MOSTLY.format(emotion=emotion, share=share)}"
    return status_html(said) + _words_html(view) + _foot_html(view)


def _words_html(view: LiveView) -> str:
    """The newest words that were recognised."""
    if not view.text:
        return ""
    said = view.text
    if len(said) > SHOWN_CHARACTERS:
        said = "… " + said[-SHOWN_CHARACTERS:].split(" ", 1)[-1]
    return (
        f'<div class="verdict-sentence" id="live-words"><span class="caveat">'
        f"{text_live.LIVE_WORDS}:</span> {html.escape(said)}</div>"
    )


def _foot_html(view: LiveView) -> str:
    notes = [clock(view.seconds)]
    if view.note:
        notes.append(view.note)
    if view.skipped:
        notes.append(text_live.LIVE_SKIPPED.format(count=view.skipped))
    if view.lost:
        notes.append(text_live.LIVE_LOST.format(count=view.lost))
    spans = "".join(f"<span>{html.escape(note)}</span>" for note in notes)
    return f'<div class="verdict-foot">{spans}</div>'
