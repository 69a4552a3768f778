"""The verdict: the answer in words, readable from the back of a room."""

from __future__ import annotations

import html
import json

from drkf.analysis import Analysis, Prediction
from drkf.figures import style
from drkf.ui.parts import download_link
from drkf.ui.texts import figures as text_figures
from drkf.ui.texts import page as text
from drkf.ui.texts.translation import translated


def verdict_html(analysis: Analysis, status: str | None = None) -> str:
    """The answer, each side's own answer, what they are to each other, and warnings.

    ``status`` stands in the download's place while explanations are still computed.
    """
    notes = [translated(warning) for warning in analysis.warnings]
    if analysis.agreement in ("agree", "contradict") and _split(analysis):
        notes.append(text.SPLIT)
    warnings = "".join(f"<li>{html.escape(note)}</li>" for note in notes)
    foot = text.FOOTNOTE.format(
        checkpoint=html.escape(f"{analysis.checkpoint} {analysis.checkpoint_hash[:8]}"),
        seconds=f"{sum(analysis.timings.values()):.1f}",
    )
    end = f"<span>{html.escape(status)}</span>" if status else _download(analysis)
    return (
        f'<div class="verdict-emotion">{answer_html(analysis.fused, analysis.uncertain)}</div>'
        f"{sides_html(analysis)}"
        f'<div class="verdict-sentence">{verdict_sentence(analysis)}</div>'
        + (f'<ul class="verdict-warnings">{warnings}</ul>' if warnings else "")
        + f'<div class="verdict-foot">{end}<span>{foot}</span></div>'
    )


def answer_html(answer: Prediction, uncertain: bool) -> str:
    """HTML: the emotion and the runner-up; two emotions where the answer is undecided."""
    colour = style.emotion_colour(answer.emotion)
    swatch = f'<span class="swatch" style="background:{colour}"></span>'
    first, second = (
        f"<b>{html.escape(emotion_name(label).upper())}</b>"
        for label in (answer.emotion, answer.runner_up)
    )
    if answer.undecided:
        tie = text.UNDECIDED.format(emotion=first, other=second)
        return f'{swatch}<span class="verdict-tie">{tie}</span>'
    said = (text.UNSURE if uncertain else text.SURE).format(
        emotion=first, probability=percent(answer.confidence)
    )
    other = text.RUNNER_UP.format(
        emotion=html.escape(emotion_name(answer.runner_up)),
        probability=percent(answer.as_mapping()[answer.runner_up]),
    )
    return f'{swatch}{said} <span class="verdict-other">{other}</span>'


def sides_html(analysis: Analysis) -> str:
    """What the voice alone and the words alone say, as two bars; "" with one side missing."""
    if analysis.audio is None or analysis.text is None:
        return ""
    rows = "".join(
        f'<span class="side-name">{html.escape(name)}</span>'
        f"<span>{html.escape(_side(side))}</span>"
        f'<span class="side-bar {kind}"><i style="width:{side.confidence:.0%}"></i></span>'
        for kind, name, side in (
            ("of-voice", text.SIDE_VOICE, analysis.audio),
            ("of-words", text.SIDE_WORDS, analysis.text),
        )
    )
    return f'<div class="verdict-sides">{rows}</div>'


def verdict_sentence(analysis: Analysis) -> str:
    """HTML: whether voice and words agree, and which of them the model followed."""
    if analysis.audio is None:
        return html.escape(text.WORDS_ONLY)
    if (found := analysis.agreement) is None or analysis.inconsistency is None:
        return html.escape(text.VOICE_ONLY)
    sign = style.CONTRADICTION if found == "contradict" else style.AGREEMENT
    mark = f"{sign} " if found in ("agree", "contradict") else ""
    score = text.SCORE.format(score=round(100 * analysis.inconsistency.discrimination))
    return (
        f"<b>{mark}{html.escape(text.AGREEMENTS[found])}</b> "
        f'<span class="verdict-score">{html.escape(score)}</span> {html.escape(followed(analysis))}'
    )


def followed(analysis: Analysis) -> str:
    """Which side's emotion the answer is; "" where it is undecided."""
    assert analysis.audio is not None and analysis.text is not None
    if analysis.fused.undecided:
        return ""
    of_voice = analysis.emotion == analysis.audio.emotion
    of_words = analysis.emotion == analysis.text.emotion
    if of_voice and of_words:
        return text.FOLLOWED_BOTH
    if not of_voice and not of_words:
        return text.FOLLOWED_NEITHER.format(emotion=emotion_name(analysis.emotion))
    return text.FOLLOWED_VOICE if of_voice else text.FOLLOWED_WORDS


def emotion_name(label: str) -> str:
    """An emotion in the visitor's language; a label of another set as it is."""
    return text_figures.WORDING.emotion(label)


def percent(probability: float) -> str:
    """With a space that does not break."""
    return f"{100 * probability:.0f}\N{NO-BREAK SPACE}%"


def _side(side: Prediction) -> str:
    adjective = text.ADJECTIVES.get(side.emotion, side.emotion)
    return text.SIDE.format(emotion=adjective, probability=percent(side.confidence))


def _split(analysis: Analysis) -> bool:
    return analysis.inconsistency is not None and analysis.inconsistency.split


def _download(analysis: Analysis) -> str:
    content = json.dumps(analysis.to_dict(), ensure_ascii=False, indent=2)
    return download_link(content, "download", "drkf-analysis.json", text.DOWNLOAD)
