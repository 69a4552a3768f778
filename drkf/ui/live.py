"""The tab "Live": a microphone read each second, and a whole recorded conversation."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

import gradio as gr

from drkf.analysis import Analysis
from drkf.audio.stream import decode_piece
from drkf.conversation.live import LIMIT_SECONDS, WINDOW_SECONDS, LiveSession, LiveView
from drkf.conversation.moment import Moment
from drkf.conversation.recording import Conversation, Progress, Utterance, analyse_conversation
from drkf.figures import style
from drkf.figures.timeline import clock, emotions_over_time
from drkf.pipeline import EmotionPipeline, Heard
from drkf.pipeline import Utterance as EncodedVoice
from drkf.ui.analyse import SESSION_SECONDS, verdict_sentence
from drkf.ui.evidence import Evidence, Updates
from drkf.ui.parts import error_html, plot, recorder, status_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts.en import live as text_live
from drkf.ui.texts.en import page as text

TAB = "live"
TICK_SECONDS = 1.0
SHOWN_SECONDS = 60.0
SHOWN_CHARACTERS = 300

#: Its value are the texts, so that they are in the visitor's language.
MICROPHONE = """
<div class="live-buttons">
  <button type="button" class="live-record">${value[0]}</button>
  <button type="button" class="live-stop" hidden>${value[1]}</button>
  <meter min="0" max="1" value="0" aria-label="${value[2]}"></meter>
</div>
<div class="live-told" role="alert" data-denied="${value[3]}" data-missing="${value[4]}"></div>
"""

MICROPHONE_STYLE = f"""
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

#: Gradio's streaming microphone sends a file for each tenth of a second, drops those that come
#: while it is busy, and leaves them on the disk. Here sound goes from memory to memory, and a slow
#: server gets longer pieces instead of more of them.
LISTEN = """
const [record, stop] = element.querySelectorAll("button");
const meter = element.querySelector("meter"), told = element.querySelector(".live-told");
const WORKLET = `registerProcessor("pieces", class extends AudioWorkletProcessor {
  process([input]) { if (input.length) this.port.postMessage(input[0].slice()); return true; }
})`;
const PIECE_MS = 500, MOST_SECONDS = 10;
let stream = null, context = null, timer = null, token = "", sending = false;
let kept = [], length = 0;

const keep = (block) => {
  kept.push(block);
  length += block.length;
  while (length > MOST_SECONDS * context.sampleRate) length -= kept.shift().length;
  const peak = block.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  meter.value = Math.max(peak, 0.9 * meter.value);
};
const encoded = (blocks, count) => {
  const pcm = new Int16Array(count);
  let place = 0;
  for (const block of blocks)
    for (const x of block) pcm[place++] = 32767 * Math.max(-1, Math.min(1, x));
  let bytes = "";
  const all = new Uint8Array(pcm.buffer);
  for (let i = 0; i < all.length; i += 8192)
    bytes += String.fromCharCode(...all.subarray(i, i + 8192));
  return btoa(bytes);
};
const send = async () => {
  if (sending || !length) return;
  sending = true;
  const blocks = kept, count = length;
  [kept, length] = [[], 0];
  try {
    const rate = context.sampleRate;
    const answer = await server.hear({ token, rate, pcm: encoded(blocks, count) });
    if (answer === "unknown" && stream) [kept, length] = [[...blocks, ...kept], length + count];
    if (answer === "over") halt();
  } catch (error) {
    // The connection failed: this piece is lost, the next one may arrive.
  } finally {
    sending = false;
  }
};
const halt = async () => {
  if (!stream) return;
  clearInterval(timer);
  stream.getTracks().forEach((track) => track.stop());
  context.close();
  stream = null;
  [kept, length] = [[], 0];
  stop.hidden = true;
  meter.value = 0;
  // The end may overtake the beginning, or the connection may be away.
  const end = { token, rate: context.sampleRate, pcm: "", stop: true };
  for (let tries = 0; tries < 60; tries++) {
    const answer = await server.hear(end).catch(() => "unknown");
    if (answer !== "unknown") break;
    await new Promise((wait) => setTimeout(wait, PIECE_MS));
  }
  record.hidden = false;
  record.focus();
  trigger("stop_recording");
};
record.addEventListener("click", async () => {
  if (stream) return;
  told.textContent = "";
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
    context = new AudioContext();
    await context.audioWorklet.addModule(
      URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" })));
  } catch (error) {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    const { denied, missing } = told.dataset;
    told.textContent = error.name === "NotAllowedError" ? denied : missing;
    return;
  }
  const pieces = new AudioWorkletNode(context, "pieces", { numberOfOutputs: 0 });
  pieces.port.onmessage = ({ data }) => { if (stream) keep(data); };
  context.createMediaStreamSource(stream).connect(pieces);
  stream.getTracks().forEach((track) => track.addEventListener("ended", halt));
  token = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(16)).join("-");
  [record.hidden, stop.hidden] = [true, false];
  stop.focus();
  trigger("start_recording", { token });
  timer = setInterval(send, PIECE_MS);
});
stop.addEventListener("click", halt);
"""

