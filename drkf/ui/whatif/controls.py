"""The lab's controls: their values, the edits that these ask for, and the panel that has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import gradio as gr

from drkf.audio.clip import Clip
from drkf.errors import ScenarioError
from drkf.pipeline import Utterance
from drkf.ui.events import Updates, Values
from drkf.ui.parts import recorder
from drkf.ui.server import class_mode
from drkf.ui.texts import page as text
from drkf.ui.whatif.state import CURRENT
from drkf.whatif.application import word_spans
from drkf.whatif.edits import (
    GAIN_DB,
    PITCH_SEMITONES,
    SNR_DB,
    SPEED_FACTOR,
    Edit,
    Gain,
    MaskWords,
    Mute,
    Noise,
    Pitch,
    Rewrite,
    Silence,
    Speed,
    SwapVoice,
)
from drkf.whatif.voices import GalleryVoice, Recording

OWN, OTHER = "own", "other"  # voices, beside the ids of gallery voices
MAX_MASKED = 60  # words offered for masking: a longer text would bury the page
DEFAULT_SNR_DB = 10.0

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Controls:
    """The values of the lab's controls."""

    words: str
    voice: str
    mute: Literal["nothing", "voice", "words"]
    masked: tuple[int, ...]
    silence_start: float
    silence_end: float
    gain: float
    pitch: float
    speed: float
    noise: bool
    snr: float

    @classmethod
    def untouched(cls, base: Utterance) -> Controls:
        return cls(base.transcript.text, OWN, "nothing", (), 0, 0, 0, 0, 1, False, DEFAULT_SNR_DB)

    @classmethod
    def showing(cls, base: Utterance, edits: Sequence[Edit]) -> Controls:
        """The controls that lead to these edits."""
        shown = cls.untouched(base)
        for edit in edits:
            match edit:
                case SwapVoice(GalleryVoice(id)):
                    shown = replace(shown, voice=id)
                case SwapVoice():
                    shown = replace(shown, voice=OTHER)
                case Rewrite(words):
                    shown = replace(shown, words=words)
                case Silence(start, end):
                    shown = replace(shown, silence_start=start, silence_end=end)
                case Gain(db):
                    shown = replace(shown, gain=db)
                case Pitch(semitones):
                    shown = replace(shown, pitch=semitones)
                case Speed(factor):
                    shown = replace(shown, speed=factor)
                case Noise(snr_db):
                    shown = replace(shown, noise=True, snr=snr_db)
                case MaskWords(indices):
                    shown = replace(shown, masked=indices)
                case Mute(modality):
                    shown = replace(shown, mute=modality)
        return shown

    @property
    def sound_is_changed(self) -> bool:
        silent = self.silence_end > self.silence_start
        return bool(silent or self.gain or self.pitch or self.speed != 1 or self.noise)

    def edits(self, base: Utterance, other: Clip | None) -> tuple[Edit, ...]:
        """The edits that these values ask for.

        Raises:
            ScenarioError: the other recording is chosen, but is not there.
        """
        edits: list[Edit] = []
        if self.voice == OTHER:
            if other is None:
                raise ScenarioError(text.LAB_NO_OTHER)
            edits.append(SwapVoice(Recording.of(other)))
        elif self.voice != OWN:
            edits.append(SwapVoice(GalleryVoice(self.voice)))
        if self.words.strip() != base.transcript.text:
            edits.append(Rewrite(self.words))
        if self.silence_end > self.silence_start:
            edits.append(Silence(self.silence_start, self.silence_end))
        if self.gain:
            edits.append(Gain(self.gain))
        if self.pitch:
            edits.append(Pitch(self.pitch))
        if self.speed != 1:
            edits.append(Speed(self.speed))
        if self.noise:
            edits.append(Noise(self.snr))
        if self.masked:
            edits.append(MaskWords(self.masked))
        if self.mute != "nothing":
            edits.append(Mute(self.mute))
        return tuple(edits)


