"""Voice against words: inconsistency and who was right."""

from __future__ import annotations

import plotly.graph_objects as go

from drkf.figures.style import (
    FAINT,
    INK,
    VOICE_COLOUR,
    WORDS_COLOUR,
    add_legend,
    finish,
    nothing,
)
from drkf.workbench import metrics
from drkf.workbench.figures.parts import (
    CURVE_HEIGHT,
    SHARE_AXIS,
    WIDE_SHARE_AXIS,
    Mask,
    add_count_bars,
    chosen,
    error_bars,
    interval_text,
    name_rows,
)
from drkf.workbench.metrics import FOLLOWED, RIGHT
from drkf.workbench.results import Results

DISAGREEMENT_HEIGHT = 340


def inconsistency_figure(results: Results, mask: Mask = None) -> go.Figure:
    """The share right over P(inconsistent), with 95 % Wilson intervals and numbers of rows."""
    results = chosen(results, mask)
    found = metrics.inconsistency_curve(results) if results.scored.any() else None
    if found is None or not found.bins:
        return nothing("No labelled row has both voice and words", CURVE_HEIGHT)
    shares = [part.right for part in found.bins]
    figure = go.Figure()
    figure.add_scatter(
        x=[(float(part.name[:3]) + float(part.name[4:])) / 2 for part in found.bins],
        y=[share.value for share in shares],
        error_y=error_bars(shares),
        mode="markers+text",
        marker={"color": WORDS_COLOUR, "size": 10},
        text=[str(part.count) for part in found.bins],
        textposition="middle right",
        textfont={"color": INK, "size": 12},
        hovertext=[f"{p.name}: {interval_text(p.right)}, {p.count} rows" for p in found.bins],
        hoverinfo="text",
        cliponaxis=False,
    )
    name = "numbers: rows"
    if found.auroc is not None:
        name += f"; AUROC for errors {interval_text(found.auroc)}"
    add_legend(figure, [(WORDS_COLOUR, "●", name)])
    figure.update_xaxes(**WIDE_SHARE_AXIS, title_text="P(inconsistent)")
    figure.update_yaxes(**WIDE_SHARE_AXIS, title_text="share right")
    return finish(figure, CURVE_HEIGHT)


def disagreement_figure(results: Results, mask: Mask = None) -> go.Figure:
    """Where voice and words, each alone, say different things: who was right, and whom the fused
    answer followed. Numbers are rows."""
    results = chosen(results, mask)
    found = metrics.disagreement(results) if results.scored.any() else None
    if found is None or not found.count.sum():
        return nothing("Voice and words never name different emotions", DISAGREEMENT_HEIGHT)
    total = int(found.count.sum())
    figure = go.Figure()
    for column, (followed, colour) in enumerate(
        zip(FOLLOWED, (VOICE_COLOUR, WORDS_COLOUR, FAINT), strict=True)
    ):
        counts = found.count[:, column]
        told = [f"{followed} {count}" for count in counts]
        add_count_bars(figure, followed, (counts / total).tolist(), told, colour)
    right = zip(RIGHT, found.count.sum(1), strict=True)
    name_rows(figure, [f"{name} right<br>{count}" for name, count in right])
    figure.update_xaxes(**SHARE_AXIS, title_text=f"share of {total} rows where they differ")
    add_legend(
        figure,
        [
            (VOICE_COLOUR, "■", "fused followed voice"),
            (WORDS_COLOUR, "■", "words"),
            (FAINT, "■", "another"),
        ],
    )
    return finish(figure, DISAGREEMENT_HEIGHT, barmode="group", bargap=0.25)