#: A click on a stretch of the conversation's timeline chooses its utterance in the list.
CHOOSE_BY_CLICK = """
() => {
  document.addEventListener("click", (event) => {
    const plot = event.target.closest?.("#talk-course .js-plotly-plot");
    const axis = plot?._fullLayout?.xaxis;
    if (!axis) return;
    const left = plot.querySelector(".svg-container").getBoundingClientRect().left;
    const seconds = axis.p2l(event.clientX - left - axis._offset);
    const bars = plot._fullData[0];
    const place = [...bars.x].findIndex((x, i) => Math.abs(x - seconds) <= bars.width[i] / 2);
    if (place >= 0) document.querySelectorAll("#talk-list input[type=radio]")[place]?.click();
  });
}
"""

QUICK: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}


@dataclass(frozen=True, eq=False)
class Talk:
    """A visitor's conversation, and the utterance that is open, once it has been explained."""

    conversation: Conversation
    opened: EncodedVoice | None = None
    analysis: Analysis | None = None


def build(pipeline: EmotionPipeline, uploads: Uploads, concurrency: dict[str, Any]) -> None:
    """Adds the tab's components and events to the current Blocks."""
    build_microphone(pipeline, concurrency)
    build_conversation(pipeline, uploads, concurrency)


def build_microphone(pipeline: EmotionPipeline, concurrency: dict[str, Any]) -> None:
    """The streaming microphone, its answer and its moving chart."""
    minutes = LIMIT_SECONDS / 60
    session = gr.State(None, time_to_live=SESSION_SECONDS)
    # Only a visitor's state keeps a session alive, so that it goes with the page.
    sessions: WeakValueDictionary[str, LiveSession] = WeakValueDictionary()

    def hear(piece: Any) -> str:
        """The next piece of sound, or the end; the model is not asked, so the page need not wait.

        Answers "heard", "over" where the page is to stop, or "unknown" before the session is.
        """
        live = sessions.get(str(piece["token"]))
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

    timer = gr.Timer(TICK_SECONDS, active=False)
    gr.Markdown(f"## {text_live.LIVE}")
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            with gr.Column(elem_classes="card"):
                microphone = gr.HTML(
                    [
                        text_live.LIVE_RECORD,
                        text_live.LIVE_STOP,
                        text_live.LIVE_LEVEL,
                        text_live.LIVE_DENIED,
                        text_live.LIVE_MISSING,
                    ],
                    html_template=MICROPHONE,
                    css_template=MICROPHONE_STYLE,
                    js_on_load=LISTEN,
                    server_functions=[hear],
                    elem_id="live-microphone",
                )
            gr.Markdown(
                text_live.LIVE_HELP.format(window=WINDOW_SECONDS, minutes=minutes),
                elem_classes="caveat",
            )
        with gr.Column(scale=5, min_width=320):
            with gr.Column(elem_classes="card"):
                answer = gr.HTML(status_html(text_live.LIVE_IDLE), elem_id="live-answer")
            with gr.Column(elem_classes="card"):
                chart = plot("live-timeline")
                gr.Markdown(text_live.LIVE_CAVEAT, elem_classes="caveat")

    def on_start(event: gr.EventData) -> Updates:
        live = sessions[event.token] = LiveSession(pipeline)
        return {
            session: live,
            answer: status_html(text_live.LIVE_WAITING),
            chart: _chart(pipeline, (), live.threshold),
            timer: gr.Timer(active=True),
        }

    def on_tick(live: LiveSession | None) -> Updates:
        """A window, if there is a new one. A tick that comes while one is at work is dropped."""
        try:
            new = live is not None and live.step()
        except Exception as error:  # nothing may reach the page as a traceback
            assert live is not None
            live.close()
            live.failed = True
            return {answer: error_html(error), timer: gr.Timer(active=False)}
        if live is None or live.closed:
            return on_stop(live)
        view = live.view()
        updates: Updates = {answer: live_html(view)}
        if new:
            updates[chart] = _chart(pipeline, view.moments, live.threshold)
        return updates

    def on_stop(live: LiveSession | None) -> Updates:
        """The microphone is off: what was said of the sound stays, the sound goes."""
        # One that has not begun is found closed by its first tick; a failure stays on the page.
        if live is None or live.failed:
            return {timer: gr.Timer(active=False)}
        live.close()
        view = live.view()
        return {
            answer: summary_html(view),
            chart: _chart(pipeline, view.moments, live.threshold, whole=True),
            timer: gr.Timer(active=False),
        }

    microphone.start_recording(on_start, None, [session, answer, chart, timer], **QUICK)
    timer.tick(
        on_tick,
        session,
        [answer, chart, timer],
        trigger_mode="once",
        show_progress="hidden",
        api_visibility="private",
        **concurrency,
    )
    microphone.stop_recording(on_stop, session, [answer, chart, timer], **QUICK)


