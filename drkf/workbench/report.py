"""One HTML file that shows a set's results without a network: figures, tables, optional sound."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from drkf.audio.encode import as_mp3
from drkf.errors import AudioError, ResultsError
from drkf.figures.style import ON_DARK
from drkf.files import whole
from drkf.workbench import metrics, neighbours, slices
from drkf.workbench.comparison import compare_results
from drkf.workbench.report_figures import ReportFigure, report_figures
from drkf.workbench.results import FUSED, VOICE, WORDS, Results

MAX_SLICES = 20
MAX_SUSPECTS = 25
MAX_FLIPS = 50
MAX_BAD_ROWS = 50
NEIGHBOURS = 5
MAX_AUDIO_BYTES = 64 * 1024 * 1024
"""Of all clips together, as they are in the file; a browser opens this without trouble."""

MEANINGS = {
    "WA": "share of rows that are right (accuracy)",
    "UAR": "recall averaged over the classes",
    "WF1": "F1 of each class, averaged by the class's number of rows",
    "macro-F1": "F1 averaged over the classes",
    "ECE": "how far confidence is from accuracy, 15 bins; lower is better",
    "Brier": "squared distance of the probabilities to the label, 0 to 2; lower is better",
    "AURC": "mean error when only the most confident rows are kept; lower is better",
}


@dataclass(frozen=True)
class _NamedSlice:
    name: str
    slice: slices.Slice


@dataclass(frozen=True)
class _Counts:
    rows: int
    scored: int
    unlabelled: int
    bad: int


@dataclass(frozen=True)
class _Sounds:
    """Row -> data URI, and how many clips there are that were not put in, by reason."""

    uris: dict[int, str]
    too_many: int
    unreadable: int


def write_html(
    results: Results, path: str | Path, audio: bool = False, compare: Results | None = None
) -> None:
    """Writes the report, whole or not at all.

    The file fetches nothing: a content security policy forbids it, and Plotly's script is inside.
    All text from the data is escaped.

    Args:
        audio: whether the clips are put in as MP3, in all up to ``MAX_AUDIO_BYTES``.
        compare: another checkpoint's results of the same set: "after", with ``results`` before.

    Raises:
        ResultsError: the file cannot be written, or ``compare`` shares no labelled row.
    """
    path = Path(path)
    page = report_html(results, audio, compare)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as part:
            part.write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ResultsError(f"{path}: cannot be written ({error.strerror}).") from None


def report_html(results: Results, audio: bool = False, compare: Results | None = None) -> str:
    """The report as one HTML page (see :func:`write_html`)."""
    comparison = compare_results(results, compare) if compare is not None else None
    labelled = bool(results.scored.any())
    drawn = neighbours.embedding_map(results)
    found = slices.search(results) if labelled else slices.Search((), 0)
    worst = [_NamedSlice(_plain_name(one), one) for one in found.slices[:MAX_SLICES]]
    suspects = neighbours.label_suspects(results)
    sounds = _sounds(results) if audio else _Sounds({}, 0, 0)
    shown = report_figures(results, drawn, comparison)
    bad = results.table[~results.usable]
    flipped = comparison.flipped if comparison is not None else results.table[:0]
    left_out = _left_out(
        drawn, sounds, audio, len(found.slices), len(suspects), len(bad), len(flipped)
    )
    if comparison is not None and comparison.left_out:
        left_out.append(f"{comparison.left_out} rows that only one of the two results can compare.")
    scripts = {"plotly": get_plotlyjs(), "script": _page_file("script.js")}
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_page_file("page.html")).render(
        results=results,
        compare=compare,
        comparison=comparison,
        date=datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC"),
        counts=_counts(results),
        left_out=left_out,
        headline=metrics.headline(results) if labelled else None,
        meanings=MEANINGS,
        classes=metrics.per_class(results) if labelled else (),
        figures=shown,
        slices=worst,
        looked_at=found.looked_at,
        smallest=found.smallest,
        suspects=suspects[:MAX_SUSPECTS],
        suspect_count=len(suspects),
        flipped=list(flipped[:MAX_FLIPS].itertuples()),
        bad=list(bad[:MAX_BAD_ROWS].itertuples()),
        number=lambda value, digits=2: f"{value:.{digits}f}",
        policy=_policy(scripts.values()),
        style=Markup(_page_file("style.css").replace("{{ dark_figures }}", _dark_figures())),
        data=_script_json(_page_data(results, sounds, shown, worst)),
        **{name: Markup(script) for name, script in scripts.items()},
    )


def _page_data(
    results: Results, sounds: _Sounds, shown: list[ReportFigure], worst: list[_NamedSlice]
) -> dict[str, Any]:
    """What the page's script reads: rows, figures, and the rows of each slice."""
    return {
        "labels": results.labels,
        "rows": _rows(results, sounds),
        "figures": [json.loads(str(one.figure.to_json())) for one in shown],
        "slices": [
            {
                "name": one.name,
                "rows": np.flatnonzero(
                    slices.rows_of(results, one.slice.conditions) & results.scored
                ).tolist(),
            }
            for one in worst
        ],
    }


