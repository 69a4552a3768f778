"""The tab "What if": change the words or the voice, and see what moves."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import gradio as gr

from drkf import figures
from drkf.analysis import Analysis, Prediction
from drkf.audio.clip import Clip, load_audio
from drkf.errors import NoInputError, ScenarioError
from drkf.figures import style
from drkf.gallery import GalleryItem, load_gallery
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.ui import browser
from drkf.ui.analyse import SESSION_SECONDS, Session
from drkf.ui.evidence import Updates, how_to_read
from drkf.ui.parts import download_link, error_html, player_html, plot, recorder, status_html
from drkf.ui.server.uploads import Uploads
from drkf.ui.texts.en import evidence as text_evidence
from drkf.ui.texts.en import page as text
from drkf.whatif.comparison import Comparison, compare, grid
from drkf.whatif.scenario import (
    EDITS,
    GAIN_DB,
    PITCH_SEMITONES,
    SNR_DB,
    SPEED_FACTOR,
    Edit,
    Gain,
    GalleryVoice,
    MaskWords,
    Mute,
    Noise,
    Pitch,
    Recording,
    Rewrite,
    Scenario,
    Silence,
    Speed,
    SwapVoice,
    apply,
    voice_of,
    word_spans,
)

TAB = "what-if"
CURRENT, FILE = "current", "file"  # what to start from, beside the ids of examples
OWN, OTHER = "own", "other"  # voices, beside the ids of gallery voices
MOST_MASKED = 60  # words offered for masking: a longer text would bury the page
MOST_IN_GRID = 6  # voices, and sentences: more would not be readable on a telephone
FIRST_START = "angry-words-calm-voice"
FIRST_IN_GRID = ("anger", "joy", "sadness", "neutral")
DEFAULT_SNR_DB = 10.0


@dataclass(frozen=True)
class Lab:
    """What a visitor's page works on.

    ``seen`` is what had been analysed last when the start was chosen; ``known`` are utterances
    whose voice is encoded already; ``other`` is the other recording; ``file`` is True where the
    start was loaded from a scenario.
    """

    base: Utterance
    seen: Utterance | None = None
    known: tuple[Utterance, ...] = ()
    other: Clip | None = None
    file: bool = False


@dataclass(frozen=True)
class Controls:
    """The values of the tab's controls, in their order on the page."""

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


