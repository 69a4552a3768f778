"""The tab "Analyse": speak or type, then see the emotion, who decided, and any contradiction."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.analysis import Analysis, Transcript
from drkf.errors import AudioError
from drkf.figures import style
from drkf.gallery import GalleryItem, load_gallery
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui import browser
from drkf.ui.about import model_card
from drkf.ui.evidence import Evidence, Updates
from drkf.ui.parts import download_link, error_html, recorder, status_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import page as text

SESSION_SECONDS = 3600
TAB = "analyse"
Methods = tuple[str, str]
"""The relevance method and the attention method."""


@dataclass(frozen=True)
class Session:
    """What a visitor's page last analysed.

    ``digest`` names the clip by its content, because one clip has several paths on the server.
    ``analysis`` is None until it has been explained, with attention shown by
    ``attention_method``.
    """

    utterance: Utterance
    digest: str | None
    example: bool = False
    analysis: Analysis | None = None
    attention_method: str = ""

    @property
    def words_are_own(self) -> bool:
        """The visitor typed the words: they stay when another clip comes."""
        return self.utterance.transcript.source == "typed" and not self.example


def build(pipeline: EmotionPipeline, uploads: Uploads, concurrency: dict[str, Any]) -> gr.State:
    """Adds the tab's components and events to the current Blocks.

    Returns the state that holds each visitor's ``Session``, None before there is one.
    """
    gallery = load_gallery()
    agree = [item for item in gallery if item.agree]
    disagree = [item for item in gallery if not item.agree]

    session = gr.State(None, time_to_live=SESSION_SECONDS)
    with gr.Row():
        with gr.Column(scale=2, min_width=320, elem_id="input"):
            audio = recorder(text.AUDIO_LABEL, "audio", "microphone")
            words = gr.Textbox(
                label=text.WORDS_LABEL,
                info=text.WORDS_HINT,
                placeholder=text.WORDS_PLACEHOLDER,
                lines=1,
                max_lines=6,
                elem_id="words",
            )
            with gr.Row():
                analyse = gr.Button(
                    text.ANALYSE_BUTTON, variant="primary", min_width=100, elem_id="analyse"
                )
                clear = gr.Button(text.CLEAR_BUTTON, min_width=100, elem_id="clear")
            agreeing = _examples(agree, text.EXAMPLES_AGREE, "examples-agree")
            disagreeing = _examples(disagree, text.EXAMPLES_DISAGREE, "examples-disagree")
            gr.Markdown(text.EXAMPLES_NOTE, elem_classes="caveat")
            with gr.Accordion(text.MODEL_ACCORDION, open=False):
                gr.Markdown(i18n.each(lambda: model_card(pipeline)))
        with gr.Column(scale=5, min_width=320):
            verdict = gr.HTML(
                status_html(text.STATUS_EMPTY),
                html_template='<div aria-live="polite">${value}</div>',
                elem_id="verdict",
            )
            evidence = Evidence(pipeline.info.relevance_method)

    outputs = [session, words, verdict, *evidence.components]

    def show_status(status: str) -> Updates:
        return {verdict: status_html(status)}

    def show_error(error: Exception) -> Updates:
        """The message takes the verdict's place, and no older evidence stands under it."""
        return {verdict: error_html(error), **evidence.hide()}

    def look(
        utterance: Utterance, digest: str | None, methods: Methods, example: bool = False
    ) -> Iterator[Updates]:
        """Words first, then the prediction, then the explanation."""
        now = Session(utterance, digest, example)
        yield {
            session: now,
            words: words_update(utterance.transcript),
            **show_status(text.STATUS_FEELING),
        }
        analysis = pipeline.predict(utterance)
        yield {
            verdict: verdict_html(analysis, status=text.STATUS_EXPLAINING),
            **evidence.show_prediction(analysis, utterance),
        }
        relevance, attention = methods
        analysis = pipeline.explain(utterance, analysis, relevance)
        yield {
            session: replace(now, analysis=analysis, attention_method=attention),
            verdict: verdict_html(analysis),
            **evidence.show_explanation(analysis, utterance, attention),
        }

    def on_methods(last: Session | None, *methods: str) -> Iterator[Updates]:
        """Another way to explain the same answer; nothing is predicted anew."""
        if last is None or last.analysis is None:  # the run that is under way will use them
            yield {verdict: gr.skip()}
            return
        relevance, attention = methods
        try:
            analysis = replace(
                last.analysis,
                relevance=pipeline.relevance(last.utterance, last.analysis.emotion, relevance),
            )
            yield {
                verdict: verdict_html(analysis),
                **evidence.show_explanation(analysis, last.utterance, attention),
            }
        except Exception as error:  # nothing may reach the page as a traceback
            yield show_error(error)

    def on_methods_changed(last: Session | None, *methods: str) -> Iterator[Updates]:
        """The methods may have been changed while the run that chose them was under way."""
        if last is not None and last.analysis is not None:
            used = last.analysis.relevance
            if used is not None and (used.method, last.attention_method) != methods:
                yield from on_methods(last, *methods)
                return
        yield {verdict: gr.skip()}

    def forget(last: Session | None) -> Updates:
        """The clip goes, and with it the words that are not the visitor's own."""
        if last is None or last.words_are_own:
            return {session: None}
        return {session: None, words: gr.update(value="", label=text.WORDS_LABEL)}

    def start(
        audio_path: str | None,
        typed: str,
        request: gr.Request,
        digest: str | None,
        methods: Methods,
    ) -> Iterator[Updates]:
        """A clip or a sentence that has not been encoded yet."""
        if audio_path is None:
            yield show_status(text.STATUS_READING)
        else:
            yield show_status(text.STATUS_HEARING_TYPED if typed else text.STATUS_HEARING)
            uploads.replace(request.session_hash or "", TAB, audio_path)
        utterance = pipeline.encode(audio=audio_path, text=typed or None, transcribe=not typed)
        yield from look(utterance, digest, methods)

    def on_clip(
        audio_path: str | None,
        written: str,
        last: Session | None,
        relevance: str,
        attention: str,
        request: gr.Request,
    ) -> Iterator[Updates]:
        """A recording stopped or a file was chosen.

        Words that were typed while there was no clip are meant for this one; words that belong
        to an earlier clip are not.
        """
        typed = written.strip()
        if last is not None and (last.digest is not None or not last.words_are_own):
            typed = ""
        try:
            digest = _digest(audio_path)
            yield from start(audio_path, typed, request, digest, (relevance, attention))
        except Exception as error:  # nothing may reach the page as a traceback
            yield {**forget(last), **show_error(error)}

    def on_words(
        audio_path: str | None,
        written: str,
        last: Session | None,
        relevance: str,
        attention: str,
        request: gr.Request,
    ) -> Iterator[Updates]:
        """Enter or the button: the clip, if it is the one analysed last, is not encoded again."""
        typed, methods = written.strip(), (relevance, attention)
        try:
            digest = _digest(audio_path)
            if last is None or digest is None or last.digest != digest:
                yield from start(audio_path, typed, request, digest, methods)
            elif typed == last.utterance.transcript.text:
                yield from look(last.utterance, digest, methods, last.example)
            else:
                yield show_status(text.STATUS_READING)
                yield from look(pipeline.with_text(last.utterance, typed), digest, methods)
        except Exception as error:
            yield show_error(error)

    def show_example(item: GalleryItem, request: gr.Request) -> Updates:
        """Puts the clip and the typed words in their places."""
        uploads.replace(request.session_hash or "", TAB, None)
        return {
            audio: None if item.audio is None else str(item.audio),
            words: gr.update(value=item.typed or ""),
            **show_status(text.STATUS_HEARING_TYPED if item.typed else text.STATUS_HEARING),
        }

    def run_example(item: GalleryItem, methods: Methods) -> Iterator[Updates]:
        """The clip with its typed words, or recognised, or with the words known to be spoken."""
        path = None if item.audio is None else str(item.audio)
        try:
            utterance = pipeline.encode(audio=path, text=item.typed, transcribe=not item.typed)
            if utterance.transcript.source == "none":
                utterance = pipeline.with_text(utterance, item.spoken)
            yield from look(utterance, _digest(path), methods, example=True)
        except Exception as error:
            yield show_error(error)

    def on_audio_cleared(last: Session | None, request: gr.Request) -> Updates:
        uploads.replace(request.session_hash or "", TAB, None)
        return forget(last)

    def on_clear(request: gr.Request) -> Updates:
        uploads.replace(request.session_hash or "", TAB, None)
        return {
            session: None,
            audio: None,
            words: gr.update(value="", label=text.WORDS_LABEL),
            **evidence.hide(),
            **show_status(text.STATUS_EMPTY),
        }

    model_event: dict[str, Any] = {
        "show_progress": "minimal",
        "show_progress_on": verdict,
        "api_visibility": "private",
        **concurrency,
    }
    inputs = [audio, words, session, *evidence.methods]
    running = [
        gr.on([audio.stop_recording, audio.upload], on_clip, inputs, outputs, **model_event),
        gr.on([words.submit, analyse.click], on_words, inputs, outputs, **model_event),
    ]
    quick: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}

    def connect(dataset: gr.Dataset, items: Sequence[GalleryItem]) -> None:
        def show(index: int, request: gr.Request) -> Updates:
            return show_example(items[index], request)

        def run(index: int, relevance: str, attention: str) -> Iterator[Updates]:
            yield from run_example(items[index], (relevance, attention))

        # Two steps: a value that one yield of a generator sets and the next leaves out comes
        # back from the page damaged, and so the clip is no output of the second.
        shown = dataset.click(show, dataset, [audio, words, verdict], **quick)
        inputs = [dataset, *evidence.methods]
        running.append(shown.then(run, inputs, outputs, **model_event))

    connect(agreeing, agree)
    connect(disagreeing, disagree)
    explaining: dict[str, Any] = {
        "inputs": [session, *evidence.methods],
        "outputs": [verdict, *evidence.components],
        **model_event,
    }
    for event in running:
        event.then(on_methods_changed, **explaining)
        event.then(
            None, None, None, js=browser.show_on_telephone("verdict"), api_visibility="private"
        )
    changed = gr.on(
        [method.input for method in evidence.methods],
        on_methods,
        trigger_mode="always_last",
        **{**explaining, "show_progress_on": [evidence.timeline, evidence.attention]},
    )
    audio.clear(on_audio_cleared, session, [session, words], **quick)
    clear.click(on_clear, None, [audio, *outputs], cancels=[*running, changed], **quick)
    return session