def _counts(results: Results) -> _Counts:
    return _Counts(
        rows=len(results),
        scored=int(results.scored.sum()),
        unlabelled=int((results.usable & ~results.scored).sum()),
        bad=int((~results.usable).sum()),
    )


def _left_out(
    drawn: neighbours.EmbeddingMap,
    sounds: _Sounds,
    audio: bool,
    slice_count: int,
    suspect_count: int,
    bad: int,
    flips: int,
) -> list[str]:
    """What is not on the page, and why, in sentences."""
    lines = []
    if drawn.left_out:
        lines.append(
            f"{drawn.left_out} rows on the maps: {int(drawn.shown.sum())} were drawn at random."
        )
    for count, most, name in (
        (slice_count, MAX_SLICES, "slices that fail more often than the rest"),
        (suspect_count, MAX_SUSPECTS, "labels to check"),
        (flips, MAX_FLIPS, "rows that flipped"),
        (bad, MAX_BAD_ROWS, "rows that could not be analysed, which the table at the end has"),
    ):
        if count > most:
            lines.append(f"{count - most} of {count} {name}: the first {most} are listed.")
    if not audio:
        lines.append("The clips' sound.")
    if sounds.too_many:
        lines.append(
            f"The sound of {sounds.too_many} clips: together they would be over "
            f"{MAX_AUDIO_BYTES // 1024**2} MB."
        )
    if sounds.unreadable:
        lines.append(f"The sound of {sounds.unreadable} clips that cannot be read any more.")
    if audio and sounds.uris:
        lines.append("The original sound: clips are compressed to MP3, at 16 kHz and mono.")
    return lines


def _rows(results: Results, sounds: _Sounds) -> list[dict[str, Any]]:
    """Every row as the page's script reads it."""
    probabilities = {kind: results.probabilities(kind) for kind in (FUSED, VOICE, WORDS)}
    known = np.flatnonzero(~np.isnan(results.embeddings).any(1))
    near: dict[int, list[tuple[int, float]]] = {}
    if len(known) > 1:
        indices, distances = neighbours.all_nearest(results, known, NEIGHBOURS)
        for row, others, away in zip(known, indices, distances.round(3), strict=True):
            near[int(row)] = list(zip(others.tolist(), away.tolist(), strict=True))

    def values(kind: str, row: int) -> list[float] | None:
        found = probabilities[kind][row]
        return None if np.isnan(found).any() else found.round(4).tolist()

    return [
        {
            "id": row.id,
            "text": row.text,
            "source": row.text_source,
            "label": row.label,
            "original": row.original_label,
            "emotion": row.emotion,
            "fused": values(FUSED, i),
            "voice": values(VOICE, i),
            "words": values(WORDS, i),
            "inconsistency": _or_none(row.inconsistency),
            "uncertain": None if pd.isna(row.uncertain) else bool(row.uncertain),
            "correct": None if pd.isna(row.correct) else bool(row.correct),
            "speaker": row.speaker,
            "gender": row.gender,
            "corpus": row.corpus,
            "duration": _or_none(row.duration),
            "warnings": row.warnings,
            "error": row.error,
            "sound": sounds.uris.get(i),
            "neighbours": near.get(i),
        }
        for i, row in enumerate(results.table.itertuples())
    ]


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def _sounds(results: Results) -> _Sounds:
    """The clips as data URIs in row order, until there is no more room."""
    uris: dict[int, str] = {}
    total = too_many = unreadable = 0
    for row, (path, usable) in enumerate(zip(results.table["audio"], results.usable, strict=True)):
        if not path or not usable:
            continue
        if total >= MAX_AUDIO_BYTES:
            too_many += 1
            continue
        try:
            uri = _sound(path)
        except AudioError:
            unreadable += 1
            continue
        if total + len(uri) > MAX_AUDIO_BYTES:
            too_many += 1
            continue
        total += len(uri)
        uris[row] = uri
    return _Sounds(uris, too_many, unreadable)


def _sound(path: str) -> str:
    """A clip as every browser plays it, small."""
    return f"data:audio/mpeg;base64,{base64.b64encode(as_mp3(path)).decode()}"


def _plain_name(one: slices.Slice) -> str:
    return ", ".join(f"{facet} {value}" for facet, value in one.conditions)


def _policy(scripts: Iterable[str]) -> str:
    """A content security policy under which only these scripts run and nothing is fetched."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; media-src data:; base-uri 'none'; form-action 'none'"
    )


def _script_json(data: Any) -> Markup:
    """JSON that no HTML parser takes for the end of its script element."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def _dark_figures() -> str:
    return "\n".join(
        f'  .js-plotly-plot [style*="{part}{colour}"] {{ {part} {lighter} !important; }}'
        for colour, lighter in ON_DARK.items()
        for part in ("fill: ", "fill:", "stroke: ")  # spelled both ways by plotly.js
    )


def _page_file(name: str) -> str:
    return files("drkf.workbench").joinpath("report_page", name).read_text(encoding="utf-8")