def build(
    pipeline: EmotionPipeline,
    uploads: Uploads,
    concurrency: dict[str, Any],
    session: gr.State,
    tab: gr.Tab,
) -> None:
    """Adds the tab's components and events to the current Blocks.

    Args:
        session: the state of the tab "Analyse".
        tab: this tab, which takes over the utterance analysed last when it is opened.
    """
    items = {item.id: item for item in load_gallery()}
    voices = {key: item for key, item in items.items() if item.audio is not None}

    def starts(loaded: bool = False) -> list[tuple[str, str]]:
        """What can be started from; asked anew in each event, in its visitor's language."""
        examples = [(item.title, item.id) for item in items.values()]
        file = [(text.LAB_SOURCE_FILE, FILE)] if loaded else []
        return [(text.LAB_SOURCE_CURRENT, CURRENT), *examples, *file]

    titles = {key: voice_title(item) for key, item in voices.items()}
    voice_names = [(title, key) for key, title in titles.items()]

    lab = gr.State(None, time_to_live=SESSION_SECONDS)
    with gr.Row():
        with gr.Column(scale=2, min_width=320, elem_id="lab-controls"):
            gr.Markdown(text.LAB_HELP)
            source = gr.Dropdown(
                starts(), value=CURRENT, label=text.LAB_SOURCE, elem_id="lab-source"
            )
            words = gr.Textbox(
                label=text.LAB_WORDS,
                info=text.LAB_WORDS_HINT,
                max_lines=6,
                elem_id="lab-words",
            )
            voice = gr.Dropdown(
                [(text.LAB_VOICE_OWN, OWN), *voice_names, (text.LAB_VOICE_OTHER, OTHER)],
                value=OWN,
                label=text.LAB_VOICE,
                elem_id="lab-voice",
            )
            other = recorder(text.LAB_OTHER, "other-voice", "microphone", visible=False)
            mute = gr.Radio(
                [
                    (text.LAB_MUTE_NOTHING, "nothing"),
                    (text.LAB_MUTE_VOICE, "voice"),
                    (text.LAB_MUTE_WORDS, "words"),
                ],
                value="nothing",
                label=text.LAB_MUTE,
                elem_id="lab-mute",
            )
            masked = gr.CheckboxGroup(
                [], label=text.LAB_MASK, info=text.LAB_MASK_HINT, elem_id="lab-mask"
            )
            with gr.Accordion(text.LAB_SOUND, open=True, elem_id="lab-sound"):
                with gr.Row():
                    silence_start = _slider((0, 10), 0, 0.1, text.LAB_SILENCE_START, "lab-from")
                    silence_end = _slider((0, 10), 0, 0.1, text.LAB_SILENCE_END, "lab-to")
                with gr.Row():
                    gain = _slider(GAIN_DB, 0, 1, text.LAB_GAIN, "lab-gain")
                    pitch = _slider(PITCH_SEMITONES, 0, 0.5, text.LAB_PITCH, "lab-pitch")
                with gr.Row():
                    speed = _slider(SPEED_FACTOR, 1, 0.05, text.LAB_SPEED, "lab-speed")
                    snr = _slider(SNR_DB, DEFAULT_SNR_DB, 1, text.LAB_SNR, "lab-snr")
                noise = gr.Checkbox(False, label=text.LAB_NOISE, elem_id="lab-noise")
            reset = gr.Button(text.LAB_RESET, elem_id="lab-reset")
        with gr.Column(scale=5, min_width=320):
            headline = gr.HTML(
                status_html(text.LAB_EMPTY),
                html_template='<div aria-live="polite">${value}</div>',
                elem_id="lab-answer",
            )
            with gr.Row(visible=False, equal_height=True, elem_id="lab-evidence") as evidence:
                with gr.Column(min_width=400, elem_classes="card"):
                    gr.Markdown("### " + text.PROBABILITIES)
                    probabilities = plot("lab-probabilities")
                    gr.Markdown(text.LAB_PROBABILITIES_CAVEAT, elem_classes="caveat")
                    how_to_read(text_evidence.CHANGE_PROBABILITIES_HOW)
                with gr.Column(min_width=400, elem_classes="card"):
                    gr.Markdown("### " + text.MODALITY)
                    shapley = plot("lab-shapley")
                    gr.Markdown(text.LAB_SHAPLEY_CAVEAT, elem_classes="caveat")
                    how_to_read(text_evidence.CHANGE_SHAPLEY_HOW)
                    gr.Markdown("### " + text.INCONSISTENCY)
                    inconsistency = plot("lab-inconsistency")
                    gr.Markdown(text.LAB_INCONSISTENCY_CAVEAT, elem_classes="caveat")
                    how_to_read(text_evidence.CHANGE_INCONSISTENCY_HOW)
            with gr.Row(elem_classes="card"):
                with gr.Column(min_width=280):
                    gr.Markdown("### " + text.SCENARIO)
                    embed = gr.Checkbox(
                        False,
                        label=text.SCENARIO_EMBED,
                        info=text.SCENARIO_EMBED_HINT,
                        elem_id="lab-embed",
                    )
                with gr.Column(min_width=280):
                    link = gr.HTML(elem_id="lab-link")
                    load = gr.UploadButton(
                        text.SCENARIO_LOAD, file_types=[".json"], elem_id="lab-load"
                    )
    with gr.Column(elem_classes="card", elem_id="grid"):
        gr.Markdown(f"### {text.GRID}\n{text.GRID_HELP}")
        with gr.Row():
            grid_voices = gr.CheckboxGroup(
                [(text.GRID_CURRENT, CURRENT), *voice_names],
                value=[key for key in FIRST_IN_GRID if key in voices],
                label=text.GRID_VOICES,
                elem_id="grid-voices",
            )
            sentences = gr.Textbox(
                "\n".join(voices[key].words for key in FIRST_IN_GRID if key in voices),
                label=text.GRID_SENTENCES,
                lines=4,
                max_lines=MOST_IN_GRID,
                elem_id="grid-sentences",
            )
        fill = gr.Button(text.GRID_BUTTON, variant="primary", elem_id="grid-fill")
        grid_status = gr.HTML(
            html_template='<div aria-live="polite">${value}</div>', elem_id="grid-status"
        )
        with gr.Row(visible=False) as grid_maps:
            with gr.Column(min_width=400):
                gr.Markdown("#### " + text.GRID_EMOTION)
                emotion_map = plot("grid-emotions")
            with gr.Column(min_width=400):
                gr.Markdown("#### " + text.GRID_INCONSISTENCY)
                inconsistency_map = plot("grid-inconsistency")
        gr.Markdown(text.GRID_CAVEAT, elem_classes="caveat")
        how_to_read(text_evidence.GRID_HOW)

    moved: list[Any] = [
        mute,
        masked,
        silence_start,
        silence_end,
        gain,
        pitch,
        speed,
        noise,
        snr,
    ]
    controls = [words, voice, *moved]
    answer = [lab, headline, evidence, probabilities, shapley, inconsistency, link]
    everything = [source, other, *controls, *answer]

    def show_controls(shown: Controls, base: Utterance, other_clip: Clip | None) -> Updates:
        return {
            words: shown.words,
            voice: shown.voice,
            other: gr.update(visible=shown.voice == OTHER),
            mute: shown.mute,
            masked: _mask_choices(shown.words, shown.masked),
            **show_length(_heard(base, shown.voice, other_clip), shown),
            gain: shown.gain,
            pitch: shown.pitch,
            speed: shown.speed,
            noise: shown.noise,
            snr: shown.snr,
        }

    def show_length(clip: Clip | None, shown: Controls) -> Updates:
        longest = 0.1 if clip is None else max(0.1, round(clip.seconds, 1))
        longest = max(longest, shown.silence_end)  # a scenario may silence beyond the end
        return {
            silence_start: gr.update(maximum=longest, value=min(shown.silence_start, longest)),
            silence_end: gr.update(maximum=longest, value=shown.silence_end),
        }

    def show_comparison(
        comparison: Comparison, edits: Sequence[Edit], before: Utterance, after: Utterance
    ) -> Updates:
        return {
            headline: comparison_html(comparison, edits, before, after),
            evidence: gr.update(visible=True),
            probabilities: figures.probability_change(comparison),
            shapley: figures.shapley_change(comparison),
            inconsistency: figures.inconsistency_change(comparison),
        }

    def show_nothing_new() -> Updates:
        """Gradio empties every output of an event that yields nothing at all."""
        return {headline: gr.skip()}

    def show_error(error: Exception) -> Updates:
        return {headline: error_html(error), evidence: gr.update(visible=False), link: ""}

    def attempt(state: Lab, edits: Sequence[Edit], embedded: bool) -> Updates:
        """Applies the edits, compares, and remembers what was encoded."""
        after = apply(pipeline, state.base, edits, state.known)
        comparison = compare(pipeline, state.base, after)
        # Only the newest voice is kept: enough for a slider that moves and words that change.
        known = state.known if after.clip is None else (after,)
        return {
            lab: replace(state, known=known),
            **show_comparison(comparison, edits, state.base, after),
            link: scenario_link(state.base, edits, embedded),
        }

    def begin(state: Lab, edits: Sequence[Edit], embedded: bool) -> Iterator[Updates]:
        """A new start: the controls show the edits, then the comparison follows."""
        shown = Controls.showing(state.base, edits)
        choices = starts(state.file)
        yield {
            lab: state,
            source: gr.update(choices=choices),
            **show_controls(shown, state.base, state.other),
            headline: status_html(text.LAB_WORKING),
        }
        yield attempt(state, edits, embedded)

    def on_open(last: Session | None, state: Lab | None, embedded: bool) -> Iterator[Updates]:
        """What was analysed since the last visit is the new start; at first, an example is."""
        gone = last is None and state is not None and state.base is state.seen
        if last is not None and (state is None or state.seen is not last.utterance):
            yield {source: CURRENT}
            yield from on_source(CURRENT, last, state, embedded)
        elif (state is None or gone) and FIRST_START in items:
            yield {source: FIRST_START}
            yield from on_source(FIRST_START, last, state, embedded)
        else:
            yield show_nothing_new()

    def on_source(
        start: str, last: Session | None, state: Lab | None, embedded: bool
    ) -> Iterator[Updates]:
        try:
            if start == FILE and state is not None:
                chosen = state
            elif start != CURRENT:
                chosen = Lab(example(items[start]))
            elif last is None:
                raise NoInputError(text.LAB_NO_CURRENT)
            else:
                chosen = Lab(last.utterance)
            yield from begin(seeing(chosen, last), (), embedded)
        except Exception as error:  # nothing may reach the page as a traceback
            yield show_error(error)

    def seeing(state: Lab, last: Session | None) -> Lab:
        return replace(state, seen=None if last is None else last.utterance)

    def example(item: GalleryItem) -> Utterance:
        return pipeline.encode(item.audio, item.words, transcribe=False)

    def on_change(state: Lab | None, embedded: bool, *values: Any) -> Iterator[Updates]:
        chosen = _controls(values)
        try:
            if state is None:
                raise NoInputError(text.LAB_NO_CURRENT)
            yield {other: gr.update(visible=chosen.voice == OTHER)}
            edits = chosen.edits(state.base, state.other)
            yield attempt(state, edits, embedded)
        except Exception as error:
            yield show_error(error)

    def on_words(state: Lab | None, embedded: bool, *values: Any) -> Iterator[Updates]:
        """Other words: what was masked among the old ones means nothing any more."""
        chosen = replace(_controls(values), masked=())
        yield {masked: _mask_choices(chosen.words, ())}
        yield from on_change(state, embedded, *asdict(chosen).values())

    def on_voice(state: Lab | None, embedded: bool, *values: Any) -> Iterator[Updates]:
        """Another voice has another length: a silence of the old one is taken back."""
        chosen = replace(_controls(values), silence_start=0, silence_end=0)
        if state is not None:
            yield show_length(_heard(state.base, chosen.voice, state.other), chosen)
        yield from on_change(state, embedded, *asdict(chosen).values())

    def on_other(
        path: str | None, state: Lab | None, embedded: bool, request: gr.Request, *values: Any
    ) -> Iterator[Updates]:
        """Another recording takes the place of the one before: it is read into memory at once."""
        uploads.replace(request.session_hash or "", TAB, path)
        try:
            if path is None or state is None:
                yield show_nothing_new()
                return
            state = without_other(state)
            yield {lab: state}  # the one before goes, even if this one cannot be read
            state = replace(state, other=load_audio(path))
            yield {lab: state}
            yield from on_voice(state, embedded, *values)
        except Exception as error:
            yield show_error(error)

    def on_other_cleared(state: Lab | None, request: gr.Request) -> Updates:
        """The other recording goes; it can only be cleared where it is the voice."""
        uploads.replace(request.session_hash or "", TAB, None)
        return {
            lab: None if state is None else without_other(state),
            headline: status_html(text.LAB_NO_OTHER),
            evidence: gr.update(visible=False),
            link: "",
        }

    def without_other(state: Lab) -> Lab:
        """Nothing is left of the other recording, nor of what was made of it."""
        return replace(state, other=None, known=())

    def on_load(
        path: str, last: Session | None, state: Lab | None, embedded: bool, request: gr.Request
    ) -> Iterator[Updates]:
        try:
            uploads.add(request.session_hash or "", TAB, path)
            scenario = Scenario.from_json(Path(path).read_bytes()).with_recordings(
                _recordings(last, state)
            )
            yield {headline: status_html(text.LAB_WORKING)}
            swap = next((edit for edit in scenario.edits if isinstance(edit, SwapVoice)), None)
            loaded = None
            if swap is not None and isinstance(swap.voice, Recording):
                loaded = swap.voice.load()
            base = scenario.encode(pipeline)
            yield {source: gr.update(choices=starts(loaded=True), value=FILE)}
            start = seeing(Lab(base, other=loaded, file=True), last)
            yield from begin(start, scenario.edits, embedded)
        except Exception as error:
            yield show_error(error)

    def on_embed(state: Lab | None, embedded: bool, *values: Any) -> Updates:
        if state is None:
            return {link: ""}
        try:
            edits = _controls(values).edits(state.base, state.other)
        except ScenarioError as error:
            return {link: error_html(error)}
        return {link: scenario_link(state.base, edits, embedded)}

    def on_reset(state: Lab | None, embedded: bool) -> Iterator[Updates]:
        try:
            if state is None:
                raise NoInputError(text.LAB_NO_CURRENT)
            yield from begin(state, (), embedded)
        except Exception as error:
            yield show_error(error)

    def on_fill(chosen: list[str], written: str, state: Lab | None) -> Iterator[Updates]:
        lines = [line for line in written.splitlines() if line.strip()]
        try:
            if max(len(chosen), len(lines)) > MOST_IN_GRID:
                raise ScenarioError(text.GRID_TOO_LARGE.format(most=MOST_IN_GRID))
            clips: dict[str, Clip] = {}
            for key in chosen:
                if key != CURRENT:
                    clips[titles[key]] = GalleryVoice(key).load()
                elif state is None or state.base.clip is None:
                    raise ScenarioError(text.LAB_NO_CURRENT)
                else:
                    clips[text.GRID_CURRENT] = state.base.clip
            yield {grid_status: status_html(text.GRID_WORKING)}
            table = grid(pipeline, clips, lines)
            yield {
                grid_status: "",
                grid_maps: gr.update(visible=True),
                emotion_map: figures.grid_emotions(table),
                inconsistency_map: figures.grid_inconsistency(table),
            }
        except Exception as error:
            yield {grid_status: error_html(error), grid_maps: gr.update(visible=False)}

    event: dict[str, Any] = {
        "show_progress": "minimal",
        "show_progress_on": headline,
        "api_visibility": "private",
        # While one change is worked on, of those that follow only the last one counts.
        "trigger_mode": "always_last",
        **concurrency,
    }
    beginning = [session, lab, embed]
    changes = [lab, embed, *controls]
    tab.select(on_open, beginning, everything, **event)
    source.input(on_source, [source, *beginning], everything, **event)
    answered = [
        words.submit(on_words, changes, everything, **event),
        voice.input(on_voice, changes, everything, **event),
        gr.on(
            [other.upload, other.stop_recording],
            on_other,
            [other, *changes],
            everything,
            **event,
        ),
        gr.on(
            [control.input for control in moved],
            on_change,
            changes,
            everything,
            **event,
        ),
        load.upload(on_load, [load, session, lab, embed], everything, **event),
        reset.click(on_reset, [lab, embed], everything, **event),
    ]
    for change in answered:
        change.then(
            None, None, None, js=browser.show_on_telephone("lab-answer"), api_visibility="private"
        )
    other.clear(
        on_other_cleared,
        lab,
        [lab, headline, evidence, link],
        cancels=answered,
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )
    embed.input(on_embed, changes, link, api_visibility="private", show_progress="hidden")
    fill.click(
        on_fill,
        [grid_voices, sentences, lab],
        [grid_status, grid_maps, emotion_map, inconsistency_map],
        **{**event, "show_progress_on": grid_status},
    )


