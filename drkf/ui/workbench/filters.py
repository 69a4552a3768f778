"""The controls that say which rows are looked at."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import gradio as gr

from drkf.ui.events import Updates, Values
from drkf.ui.parts import status_html
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import workbench as text
from drkf.ui.workbench.findings import sentence, slice_title, title
from drkf.ui.workbench.shown import Asked, Shown, shortened, told
from drkf.workbench import metrics
from drkf.workbench.filters import Filter
from drkf.workbench.findings import Finding
from drkf.workbench.notes import Notes
from drkf.workbench.slices import Slice, conditions_key, read_key

MAX_SPEAKERS = 500
MAX_NAMED = 12


class Filters:
    """A choice for each question about a row, a search, and how many rows they keep."""

    def __init__(self) -> None:
        self.counts = told("set-shown")
        self.finding = gr.Radio(
            [(text.FINDING_NONE, "")],
            value="",
            label=text.FINDINGS,
            info=text.FINDINGS_HELP,
            elem_id="set-findings",
        )
        with gr.Row(elem_classes="card", elem_id="set-filters"):
            self.label = choice(text.FILTER_LABEL, "set-label")
            self.prediction = choice(text.FILTER_PREDICTION, "set-prediction")
            self.outcome = choice(text.FILTER_OUTCOME, "set-outcome")
            self.speaker = choice(text.FILTER_SPEAKER, "set-speaker")
            self.corpus = choice(text.FILTER_CORPUS, "set-corpus")
            self.inconsistent = choice(text.FILTER_INCONSISTENT, "set-inconsistent")
            self.slice = choice(text.FILTER_SLICE, "set-slice")
            self.tag = choice(text.FILTER_TAG, "set-tag")
            self.search = gr.Textbox(
                label=text.FILTER_SEARCH,
                placeholder=text.FILTER_SEARCH_HINT,
                max_lines=1,
                min_width=160,
                elem_id="set-search",
            )
            self.clear = gr.Button(text.FILTER_CLEAR, min_width=120, elem_id="set-all")
        self.choices: list[Any] = [
            self.finding,
            self.label,
            self.prediction,
            self.outcome,
            self.speaker,
            self.corpus,
            self.inconsistent,
            self.slice,
            self.tag,
        ]
        self.controls = [*self.choices, self.search]
        self.changes = [*(one.input for one in self.choices), self.search.submit]
        self.outputs = [*self.controls, self.counts]

    def read(self, values: Values, found: Sequence[Finding]) -> Filter:
        """What the controls ask for; ``found`` are the findings to choose from."""
        finding, conditions = values[self.finding], values[self.slice]
        return Filter(
            label=values[self.label] or "",
            prediction=values[self.prediction] or "",
            outcome=values[self.outcome] or "",
            speaker=values[self.speaker] or "",
            corpus=values[self.corpus] or "",
            inconsistent=values[self.inconsistent] or "",
            conditions=read_key(conditions) if conditions else (),
            tag=values[self.tag] or "",
            search=values[self.search] or "",
            among=found[int(finding)].rows if finding else None,
        )

    def nothing(self) -> dict[Any, str]:
        """The controls as they are when all rows are asked for."""
        return dict.fromkeys(self.controls, "")

    def offer(self, shown: Shown) -> Updates:
        """What there is to filter new results by."""
        results = shown.results
        table = results.table
        speakers = sorted({name for name in metrics.speakers(results) if name})[:MAX_SPEAKERS]
        corpora = sorted({name for name in table["corpus"] if name})
        labels = set(table["label"])
        inconsistent = text.INCONSISTENT if table["inconsistent"].notna().any() else {}
        return {
            self.label: same(name for name in results.labels if name in labels),
            self.prediction: same(results.labels),
            self.outcome: named(text.OUTCOMES),
            self.speaker: same(speakers),
            self.corpus: same(corpora),
            self.inconsistent: named(inconsistent),
            self.slice: named(slice_names(shown.worst)),
            self.finding: named(
                {str(i): sentence(one) for i, one in enumerate(shown.found)},
                every=text.FINDING_NONE,
            ),
            self.tag: same(()),
            self.search: "",
        }

    def choose_slice(self, shown: Shown, key: str) -> Any:
        """A slice that a visitor points at, whether it is one of the worst or not."""
        names = {key: title(read_key(key)), **slice_names(shown.worst)} if key else {}
        choices = [(text.ANY, ""), *((name, one) for one, name in names.items())]
        return gr.update(choices=choices, value=key, visible=True)

    def offer_tags(self, notes: Notes) -> Updates:
        """The tags there are now; the one that is chosen stays."""
        choices = [(text.ANY, ""), *((f"{tag} ({n})", tag) for tag, n in notes.tags().items())]
        return {self.tag: gr.update(choices=choices, visible=len(choices) > 1)}

    def count(self, asked: Asked) -> Updates:
        return {self.counts: counts_html(asked)}


def choice(label: str, elem_id: str) -> gr.Dropdown:
    return gr.Dropdown([(text.ANY, "")], value="", label=label, min_width=140, elem_id=elem_id)


def named(names: dict[str, str], every: str = "") -> Any:
    """Choices that are called something else than they are: key -> name; ``every`` that of all."""
    choices = [(every or text.ANY, ""), *((name, key) for key, name in names.items())]
    return gr.update(choices=choices, value="", visible=bool(names))


def same(names: Any) -> Any:
    return named({name: name for name in names})


def slice_names(worst: Sequence[Slice]) -> dict[str, str]:
    """Key -> name."""
    return {conditions_key(one.conditions): slice_name(one) for one in worst}


def slice_name(one: Slice) -> str:
    """A slice in a list: its conditions, its error rate and its rows."""
    return text.SLICE_CHOICE.format(
        name=slice_title(one),
        error=one.error.value,
        count=one.count,
        star=" ★" if one.significant else "",
    )


def counts_html(asked: Asked) -> str:
    """How many rows are kept, how many of these are scored and right, and what is missing."""
    results, mask = asked.results, asked.mask
    said = i18n.counted(text.SHOWN, len(results), shown=int(mask.sum()))
    scored = results.scored & mask
    if not scored.any():
        return status_html(said) + unmapped_html(asked)
    groups, by_speaker = metrics.group_codes(results.rows(mask))
    said += text.SHOWN_GROUPS.format(
        groups=int(groups.max()) + 1, unit=text.UNIT_SPEAKERS if by_speaker else text.UNIT_ROWS
    )
    correct = int(results.table.loc[scored, "correct"].sum())
    right = text.SCORE.format(right=correct / int(scored.sum()))
    of = i18n.counted(text.SCORE_OF, int(mask.sum()), correct=correct, scored=int(scored.sum()))
    score = f'<p class="set-score"><b>{html.escape(right)}</b> {html.escape(of)}</p>'
    return score + unmapped_html(asked) + status_html(said)


def unmapped_html(asked: Asked) -> str:
    """Which labels keep rows out of all figures, because nothing is known of them."""
    table = asked.results.table[asked.results.usable & asked.mask]
    unmapped = table.loc[(table["label"] == "") & (table["original_label"] != ""), "original_label"]
    if unmapped.empty:
        return ""
    names = [shortened(name) for name in unmapped.value_counts().index]
    if len(names) > MAX_NAMED:
        more = text.MORE_LABELS.format(count=len(names) - MAX_NAMED)
        names = [*names[:MAX_NAMED], more]
    said = i18n.counted(text.NOT_SCORED, len(unmapped), labels=", ".join(names))
    return f'<p class="set-unscored">{html.escape(said)}</p>'
