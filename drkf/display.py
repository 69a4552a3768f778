"""How an analysis shows itself: three lines, a notebook's HTML, a table, and what it plots."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from drkf import extras

if TYPE_CHECKING:
    import pandas as pd

    from drkf.analysis import Analysis, Prediction

#: What an analysis plots -> the function of ``drkf.figures`` that draws it.
FIGURES = {
    "probabilities": "probability_bars",
    "shapley": "shapley_bars",
    "words": "word_relevance",
    "attention": "attention_bars",
    "inconsistency": "inconsistency_gauge",
    "readings": "inconsistency_readings",
}

_CELL = "padding:2px 10px;text-align:left"
_BAR = "display:inline-block;height:0.6em;margin-left:6px;background:currentColor;opacity:0.45"


def three_lines(analysis: Analysis) -> str:
    """The answer; what voice and words say alone, and to each other; the words."""
    answer = f"{_answer(analysis.fused)}{', uncertain' if analysis.uncertain else ''}"
    transcript = analysis.transcript
    words = f"{' '.join(transcript.text.split())!r} ({transcript.source})"
    return "\n".join((answer, _sides(analysis), words if transcript.text else "no words"))


def as_html(analysis: Analysis) -> str:
    """A small table of the probabilities, with what stands in :func:`three_lines` around it."""
    answer, sides, words = (html.escape(line) for line in three_lines(analysis).split("\n"))
    columns = _columns(analysis)
    head = "".join(f'<th style="{_CELL}">{name}</th>' for name in ("", *columns))
    rows = "".join(
        f'<tr><th style="{_CELL}">{html.escape(label)}</th>'
        + "".join(_cell(of.as_mapping()[label]) for of in columns.values())
        + "</tr>"
        for label in sorted(
            analysis.fused.labels, key=lambda one: -analysis.fused.as_mapping()[one]
        )
    )
    notes = "".join(f"<div>{html.escape(warning)}</div>" for warning in analysis.warnings)
    return (
        f"<div><div><strong>{answer}</strong></div><div>{sides}</div><div>{words}</div>{notes}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def as_frame(analysis: Analysis) -> pd.DataFrame:
    """Probabilities: a row for each emotion, a column for each of fused, audio and text that
    there is.

    Raises:
        MissingExtraError: pandas is not installed.
    """
    extras.require_extra("workbench")
    import pandas as pd

    columns = {name: of.as_mapping() for name, of in _columns(analysis).items()}
    return pd.DataFrame(columns, index=pd.Index(analysis.fused.labels, name="emotion"))


def _columns(analysis: Analysis) -> dict[str, Prediction]:
    found = {"fused": analysis.fused, "audio": analysis.audio, "text": analysis.text}
    return {name: of for name, of in found.items() if of is not None}


def _answer(prediction: Prediction) -> str:
    return f"{prediction.emotion} {prediction.confidence:.2f}"


def _sides(analysis: Analysis) -> str:
    if analysis.audio is None:
        return "from the words alone"
    if analysis.text is None or analysis.inconsistency is None:
        return "from the voice alone"
    return (
        f"voice {_answer(analysis.audio)}, words {_answer(analysis.text)}: {analysis.agreement} "
        f"(inconsistency {analysis.inconsistency.discrimination:.2f})"
    )


def _cell(probability: float) -> str:
    bar = f'<span style="{_BAR};width:{4 * probability:.2f}em"></span>'
    return f'<td style="{_CELL}">{probability:.2f}{bar}</td>'