def _digest(path: str | None) -> str | None:
    """Names a clip by its content."""
    if path is None:
        return None
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise AudioError(text.CLIP_GONE) from None


def _examples(items: Sequence[GalleryItem], label: str, elem_id: str) -> gr.Dataset:
    return gr.Dataset(
        components=["textbox"],
        samples=[[item.title] for item in items],
        sample_labels=[item.title for item in items],
        label=label,
        type="index",
        layout="gallery",
        elem_id=elem_id,
        samples_per_page=12,
        visible=bool(items),
    )


def words_update(transcript: Transcript) -> Any:
    """The words box: what the model read, and where it came from."""
    if transcript.source == "asr":
        language = "" if transcript.language is None else f": {transcript.language}"
        label = text.WORDS_LABEL_RECOGNISED.format(language=language)
    elif transcript.source == "typed":
        label = text.WORDS_LABEL_TYPED
    else:
        label = text.WORDS_LABEL_NONE
    return gr.update(value=transcript.text, label=label)


def verdict_html(analysis: Analysis, status: str | None = None) -> str:
    """The answer in words, readable from afar, with warnings and a download under it.

    ``status`` stands in the download's place while explanations are still computed.
    """
    colour = style.emotion_colour(analysis.emotion)
    headline = (text.UNSURE if analysis.uncertain else text.SURE).format(
        emotion=f"<b>{html.escape(analysis.emotion.upper())}</b>",
        probability=f"{analysis.fused.confidence:.2f}",
    )
    warnings = "".join(f"<li>{html.escape(warning)}</li>" for warning in analysis.warnings)
    foot = text.FOOTNOTE.format(
        checkpoint=html.escape(f"{analysis.checkpoint} {analysis.checkpoint_hash[:8]}"),
        seconds=f"{sum(analysis.timings.values()):.1f}",
    )
    end = f"<span>{html.escape(status)}</span>" if status else _download(analysis)
    return (
        f'<div class="verdict-emotion"><span class="swatch" style="background:{colour}"></span>'
        f"{headline}</div>"
        f'<div class="verdict-sentence">{verdict_sentence(analysis)}</div>'
        + (f'<ul class="verdict-warnings">{warnings}</ul>' if warnings else "")
        + f'<div class="verdict-foot">{end}<span>{foot}</span></div>'
    )


