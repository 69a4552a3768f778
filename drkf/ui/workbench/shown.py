"""What the parts of the tab "Error analysis" share: the results that are looked at, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from drkf.analysis import Analysis
from drkf.model.voice import SpeakerVoices
from drkf.pipeline import Utterance
from drkf.ui.events import QUIET
from drkf.ui.server.headings import headed_table
from drkf.workbench.filters import Filter
from drkf.workbench.findings import Finding
from drkf.workbench.notes import Notes
from drkf.workbench.order import Order, rows_in_order
from drkf.workbench.outcomes import Store
from drkf.workbench.results import Results
from drkf.workbench.slices import Slice

STATE_SECONDS = 8 * 3600
"""Somebody looks at a set for longer than at a clip."""
TAB, EXPORTS = "error analysis", "exports"  # what uses files
MAX_CHARACTERS = 200
"""Of a text in a cell of a table."""

#: Options of events that read a set's results, and of those whose last one alone counts.
WORK: dict[str, Any] = {
    "api_visibility": "private",
    "concurrency_limit": 2,
    "concurrency_id": "looks",
}
LATEST: dict[str, Any] = {**WORK, **QUIET, "trigger_mode": "always_last"}


@dataclass(frozen=True, eq=False)
class Shown:
    """The results that are looked at, and the store of the outcomes they were made of.

    ``names``: a clip's path -> what the visitor calls it. ``worst``: the slices that fail most.
    ``found``: their main findings. ``voices``: what is known of the speakers, None where each
    clip was read alone.
    """

    results: Results
    store: Store
    names: Mapping[str, str] = field(default_factory=dict)
    worst: tuple[Slice, ...] = ()
    found: tuple[Finding, ...] = ()
    voices: SpeakerVoices | None = None


@dataclass(frozen=True, eq=False)
class Opened:
    """The row that is open, encoded, and explained once it has been."""

    row: int
    id: str
    utterance: Utterance | None = None
    analysis: Analysis | None = None


@dataclass(frozen=True, eq=False)
class Asked:
    """What is to be shown: the rows that a filter keeps, and their order.

    ``mask`` (n,) is True on these rows.
    """

    shown: Shown
    notes: Notes
    filter: Filter
    mask: NDArray[np.bool_]
    order: Order = "set"

    @property
    def results(self) -> Results:
        return self.shown.results

    def rows(self) -> list[int]:
        """The numbers of these rows, from 0, in their order."""
        return rows_in_order(self.results, self.mask, self.order).tolist()


class States:
    """A visitor's states that several parts use; none of them is seen."""

    def __init__(self) -> None:
        self.shown = gr.State(None, time_to_live=STATE_SECONDS)
        self.notes = gr.State(None, time_to_live=STATE_SECONDS)
        self.opened = gr.State(None, time_to_live=STATE_SECONDS)
        self.all = [self.shown, self.notes, self.opened]


def told(elem_id: str, value: str | None = None) -> gr.HTML:
    """A place for sentences that are read out when they change."""
    return gr.HTML(value, html_template='<div aria-live="polite">${value}</div>', elem_id=elem_id)


def listing(
    headings: Callable[[], list[str]], elem_id: str, numbers: Sequence[int], **options: Any
) -> gr.Dataframe:
    """A table of rows of which the first column is the row's number. Text is shown as it is."""
    columns = range(len(headings()))
    return headed_table(
        headings,
        datatype=["number" if i == 0 or i in numbers else "str" for i in columns],
        interactive=False,
        show_label=False,
        max_height=420,
        buttons=[],
        elem_id=elem_id,
        elem_classes="listing",
        **options,
    )


def shortened(written: str) -> str:
    return written if len(written) <= MAX_CHARACTERS else written[: MAX_CHARACTERS - 1] + "…"
