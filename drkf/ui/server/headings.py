"""Tables whose headings are in the visitor's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from drkf.ui.texts import catalogue as i18n


def headed_table(headings: Callable[[], list[str]], **options: Any) -> gr.Dataframe:
    """A table whose headings are in the visitor's language.

    Gradio 6.31 replaces no markers in headings, but sends them along with every value.

    Args:
        headings: called for each value, and while the page is built.
        options: of the Dataframe.
    """
    with i18n.speaking(i18n.DEFAULT):
        english = headings()
    made = gr.Dataframe(headers=english, **options)
    postprocess = made.postprocess

    def with_headings(value: Any) -> Any:
        data = postprocess(value)
        with i18n.speaking(i18n.language()):
            return data.model_copy(update={"headers": headings()})

    made.postprocess = with_headings  # type: ignore[method-assign]
    return made