def voice_title(item: GalleryItem) -> str:
    """An example's title, and how its voice is meant to sound."""
    emotion = item.voice_emotion or ""
    return f"{item.title} ({text.ADJECTIVES.get(emotion, emotion)})"


def _slider(
    limits: tuple[float, float], value: float, step: float, label: str, elem_id: str
) -> gr.Slider:
    return gr.Slider(*limits, value=value, step=step, label=label, elem_id=elem_id, min_width=150)


def _controls(values: Sequence[Any]) -> Controls:
    controls = Controls(*values)
    return replace(controls, masked=tuple(controls.masked))


def _mask_choices(written: str, masked: Sequence[int]) -> Any:
    spans = word_spans(written)
    shown = {*range(min(len(spans), MOST_MASKED)), *masked}
    choices = [(written[slice(*spans[i])], i) for i in sorted(shown) if i < len(spans)]
    return gr.update(choices=choices, value=[i for i in masked if i < len(spans)])


def _heard(base: Utterance, voice: str, other: Clip | None) -> Clip | None:
    """The voice that edits of the sound would change."""
    if voice == OWN:
        return base.clip
    return other if voice == OTHER else GalleryVoice(voice).load()


def _recordings(last: Session | None, state: Lab | None) -> list[Clip]:
    """Every recording that this page has, for a scenario that needs one."""
    clips = [] if last is None else [last.utterance.clip]
    if state is not None:
        clips += [state.base.clip, state.other]
    return [clip for clip in clips if clip is not None]