def verdict_sentence(analysis: Analysis) -> str:
    """HTML: what the voice sounds like, what the words read like, and whether they agree."""
    parts: dict[str, str] = {}
    for name, prediction in (("voice", analysis.audio), ("words", analysis.text)):
        # With one modality the fused prediction is that modality's.
        prediction = prediction or analysis.fused
        adjective = text.ADJECTIVES.get(prediction.emotion, prediction.emotion)
        parts[name] = f"<b>{html.escape(adjective)}</b>"
        parts[name + "_p"] = f"{prediction.confidence:.2f}"
    if analysis.audio is None:
        return text.WORDS_ONLY.format(**parts)
    if analysis.text is None or analysis.inconsistency is None:
        return text.VOICE_ONLY.format(**parts)
    same = analysis.audio.emotion == analysis.text.emotion
    if analysis.inconsistency.inconsistent:
        sentence = text.DISAGREE_SAME if same else text.DISAGREE
    else:
        sentence = text.AGREE if same else text.AGREE_DIFFERENT
    return sentence.format(ed=f"{analysis.inconsistency.discrimination:.2f}", **parts)


def _download(analysis: Analysis) -> str:
    content = json.dumps(analysis.to_dict(), ensure_ascii=False, indent=2)
    return download_link(content, "download", "drkf-analysis.json", text.DOWNLOAD)
