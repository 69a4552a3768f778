"""What the pipeline returns: plain, frozen dataclasses that serialise to JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, get_args

from drkf import display
from drkf.errors import ExplanationError

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

TextSource = Literal["typed", "asr", "none"]
Agreement = Literal["agree", "emotion in audio", "emotion in text", "contradict"]
"""What two modalities are to each other; ``agreement_of`` has the rule."""
AGREEMENT_NAMES: tuple[Agreement, ...] = get_args(Agreement)
Grade = Literal["good", "fair", "poor"]

UNDECIDED_MARGIN = 0.1
"""An answer that leads by less than this probability does not stand alone."""
GOOD_ADVANTAGE, FAIR_ADVANTAGE = 0.2, 0.05
"""Of ``FaithfulnessEvidence.advantage``: the least for a relevance map to be good, or fair. Chosen
so that the least lead is five points of 100, which the page shows, and a good one four times that;
``drkf faithfulness`` prints the share of inputs that get each."""
NEUTRAL = "neutral"


@dataclass(frozen=True)
class PerModality:
    """One number for each modality; None where the modality is missing."""

    audio: float | None
    text: float | None


@dataclass(frozen=True)
class AttentionEvidence:
    """How the fusion encoder's CLS token spread its attention (see drkf.explain.attention).

    ``share`` is the attention mass on each modality's tokens, ``special`` the mass on CLS and
    SEP; the three add up to 1. ``baseline`` is the modality's share of the unpadded audio and
    text tokens, ``lift`` the modality's part of the mass on audio and text tokens divided by
    that baseline: 1 means "as much as its length alone would give".
    """

    method: str
    share: PerModality
    special: float
    baseline: PerModality
    lift: PerModality


@dataclass(frozen=True)
class ShapleyEvidence:
    """Exact two-player Shapley values of the predicted emotion's logit (see drkf.explain.shapley).

    ``value_both - value_none == phi.audio + phi.text``. ``interaction`` is the part that only
    the two together bring: v(both) - v(audio) - v(text) + v(none), shared equally in phi.
    """

    emotion: str
    phi: PerModality
    interaction: float
    value_none: float
    value_audio: float
    value_text: float
    value_both: float


@dataclass(frozen=True)
class InconsistencyEvidence:
    """Three readings of "voice and words disagree", each in 0..1 (see drkf.explain.inconsistency).

    ``discrimination`` is the ED head's P(inconsistent); ``divergence`` the Jensen-Shannon
    divergence (base 2) between the audio-only and text-only predictions; ``neutral_shift`` the
    total variation distance that the fused prediction moves when the voice, or the words, are
    replaced by neutral ones, whichever is larger; it is an explanation, None before there is one.
    ``threshold`` is ED's decision threshold, the other two are the other readings', all chosen on
    dev; ``disagree`` says that not all three are on the same side of theirs.
    """

    discrimination: float
    threshold: float
    divergence: float
    neutral_shift: float | None = None
    disagree: bool = False
    divergence_threshold: float = 0.5
    shift_threshold: float = 0.5

    @property
    def inconsistent(self) -> bool:
        """Whether the detector calls voice and words inconsistent: discrimination >= threshold."""
        return self.discrimination >= self.threshold

    @property
    def split(self) -> bool:
        """Whether discrimination and divergence fall on different sides of their thresholds."""
        return self.inconsistent != (self.divergence >= self.divergence_threshold)


class HasEffect:
    """A part of an utterance with its ``value`` and, where it is known, its ``change``."""

    value: float
    change: float | None

    @property
    def effect(self) -> float:
        """What a page shows: the change of the probability where it is known, else the value."""
        return self.value if self.change is None else self.change


@dataclass(frozen=True)
class WordRelevance(HasEffect):
    """How much a word, or in a long text a phrase, supports the predicted emotion.

    ``value`` is positive for support: with occlusion, how far the logit falls without the word.
    ``change`` is how far the emotion's calibrated probability falls, -1..1, None for methods that
    hide nothing.
    """

    word: str
    start_char: int
    end_char: int
    value: float
    start_seconds: float | None = None
    end_seconds: float | None = None
    change: float | None = None


@dataclass(frozen=True)
class PhraseRelevance:
    """Two words that act together, such as "not ... happy" (see drkf.explain.phrases).

    ``words`` are their places in ``RelevanceEvidence.words``, ``text`` the words themselves.
    ``change`` is how far the emotion's probability falls without both, ``interaction`` how far
    that lies from the sum of their single changes: change(a) + change(b) - change(a and b).
    """

    words: tuple[int, int]
    text: str
    change: float
    interaction: float


@dataclass(frozen=True)
class TimeRelevance(HasEffect):
    """How much a span of voice supports the predicted emotion; ``value`` and ``change`` as for
    words."""

    start_seconds: float
    end_seconds: float
    value: float
    change: float | None = None


@dataclass(frozen=True)
class FaithfulnessEvidence:
    """ERASER comprehensiveness and sufficiency of the relevance map, beside random maps'.

    See drkf.explain.faithfulness: more comprehensiveness and less sufficiency are better.
    ``share_of_best`` is the fall of the probability without the word that is named first, divided
    by the fall without the word that matters most; None where no single word lowers it.
    """

    comprehensiveness: float
    sufficiency: float
    random_comprehensiveness: float
    random_sufficiency: float
    share_of_best: float | None = None

    @property
    def better_than_random(self) -> bool:
        """Whether both measures are better than those of random maps."""
        return (
            self.comprehensiveness > self.random_comprehensiveness
            and self.sufficiency < self.random_sufficiency
        )

    @property
    def advantage(self) -> float:
        """The mean lead over random maps, a difference of the answer's probability in -1..1."""
        removed = self.comprehensiveness - self.random_comprehensiveness
        kept = self.random_sufficiency - self.sufficiency
        return (removed + kept) / 2

    @property
    def grade(self) -> Grade:
        """By the advantage: ``GOOD_ADVANTAGE`` or more, ``FAIR_ADVANTAGE`` or more, or less."""
        if self.advantage >= GOOD_ADVANTAGE:
            return "good"
        return "fair" if self.advantage >= FAIR_ADVANTAGE else "poor"