def scenario_link(base: Utterance, edits: Sequence[Edit], embed: bool) -> str:
    """The scenario as a download, or why there is none."""
    voice = None if base.clip is None else voice_of(base.clip)
    try:
        content = Scenario(voice, base.transcript, tuple(edits)).to_json(embed)
    except ScenarioError as error:
        return error_html(error)
    return download_link(content, "lab-download", "drkf-scenario.json", text.SCENARIO_DOWNLOAD)


def comparison_html(
    comparison: Comparison, edits: Sequence[Edit], before: Utterance, after: Utterance
) -> str:
    """What was changed, the answers before and after, warnings, and the voices to listen to."""
    told = [text.LAB_EDITS[name].format(**_values_of(edit)) for name, edit in _named(edits)]
    change = text.LAB_CHANGED.format(edits=", ".join(told)) if told else text.LAB_UNCHANGED
    before_now = (comparison.before, comparison.after)
    rows = zip(text.LAB_ROWS, *(_predictions(analysis) for analysis in before_now), strict=True)
    table = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{_named_emotion(first)}</td>"
        f"<td>→</td><td>{_named_emotion(second)}</td></tr>"
        for name, first, second in rows
    )
    new = [note for note in comparison.after.warnings if note not in comparison.before.warnings]
    warnings = "".join(f"<li>{html.escape(note)}</li>" for note in new)
    return (
        f'<div class="lab-change">{html.escape(change)}</div>'
        f'<table class="lab-table"><tr><th></th><th>{text.LAB_BEFORE}</th><th></th>'
        f"<th>{text.LAB_AFTER}</th></tr>{table}</table>"
        + (f'<ul class="verdict-warnings">{warnings}</ul>' if warnings else "")
        + _players(before, after)
    )


def _players(before: Utterance, after: Utterance) -> str:
    """Both voices, or the one where they are the same."""
    clips = {text.LAB_BEFORE: before.clip, text.LAB_AFTER: after.clip}
    if after.clip is before.clip:
        del clips[text.LAB_AFTER]
    return "".join(
        f"<label>{name} {player_html(clip, name)}</label>" for name, clip in clips.items() if clip
    )


def _named(edits: Sequence[Edit]) -> list[tuple[str, Edit]]:
    return [(name, edit) for name, kind in EDITS.items() for edit in edits if type(edit) is kind]


def _values_of(edit: Edit) -> dict[str, Any]:
    return {} if isinstance(edit, SwapVoice) else asdict(edit)


def _predictions(analysis: Analysis) -> tuple[Prediction, Prediction | None, Prediction | None]:
    return analysis.fused, analysis.audio, analysis.text


def _named_emotion(prediction: Prediction | None) -> str:
    if prediction is None:
        return "–"
    colour = style.emotion_colour(prediction.emotion)
    return (
        f'<span class="swatch" style="background:{colour}"></span>'
        f"<b>{html.escape(prediction.emotion)}</b> {prediction.confidence:.2f}"
    )
