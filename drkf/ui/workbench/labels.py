"""What the labels of a set mean: a choice for each, those that nothing is known of first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from drkf.errors import ManifestError, shorten
from drkf.ui.texts import workbench as text

MAX_LABELS = 200

SCRIPT = (Path(__file__).parents[1] / "static" / "set_labels.js").read_text("utf-8")
TEMPLATE = '<div class="label-map"></div>'


class LabelMap:
    """Adds the table of labels to the current Blocks.

    Args:
        labels: the model's.
    """

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.labels = labels
        with gr.Column(visible=False) as self.part:
            gr.Markdown("#### " + text.LABELS)
            self.table = gr.HTML(
                None, html_template=TEMPLATE, js_on_load=SCRIPT, elem_id="set-labels"
            )
            gr.Markdown(text.LABELS_HINT, elem_classes="caveat")
        self.outputs = [self.part, self.table]

    def show(self, counts: Mapping[str, int], meanings: Mapping[str, str]) -> dict[Any, Any]:
        """New labels: how many rows have each, and what it seems to mean, "" if nothing is known.

        Labels that nothing is known of come first, the more frequent ones before the others.
        """
        order = sorted(meanings, key=lambda name: (bool(meanings[name]), -counts[name]))
        rows = [
            {"label": name, "count": counts[name], "meaning": meanings[name] or None}
            for name in order[:MAX_LABELS]
        ]
        value = {
            "headings": list(text.LABEL_HEADERS),
            "unknown": text.LABEL_UNKNOWN,
            "choices": [["", text.LABEL_NOT_SCORED], *([name, name] for name in self.labels)],
            "rows": rows,
        }
        return {self.part: gr.update(visible=bool(rows)), self.table: value}

    def read(self, value: Any) -> dict[str, str]:
        """Label of the set -> label of the model, "" for one that is not scored or not known.

        Raises:
            ManifestError: a meaning is none of the model's labels.
        """
        rows: Sequence[Mapping[str, Any]] = (value or {}).get("rows", ())
        return {str(row["label"]): self._known(row["meaning"] or "") for row in rows}

    def _known(self, meaning: str) -> str:
        if meaning and meaning not in self.labels:
            raise ManifestError(
                text.WRONG_LABEL.format(
                    label=repr(shorten(str(meaning), 40)), labels=", ".join(self.labels)
                )
            )
        return meaning