class ControlPanel:
    """Adds the controls to the current Blocks.

    Args:
        starts: what can be started from, names with ids.
        voices: the gallery's voices, names with ids.
    """

    def __init__(self, starts: Choices, voices: Choices) -> None:
        other = [] if class_mode.on_this_page() else [(text.LAB_VOICE_OTHER, OTHER)]
        with gr.Column(scale=2, min_width=320, elem_id="lab-controls"):
            gr.Markdown(text.LAB_HELP)
            self.source = gr.Dropdown(
                starts, value=CURRENT, label=text.LAB_SOURCE, elem_id="lab-source"
            )
            self.words = gr.Textbox(
                label=text.LAB_WORDS,
                info=text.LAB_WORDS_HINT,
                max_lines=6,
                elem_id="lab-words",
            )
            self.voice = gr.Dropdown(
                [(text.LAB_VOICE_OWN, OWN), *voices, *other],
                value=OWN,
                label=text.LAB_VOICE,
                elem_id="lab-voice",
            )
            self.other = recorder(text.LAB_OTHER, "other-voice", "microphone", visible=False)
            self.mute = gr.Radio(
                [
                    (text.LAB_MUTE_NOTHING, "nothing"),
                    (text.LAB_MUTE_VOICE, "voice"),
                    (text.LAB_MUTE_WORDS, "words"),
                ],
                value="nothing",
                label=text.LAB_MUTE,
                elem_id="lab-mute",
            )
            self.masked = gr.CheckboxGroup(
                [], label=text.LAB_MASK, info=text.LAB_MASK_HINT, elem_id="lab-mask"
            )
            self._add_sound()
            self.reset = gr.Button(text.LAB_RESET, elem_id="lab-reset")
        self.moved: list[Any] = [
            self.mute,
            self.masked,
            self.silence_start,
            self.silence_end,
            self.gain,
            self.pitch,
            self.speed,
            self.noise,
            self.snr,
        ]
        self.components: list[Any] = [self.words, self.voice, *self.moved]

    def _add_sound(self) -> None:
        """Sliders that change how the voice sounds."""
        with gr.Accordion(text.LAB_SOUND, open=False, elem_id="lab-sound") as self.sound:
            with gr.Row():
                self.silence_start = slider((0, 10), 0, 0.1, text.LAB_SILENCE_START, "lab-from")
                self.silence_end = slider((0, 10), 0, 0.1, text.LAB_SILENCE_END, "lab-to")
            with gr.Row():
                self.gain = slider(GAIN_DB, 0, 1, text.LAB_GAIN, "lab-gain")
                self.pitch = slider(PITCH_SEMITONES, 0, 0.5, text.LAB_PITCH, "lab-pitch")
            with gr.Row():
                self.speed = slider(SPEED_FACTOR, 1, 0.05, text.LAB_SPEED, "lab-speed")
                self.snr = slider(SNR_DB, DEFAULT_SNR_DB, 1, text.LAB_SNR, "lab-snr")
            self.noise = gr.Checkbox(False, label=text.LAB_NOISE, elem_id="lab-noise")

    def read(self, values: Values) -> Controls:
        """What the controls show, from the values of an event."""
        return Controls(
            words=values[self.words],
            voice=values[self.voice],
            mute=values[self.mute],
            masked=tuple(values[self.masked]),
            silence_start=values[self.silence_start],
            silence_end=values[self.silence_end],
            gain=values[self.gain],
            pitch=values[self.pitch],
            speed=values[self.speed],
            noise=values[self.noise],
            snr=values[self.snr],
        )

    def show(self, shown: Controls, base: Utterance, other: Clip | None) -> Updates:
        """Sets every control to ``shown``; ``base`` is the start, ``other`` the other recording."""
        return {
            self.words: shown.words,
            self.voice: shown.voice,
            self.other: gr.update(visible=shown.voice == OTHER),
            self.mute: shown.mute,
            **self.show_masks(shown),
            **self.show_length(shown, base, other),
            self.gain: shown.gain,
            self.pitch: shown.pitch,
            self.speed: shown.speed,
            self.noise: shown.noise,
            self.snr: shown.snr,
            self.sound: gr.update(open=shown.sound_is_changed),
        }

    def show_masks(self, shown: Controls) -> Updates:
        """Offers the words for masking, with those that are masked already."""
        spans = word_spans(shown.words)
        offered = sorted({*range(min(len(spans), MAX_MASKED)), *shown.masked})
        choices = [(shown.words[slice(*spans[i])], i) for i in offered if i < len(spans)]
        masked = [i for i in shown.masked if i < len(spans)]
        return {self.masked: gr.update(choices=choices, value=masked)}

    def show_length(self, shown: Controls, base: Utterance, other: Clip | None) -> Updates:
        """The sliders of the silence reach to the end of the voice that is heard."""
        clip = heard(base, shown.voice, other)
        longest = 0.1 if clip is None else max(0.1, round(clip.seconds, 1))
        longest = max(longest, shown.silence_end)  # a scenario may silence beyond the end
        start = min(shown.silence_start, longest)
        return {
            self.silence_start: gr.update(maximum=longest, value=start),
            self.silence_end: gr.update(maximum=longest, value=shown.silence_end),
        }


def slider(
    limits: tuple[float, float], value: float, step: float, label: str, elem_id: str
) -> gr.Slider:
    return gr.Slider(*limits, value=value, step=step, label=label, elem_id=elem_id, min_width=150)


def heard(base: Utterance, voice: str, other: Clip | None) -> Clip | None:
    """The voice that edits of the sound would change."""
    if voice == OWN:
        return base.clip
    return other if voice == OTHER else GalleryVoice(voice).load()
