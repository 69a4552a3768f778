"""Tables whose headings are in the visitor's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from drkf.ui.texts import catalogue as i18n


class HeadedTable(gr.Dataframe):
    """A table whose headings are in the visitor's language.

    Gradio 6.31 replaces no markers in headings, but sends them along with every value. A class,
    because Gradio makes a component anew from its arguments with each update of a visitor's.

    Args:
        headings: called for each value, and while the page is built.
        options: of the Dataframe.
    """

    is_template = True  # to the browser it is a Dataframe

    def __init__(self, headings: Callable[[], list[str]], **options: Any) -> None:
        self._headings = headings
        with i18n.speaking(i18n.DEFAULT):
            english = headings()
        super().__init__(headers=english, **options)

    def get_config(self, cls: Any = None) -> dict[str, Any]:
        return super().get_config(cls or gr.Dataframe)

    def postprocess(self, value: Any) -> Any:
        data = super().postprocess(value)
        with i18n.speaking(i18n.language()):
            return data.model_copy(update={"headers": self._headings()})