def build_conversation(
    pipeline: EmotionPipeline, uploads: Uploads, concurrency: dict[str, Any]
) -> None:
    """A recording, its timeline, and all about one of its utterances."""
    talk = gr.State(None, time_to_live=SESSION_SECONDS)
    gr.Markdown(f"## {text_live.TALK}")
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            audio = recorder(text_live.TALK_AUDIO, "talk-audio", "upload")
            gr.Markdown(text_live.TALK_HELP, elem_classes="caveat")
            stop = gr.Button(text_live.TALK_STOP, visible=False, elem_id="talk-stop")
            utterances = gr.Radio([], label=text_live.TALK_LIST, visible=False, elem_id="talk-list")
        with gr.Column(scale=5, min_width=320):
            with gr.Column(elem_classes="card"):
                status = gr.HTML(
                    status_html(text_live.TALK_EMPTY),
                    html_template='<div aria-live="polite">${value}</div>',
                    elem_id="talk-status",
                )
            with gr.Column(visible=False, elem_classes="card") as course:
                timeline = plot("talk-course")
                gr.Markdown(text_live.TALK_CAVEAT, elem_classes="caveat")
            evidence = Evidence(pipeline.info.relevance_method, prefix="talk-")

    def cleared(told: str) -> Updates:
        """No recording, and nothing of an earlier one."""
        return {
            talk: None,
            status: status_html(told),
            stop: gr.update(visible=False),
            course: gr.update(visible=False),
            utterances: gr.update(choices=[], value=None, visible=False),
            **evidence.hide(),
        }

    def on_recording(path: str | None, request: gr.Request) -> Iterator[Updates]:
        """Progress, then the timeline and the list."""
        try:
            uploads.replace(request.session_hash or "", TAB, path)
            yield {**cleared(text_live.TALK_READING), stop: gr.update(visible=True)}
            for found in analyse_conversation(pipeline, path):
                if isinstance(found, Progress):
                    yield {status: progress_html(found)}
                else:
                    yield show_conversation(found)
        except Exception as error:  # nothing may reach the page as a traceback
            yield {status: error_html(error), stop: gr.update(visible=False)}

    def show_conversation(found: Conversation) -> Updates:
        return {
            talk: Talk(found),
            status: conversation_html(found),
            stop: gr.update(visible=False),
            course: gr.update(visible=True),
            timeline: _course(pipeline, found),
            utterances: gr.update(
                choices=[(row(u), i) for i, u in enumerate(found.utterances)],
                value=None,
                visible=True,
            ),
        }

    def on_choice(
        index: int | None, now: Talk | None, relevance: str, attention: str
    ) -> Iterator[Updates]:
        """One utterance, as the tab "Analyse" shows it: the answer first, then explanations."""
        if index is None or now is None:
            yield {status: gr.skip()}
            return
        found = now.conversation
        try:
            yield {
                status: status_html(text_live.TALK_OPEN),
                timeline: _course(pipeline, found, index),
            }
            said = found.utterances[index].transcript
            voice = pipeline.encode_heard(Heard(found.clip_of(index), said))
            analysis = pipeline.predict(voice)
            told = utterance_html(found, index, verdict_sentence(analysis))
            yield {
                talk: Talk(found),
                status: told,
                **evidence.show_prediction(analysis, voice),
            }
            analysis = pipeline.explain(voice, analysis, relevance)
            yield {
                talk: Talk(found, voice, analysis),
                status: told,
                **evidence.show_explanation(analysis, voice, attention),
            }
        except Exception as error:
            yield {status: error_html(error), **evidence.hide()}

    def on_methods(now: Talk | None, relevance: str, attention: str) -> Iterator[Updates]:
        """Another way to explain the utterance that is open."""
        if now is None or now.opened is None or now.analysis is None:
            yield {status: gr.skip()}
            return
        try:
            found = pipeline.relevance(now.opened, now.analysis.emotion, relevance)
            analysis = replace(now.analysis, relevance=found)
            yield evidence.show_explanation(analysis, now.opened, attention)
        except Exception as error:
            yield {status: error_html(error)}

    def on_stop() -> Updates:
        return {
            status: status_html(text_live.TALK_STOPPED),
            stop: gr.update(visible=False),
        }

    def on_cleared(request: gr.Request) -> Updates:
        uploads.replace(request.session_hash or "", TAB, None)
        return cleared(text_live.TALK_EMPTY)

    model_event: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        **concurrency,
    }
    outputs = [talk, status, stop, course, timeline, utterances, *evidence.components]
    running = gr.on(
        [audio.stop_recording, audio.upload], on_recording, audio, outputs, **model_event
    )
    opening = utterances.input(
        on_choice,
        [utterances, talk, *evidence.methods],
        [talk, status, timeline, *evidence.components],
        trigger_mode="always_last",
        **model_event,
    )
    changing = gr.on(
        [method.input for method in evidence.methods],
        on_methods,
        [talk, *evidence.methods],
        [status, *evidence.components],
        trigger_mode="always_last",
        **model_event,
    )
    stop.click(on_stop, None, [status, stop], cancels=running, **QUICK)
    audio.clear(on_cleared, None, outputs, cancels=[running, opening, changing], **QUICK)
    gr.on(None, None, None, None, js=CHOOSE_BY_CLICK, api_visibility="private")


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


