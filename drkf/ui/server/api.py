"""The named endpoints for programs, ``/analyze``, ``/counterfactuals`` and ``/transcribe``: an
HTTP API and MCP tools."""

from __future__ import annotations

import html
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import gradio as gr

from drkf.audio import FORMATS
from drkf.errors import DRKFError
from drkf.pipeline import EmotionPipeline
from drkf.ui.server import gpu
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts import page as text

log = logging.getLogger(__name__)
T = TypeVar("T")
Endpoint = TypeVar("Endpoint", bound=Callable[..., object])


def names_formats(endpoint: Endpoint) -> Endpoint:
    """Puts the audio formats that are read in the place of ``{formats}`` in its docstring."""
    if endpoint.__doc__:  # none with python -OO
        endpoint.__doc__ = endpoint.__doc__.format(formats=FORMATS)
    return endpoint


def build(pipeline: EmotionPipeline, uploads: Uploads, concurrency: dict[str, Any]) -> None:
    """Adds the endpoints to the current Blocks. Their components are never drawn."""
    endpoints = Endpoints(pipeline, uploads)
    audio_in = gr.Audio(type="filepath", label="audio", visible=False)
    text_in = gr.Textbox(label="text", visible=False)
    analysis_out = gr.JSON(label="analysis", visible=False)
    transcript_out = gr.Textbox(label="transcript", visible=False)
    for name in ("analyze", "counterfactuals"):
        gr.Button(visible=False).click(
            getattr(endpoints, name),
            [audio_in, text_in],
            analysis_out,
            api_name=name,
            **concurrency,
        )
    gr.Button(visible=False).click(
        endpoints.transcribe, audio_in, transcript_out, api_name="transcribe", **concurrency
    )


class Endpoints:
    """What the endpoints do. Their docstrings are what API documentation and MCP clients show."""

    def __init__(self, pipeline: EmotionPipeline, uploads: Uploads) -> None:
        self._pipeline, self._uploads = pipeline, uploads

        @gpu.lent
        def whole_analysis(
            audio: str | None, words: str | None, counterfactuals: bool
        ) -> dict[str, Any]:
            utterance = pipeline.encode(audio, words)
            analysis = pipeline.explain(utterance, pipeline.predict(utterance))
            if counterfactuals:
                analysis = pipeline.with_counterfactuals(utterance, analysis)
            return analysis.to_dict()

        self._whole_analysis = whole_analysis

    @names_formats
    def analyze(
        self,
        audio: str | None = None,
        text: str | None = None,
        request: gr.Request | None = None,
    ) -> dict[str, Any]:
        """Reads the emotion of speech, of words, or of both together, and explains the reading.

        Give a recording, a text, or both; a recording without a text is transcribed first. The
        model was trained on labelled, mostly acted speech and on English texts: the answer says
        how it reads the input, not what anyone feels: judge nobody by it.

        Args:
            audio: Speech of 0.3 seconds to 10 minutes as {formats}.
            text: The words, in English. Leave it out to have them recognised from the audio.

        Returns:
            A JSON object: emotion (anger, disgust, fear, joy, neutral, sadness or surprise), its calibrated probabilities from both, from the voice alone and from the words alone, inconsistency (discrimination is the probability that voice and words contradict each other), shapley (which modality decided), relevance of words and times (change: how far the answer's probability falls without this part; phrases: words that act together), attention, transcript and warnings.
        """  # noqa: E501 (a description of a parameter is one line)
        with self._clip_of_session(audio, request):
            return checked(lambda: self._whole_analysis(audio, text or None, False))

    @names_formats
    def counterfactuals(
        self,
        audio: str | None = None,
        text: str | None = None,
        request: gr.Request | None = None,
    ) -> dict[str, Any]:
        """Looks for the smallest changes after which the emotion that is read is another one.

        Words left out, a word replaced, a stretch of sound made quiet. Takes some seconds more than
        analyze and gives the same, with these changes.

        Args:
            audio: Speech of 0.3 seconds to 10 minutes as {formats}.
            text: The words, in English. Leave it out to have them recognised from the audio.

        Returns:
            The JSON object of analyze, with counterfactuals: a list of changes, each with its kind, what is changed, and the emotion and its probability afterwards. An empty list says that nothing short of everything changes the answer.
        """  # noqa: E501 (a description of a parameter is one line)
        with self._clip_of_session(audio, request):
            return checked(lambda: self._whole_analysis(audio, text or None, True))

    @names_formats
    def transcribe(self, audio: str | None, request: gr.Request | None = None) -> str:
        """Recognises the words spoken in a recording, in the language spoken.

        Args:
            audio: Speech of 0.3 seconds to 10 minutes as {formats}.

        Returns:
            The words; empty where nobody speaks.
        """
        with self._clip_of_session(audio, request):
            return checked(lambda: self._pipeline.transcribe(audio).text)

    @contextmanager
    def _clip_of_session(self, audio: str | None, request: gr.Request | None) -> Iterator[None]:
        """The clip is deleted with the caller's session, or after the call where there is none."""
        session = getattr(request, "session_hash", None)
        if audio is None or not session:
            yield
            return
        self._uploads.add(session, "api", audio)
        try:
            yield
        finally:
            self._uploads.settle(session)


def checked(work: Callable[[], T]) -> T:
    """Runs ``work``. An error that the caller can correct comes back as its one line; an error of
    the program is logged and comes back as such."""
    try:
        return work()
    except DRKFError as error:
        # Gradio draws the message as HTML.
        raise gr.Error(html.escape(str(error)), print_exception=False) from None
    except Exception:
        log.exception("analysis failed")
        raise gr.Error(text.UNEXPECTED, print_exception=False) from None
