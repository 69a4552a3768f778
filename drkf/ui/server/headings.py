"""Tables whose headings are in the visitor's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from drkf.ui.texts import catalogue as i18n


def headed_table(headings: Callable[[], list[str]], **options: Any) -> gr.Dataframe:
    """A table that has English headings until ``headed`` gives it others.

    Gradio 6.31 replaces no markers in headings, but takes them along with every value.

    Args:
        headings: called while the page is built.
        options: of the Dataframe.
    """
    with i18n.speaking(i18n.DEFAULT):
        english = headings()
    return gr.Dataframe(headers=english, **options)


def headed(headings: list[str], rows: list[list[Any]] | None) -> dict[str, Any]:
    """The value of a table: its rows under headings in the language of this event."""
    return {"headers": headings, "data": rows or []}