@dataclass(frozen=True)
class RelevanceEvidence:
    """Which words and which half-seconds of voice carried the predicted emotion's logit.

    ``method`` is a name in ``drkf.explain.EXPLAINERS``, which says what the values mean.
    """

    method: str
    emotion: str
    words: tuple[WordRelevance, ...] = ()
    times: tuple[TimeRelevance, ...] = ()
    phrases: tuple[PhraseRelevance, ...] = ()
    faithfulness: FaithfulnessEvidence | None = None


@dataclass(frozen=True)
class WordEdit:
    """What stands in the place of characters [start, end) of the transcript; "" for nothing."""

    start_char: int
    end_char: int
    before: str
    after: str


@dataclass(frozen=True)
class Counterfactual:
    """A smallest change after which the model answers ``emotion``, with that calibrated
    ``probability`` (see drkf.explain.counterfactual).

    ``edits`` for the kinds "words" (taken out) and "replacement"; the times, in seconds of the
    clip, for "silence".
    """

    kind: Literal["words", "replacement", "silence"]
    emotion: str
    probability: float
    edits: tuple[WordEdit, ...] = ()
    start_seconds: float | None = None
    end_seconds: float | None = None


@dataclass(frozen=True)
class Prediction:
    """Calibrated class probabilities (L,) in 0..1 that add up to 1, in the order of ``labels``."""

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def emotion(self) -> str:
        """The most probable label."""
        return self.labels[self.probabilities.index(max(self.probabilities))]

    @property
    def confidence(self) -> float:
        """The probability of the most probable label, 0..1."""
        return max(self.probabilities)

    @property
    def runner_up(self) -> str:
        """The second most probable label; the only one where there is no other."""
        by_probability = sorted(self.labels, key=lambda label: -self.as_mapping()[label])
        return by_probability[1] if len(by_probability) > 1 else by_probability[0]

    @property
    def margin(self) -> float:
        """How far the most probable label leads the second one, 0..1."""
        first, *others = sorted(self.probabilities, reverse=True)
        return first - others[0] if others else first

    @property
    def undecided(self) -> bool:
        """Whether the second label is nearly as probable as the first (``UNDECIDED_MARGIN``)."""
        return self.margin < UNDECIDED_MARGIN

    def as_mapping(self) -> dict[str, float]:
        """Label -> probability."""
        return dict(zip(self.labels, self.probabilities, strict=True))


