"""What the live microphone says, as HTML."""

from __future__ import annotations

import html

from drkf.conversation.live import LIMIT_SECONDS, LiveView
from drkf.conversation.moment import Moment
from drkf.figures import style
from drkf.figures.timeline import clock
from drkf.ui.parts import status_html
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import live as text_live
from drkf.ui.texts import page as text
from drkf.ui.texts import voice as text_voice
from drkf.ui.texts.translation import translated
from drkf.ui.verdict import emotion_name, percent


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
    return _page_html(head, view)


def headline_html(moment: Moment) -> str:
    """The emotion of a moment that has one."""
    assert moment.prediction is not None
    colour = style.emotion_colour(moment.prediction.emotion)
    headline = (text.UNSURE if moment.uncertain else text.SURE).format(
        emotion=f"<b>{html.escape(emotion_name(moment.prediction.emotion).upper())}</b>",
        probability=percent(moment.prediction.confidence),
    )
    return (
        f'<div class="verdict-emotion"><span class="swatch" style="background:{colour}"></span>'
        f"{headline}</div>"
    )


def agreement(moment: Moment) -> str:
    """Whether voice and words agree, as far as there are words."""
    if moment.inconsistency is None or moment.agreement is None:
        return text_live.LIVE_VOICE_ONLY
    score = text.SCORE.format(score=round(100 * moment.inconsistency))
    return f"{text.AGREEMENTS[moment.agreement]} {score}"


def summary_html(view: LiveView) -> str:
    """What remains when the microphone is off."""
    if view.state == "over":
        said = text_live.LIVE_OVER.format(minutes=LIMIT_SECONDS / 60)
    else:
        said = text_live.LIVE_STOPPED.format(clock=clock(view.seconds))
    if (mostly := view.mostly()) is not None:
        emotion, share = emotion_name(mostly[0]), mostly[1]
        said = f"{said} {text_live.LIVE_MOSTLY.format(emotion=emotion, share=share)}"
    return _page_html(status_html(said), view)


def _page_html(head: str, view: LiveView) -> str:
    """The head keeps its height, so that the words below it stay where they are."""
    return f'<div class="live-head">{head}</div>{_words_html(view)}{_foot_html(view)}'


def _words_html(view: LiveView) -> str:
    """All words that were recognised, in two lines that show the newest and can be scrolled."""
    return (
        f'<div id="live-words" class="live-words" tabindex="0" role="log" '
        f'aria-label="{html.escape(text_live.LIVE_WORDS)}"><p>{html.escape(view.text)}</p></div>'
    )


def _foot_html(view: LiveView) -> str:
    notes = [clock(view.seconds)]
    if view.stretches:
        notes.append(i18n.counted(text_voice.LIVE_HEARD, view.stretches))
    if view.note:
        notes.append(translated(view.note))
    if view.skipped:
        notes.append(i18n.counted(text_live.LIVE_SKIPPED, view.skipped))
    if view.lost:
        notes.append(i18n.counted(text_live.LIVE_LOST, view.lost))
    spans = "".join(f"<span>{html.escape(note)}</span>" for note in notes)
    return f'<div class="verdict-foot">{spans}</div>'
