"""The table of rows, and the smaller tables whose first column is a row's number."""

from __future__ import annotations

from typing import Any

import gradio as gr
import numpy as np

from drkf.ui.events import Updates
from drkf.ui.server.headings import headed
from drkf.ui.texts import workbench as text
from drkf.ui.texts.translation import translated
from drkf.ui.workbench.shown import Asked, listing, shortened
from drkf.workbench import neighbours
from drkf.workbench.results import VOICE, WORDS, Results

MAX_ROWS = 1000
MAX_SUSPECTS = 200
NEIGHBOURS = 8

#: Pixels of each column.
WIDTHS = (60, 150, 100, 110, 60, 100, 130, 100, 100, 110, 60, 360, 120)


class RowList:
    """All rows that are asked for; a click on one opens it."""

    def __init__(self) -> None:
        gr.Markdown("## " + text.ROWS_HEADING)
        gr.Markdown(text.ROWS_HELP)
        self.order = gr.Radio(
            [(name, key) for key, name in text.ORDERS.items()],
            value="set",
            label=text.ORDER,
            elem_id="set-order",
        )
        self.table = listing(
            lambda: text.ROWS_HEADERS,
            "set-rows",
            (4, 6, 10),
            column_widths=[f"{width}px" for width in WIDTHS],
            show_search="none",
        )
        self.more = gr.Markdown(elem_classes="caveat")
        self.outputs = [self.table, self.more]

    def show(self, asked: Asked) -> Updates:
        count = int(asked.mask.sum())
        more = text.ROWS_MORE.format(most=MAX_ROWS, count=count) if count > MAX_ROWS else ""
        return {self.table: headed(text.ROWS_HEADERS, row_cells(asked)), self.more: more}


def row_cells(asked: Asked) -> list[list[Any]] | None:
    """The rows as they are listed; None where there is none."""
    results, table = asked.results, asked.results.table
    fused = results.probabilities()
    audio_said, text_said = (best_of(results, kind) for kind in (VOICE, WORDS))
    rows = []
    for i in asked.rows()[:MAX_ROWS]:
        one = table.iloc[i]
        usable = bool(results.usable[i])
        emotion = one["emotion"]
        rows.append(
            [
                i + 1,
                shortened(one["id"]),
                one["label"],
                text.UNCERTAIN.format(emotion=emotion) if usable and one["uncertain"] else emotion,
                number(float(fused[i].max())) if usable else None,
                text.OUTCOMES[outcome(results, i)],
                number(one["inconsistency"]),
                audio_said[i],
                text_said[i],
                shortened(one["speaker"]),
                number(one["duration"], 1),
                shortened(one["text"] if usable else translated(one["error"])),
                ", ".join(asked.notes.note(one["id"]).tags),
            ]
        )
    return rows or None


def best_of(results: Results, kind: str) -> list[str]:
    """The likeliest emotion of one modality alone in every row; "" where a row lacks it."""
    values = results.probabilities(kind)
    return ["" if np.isnan(row).any() else results.labels[int(row.argmax())] for row in values]


def outcome(results: Results, row: int) -> str:
    """A key of ``text.OUTCOMES``."""
    if not results.usable[row]:
        return "failed"
    if not results.scored[row]:
        return "no label"
    return "right" if results.table["correct"].iloc[row] else "wrong"


def number(value: float, digits: int = 2) -> float | None:
    return None if np.isnan(value) else round(float(value), digits)


def suspect_cells(asked: Asked) -> list[list[Any]] | None:
    """Rows whose label looks wrong; None where there is none."""
    found = [one for one in neighbours.label_suspects(asked.results) if asked.mask[one.row]]
    names = asked.results.table["id"]
    return [
        [
            one.row + 1,
            shortened(names.iloc[one.row]),
            one.label,
            one.suggested,
            round(one.margin, 2),
        ]
        for one in found[:MAX_SUSPECTS]
    ] or None


def near_cells(results: Results, row: int) -> list[list[Any]] | None:
    """The nearest rows; None where there is none."""
    found = neighbours.nearest(results, row, NEIGHBOURS) if results.usable.sum() > 1 else ()
    rows = []
    for one in found:
        other = results.table.iloc[one.row]
        cells = [shortened(other["id"]), other["label"], other["emotion"], round(one.distance, 3)]
        rows.append([one.row + 1, *cells])
    return rows or None
