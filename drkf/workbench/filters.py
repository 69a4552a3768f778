"""Which rows of a set are looked at: one question about each, all to be met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drkf.workbench import slices
from drkf.workbench.notes import Notes
from drkf.workbench.results import Results
from drkf.workbench.slices import Condition

Judgement = Literal["", "right", "wrong", "no label", "failed"]


@dataclass(frozen=True)
class Filter:
    """The rows that meet everything that is asked; "" and () ask nothing.

    ``label`` and ``prediction`` are of the model's labels, ``speaker`` is as
    :func:`drkf.workbench.metrics.speakers` names it, ``inconsistent`` is "yes" or "no".
    ``search`` is found in the id, the words or the note, whatever its case. ``among``: only these
    rows, by number.
    """

    label: str = ""
    prediction: str = ""
    outcome: Judgement = ""
    speaker: str = ""
    corpus: str = ""
    inconsistent: str = ""
    conditions: tuple[Condition, ...] = ()
    tag: str = ""
    search: str = ""
    among: tuple[int, ...] | None = None

    def mask(self, results: Results, notes: Notes | None = None) -> NDArray[np.bool_]:
        """(n,) True on the rows that meet it."""
        table, notes = results.table, notes or Notes()
        kept = slices.rows_of(results, self.conditions)
        asked = (
            (self.label, table["label"]),
            (self.prediction, table["emotion"]),
            (self.speaker, slices.values(results, "speaker") if self.speaker else table["id"]),
            (self.corpus, table["corpus"]),
            (
                self.inconsistent,
                slices.values(results, "inconsistent") if self.inconsistent else table["id"],
            ),
        )
        for value, column in asked:
            if value:
                kept &= (column == value).to_numpy(bool)
        kept &= self._outcome(results)
        if self.among is not None:
            kept &= np.isin(np.arange(len(results)), self.among)
        if self.tag:
            kept &= np.array([self.tag in notes.note(one).tags for one in table["id"]], bool)
        if needle := self.search.strip().casefold():
            written = [notes.note(one).text for one in table["id"]]
            hay = (table["id"] + "\n" + table["text"] + "\n" + pd.Series(written, dtype="str")).map(
                str.casefold
            )
            kept &= hay.str.contains(needle, regex=False).to_numpy(bool)
        return kept

    def _outcome(self, results: Results) -> NDArray[np.bool_]:
        correct = results.table["correct"]
        if self.outcome == "right":
            return correct.fillna(False).to_numpy(bool)
        if self.outcome == "wrong":
            return (~correct).fillna(False).to_numpy(bool)
        if self.outcome == "no label":
            return results.usable & ~results.scored
        if self.outcome == "failed":
            return ~results.usable
        return np.ones(len(results), dtype=bool)