def agreement_of(
    audio: Prediction, text: Prediction, inconsistency: InconsistencyEvidence
) -> Agreement:
    """What the voice and the words are to each other.

    * The same emotion on both sides: "agree".
    * One side neutral: "emotion in audio" or "emotion in text". Neutral words are absence of
      evidence: most of what people say is neutral in words, whatever they feel.
    * Two different emotions: "contradict" where the discrimination head finds them inconsistent or
      the two answers lie as far apart as those of inconsistent pairs do, else "agree": they are
      near enough to each other to belong together.

    Args:
        audio, text: what the model answers to the voice alone and to the words alone.
        inconsistency: its readings of the two together.
    """
    if audio.emotion == text.emotion:
        return "agree"
    if text.emotion == NEUTRAL:
        return "emotion in audio"
    if audio.emotion == NEUTRAL:
        return "emotion in text"
    far_apart = inconsistency.divergence >= inconsistency.divergence_threshold
    return "contradict" if inconsistency.inconsistent or far_apart else "agree"


@dataclass(frozen=True)
class TranscriptWord:
    """A recognised word with its time in the clip."""

    word: str
    start_seconds: float
    end_seconds: float
    probability: float


@dataclass(frozen=True)
class Transcript:
    """The words an analysis used. ``source`` says where they came from.

    ``language`` is that of what was said or typed, a code such as "de", "und" where it is only
    sure not to be English, None where it is not known. ``said`` are the recognised words in that
    language where ``text`` is their English translation.
    """

    text: str
    source: TextSource
    language: str | None = None
    language_probability: float | None = None
    words: tuple[TranscriptWord, ...] = ()
    said: str | None = None

    @property
    def is_foreign(self) -> bool:
        """Whether ``text`` is in another language than English, which no model here reads."""
        return self.language not in (None, "en") and self.said is None


@dataclass(frozen=True)
class Analysis:
    """Everything the app shows about one utterance.

    ``fused`` is the prediction from all that was given; ``audio`` and ``text`` are the same
    model's predictions when it hears only the voice or reads only the words, None where that
    modality is missing. ``inconsistency`` exists only where both are present. ``attention`` begins
    with the rollout; the gradient-weighted attention, ``shapley`` and ``relevance`` come with the
    explanations, and are missing or None until then. ``counterfactuals`` is None until they are
    asked for, and empty where nothing short of everything changes the answer.
    """

    fused: Prediction
    audio: Prediction | None
    text: Prediction | None
    transcript: Transcript
    uncertain: bool
    inconsistency: InconsistencyEvidence | None = None
    attention: tuple[AttentionEvidence, ...] = ()
    shapley: ShapleyEvidence | None = None
    relevance: RelevanceEvidence | None = None
    counterfactuals: tuple[Counterfactual, ...] | None = None
    clip_seconds: float | None = None
    timings: dict[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    checkpoint: str = ""
    checkpoint_hash: str = ""

    @property
    def emotion(self) -> str:
        """The most probable emotion from all that was given."""
        return self.fused.emotion

    @property
    def agreement(self) -> Agreement | None:
        """What voice and words are to each other; None where one of them is missing."""
        if self.audio is None or self.text is None or self.inconsistency is None:
            return None
        return agreement_of(self.audio, self.text, self.inconsistency)

    def __str__(self) -> str:
        """Three lines: the answer, voice and words alone, the words."""
        return display.three_lines(self)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return display.as_html(self)

    def to_frame(self) -> pd.DataFrame:
        """Probabilities by emotion (rows) and modality (columns fused, audio, text).

        Raises:
            MissingExtraError: pandas is not installed.
        """
        return display.as_frame(self)

    def plot(self, figure: str = "probabilities") -> go.Figure:
        """A Plotly figure of this analysis.

        Args:
            figure: one of ``drkf.display.FIGURES``. Without explanations "shapley" and
                "words" say that they are missing.

        Raises:
            ExplanationError: there is no such figure.
        """
        if figure not in display.FIGURES:
            raise ExplanationError(
                f"There is no figure {figure!r}: choose one of {', '.join(display.FIGURES)}."
            )
        # By name, as pandas finds what plots for it: figures know analyses, not the reverse.
        return getattr(import_module("drkf.figures"), display.FIGURES[figure])(self)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-safe mapping of every field, with ``emotion`` at the top."""
        data = asdict(self)
        for name in ("fused", "audio", "text"):
            prediction = getattr(self, name)
            data[name] = None if prediction is None else prediction.as_mapping()
        return {
            "emotion": self.emotion,
            "probabilities": data.pop("fused"),
            "audio_probabilities": data.pop("audio"),
            "text_probabilities": data.pop("text"),
            **data,
        }
