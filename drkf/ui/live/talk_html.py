"""What is said of a recorded conversation, as HTML."""

from __future__ import annotations

import html

from drkf.conversation.recording import Conversation, ConversationProgress, TimedUtterance
from drkf.figures import style
from drkf.figures.timeline import clock
from drkf.ui.live.live_html import emotion_name, headline_html
from drkf.ui.parts import status_html
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import live as text_live
from drkf.ui.texts.translation import translated


def conversation_progress_html(progress: ConversationProgress) -> str:
    """How far the recording is recognised or analysed: a sentence and a bar."""
    if progress.stage == "recognise":
        told = text_live.TALK_RECOGNISE.format(
            done=clock(progress.done), total=clock(progress.total)
        )
    else:
        told = text_live.TALK_ANALYSE.format(done=progress.done, total=progress.total)
    bar = (
        f'<progress style="width: 100%" max="{progress.total:g}" value="{progress.done:g}" '
        f'aria-label="{html.escape(told)}"></progress>'
    )
    return f"{status_html(told)}{bar}"


def conversation_html(found: Conversation) -> str:
    """What was found in the recording, with its warnings."""
    told = i18n.counted(text_live.TALK_DONE, len(found.utterances), clock=clock(found.clip.seconds))
    warnings = "".join(f"<li>{html.escape(translated(said))}</li>" for said in found.warnings)
    notes = f'<ul class="verdict-warnings">{warnings}</ul>' if warnings else ""
    return status_html(told) + notes


def utterance_html(found: Conversation, index: int, sentence: str) -> str:
    """The utterance that is open: where it is, what was said, and the answer."""
    utterance = found.utterances[index]
    place = text_live.TALK_PLACE.format(
        number=index + 1,
        count=len(found.utterances),
        start=clock(utterance.start_seconds),
        end=clock(utterance.end_seconds),
    )
    words = html.escape(utterance.transcript.text or text_live.TALK_NO_WORDS)
    return (
        f"{status_html(place)}{headline_html(utterance.moment)}"
        f'<div class="verdict-sentence">{sentence}</div>'
        f'<div class="verdict-sentence" id="talk-words"><i>{words}</i></div>'
    )


def row_text(utterance: TimedUtterance) -> str:
    """An utterance in the list."""
    reading = utterance.reading
    sign = text_live.TALK_UNCERTAIN if reading.uncertain else ""
    if reading.agreement == "contradict":
        sign += f" {style.CONTRADICTION}"
    return text_live.TALK_ROW.format(
        clock=clock(utterance.start_seconds),
        emotion=emotion_name(reading.fused.emotion),
        probability=reading.fused.confidence,
        sign=sign,
        words=utterance.transcript.text or text_live.TALK_NO_WORDS,
    )