def progress_html(progress: Progress) -> str:
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
    told = text_live.TALK_DONE.format(count=len(found.utterances), clock=clock(found.clip.seconds))
    warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in found.warnings)
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


def row(utterance: Utterance) -> str:
    """An utterance in the list."""
    reading = utterance.reading
    sign = text_live.TALK_UNCERTAIN if reading.uncertain else ""
    if reading.inconsistent:
        sign += f" {style.CONTRADICTION}"
    return text_live.TALK_ROW.format(
        clock=clock(utterance.start_seconds),
        emotion=reading.fused.emotion,
        probability=reading.fused.confidence,
        sign=sign,
        words=utterance.transcript.text or text_live.TALK_NO_WORDS,
    )


def _chart(
    pipeline: EmotionPipeline,
    moments: tuple[Moment, ...],
    threshold: float | None = None,
    whole: bool = False,
) -> Any:
    """The last minute, or all of it."""
    end = max(SHOWN_SECONDS, moments[-1].end_seconds if moments else 0.0)
    start = 0.0 if whole else end - SHOWN_SECONDS
    shown = [moment for moment in moments if moment.end_seconds > start]
    return emotions_over_time(shown, start, end, threshold, pipeline.info.labels)


def _course(pipeline: EmotionPipeline, found: Conversation, chosen: int | None = None) -> Any:
    """The conversation's timeline; ``chosen`` is the open utterance."""
    moments = found.moments
    frame = None
    if chosen is not None:
        start = found.utterances[chosen].start_seconds
        frame = next(
            i for i, moment in enumerate(moments)
            if moment.prediction is not None and moment.start_seconds == start
        )  # fmt: skip
    return emotions_over_time(
        moments, 0.0, found.clip.seconds, found.threshold, pipeline.info.labels, frame
    )
