"""What an event of the page gets and gives, and the options that most events share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec, TypeAlias

import gradio as gr
from gradio.components import FormComponent

P = ParamSpec("P")

Values: TypeAlias = Mapping[Any, Any]
"""What an event gets where its ``inputs`` are a set: the value of each component, by component."""

Updates: TypeAlias = dict[Any, Any]
"""What an event gives: the new value or ``gr.update`` of each component that changes."""

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Work that waits for its turn and says itself how far it is."""

AT_ONCE: dict[str, Any] = {**QUIET, "queue": False}
"""Short work beside the queue."""


def cumulative(handler: Callable[P, Iterator[Updates]]) -> Callable[P, Iterator[Updates]]:
    """Makes each step of an event repeat what earlier ones set.

    Gradio lets a step go that the next one follows before it is shown. The value of what a visitor
    may be changing meanwhile is not set a second time; what only shows is, and a value that stays
    the same is not drawn anew: a clip that plays goes on.
    """

    @functools.wraps(handler)
    def handle(*args: P.args, **kwargs: P.kwargs) -> Iterator[Updates]:
        so_far: Updates = {}
        for step in handler(*args, **kwargs):
            for component, new in step.items():
                so_far[component] = _merged(so_far.get(component), new)
            yield dict(so_far)
            for component in so_far:
                if isinstance(component, FormComponent | gr.Audio):
                    kept = _as_update(so_far[component])
                    so_far[component] = {k: v for k, v in kept.items() if k != "value"}

    return handle


def _merged(old: Any, new: Any) -> Any:
    """Two updates of a component, one after the other, as one."""
    if old is None or not _is_update(new):
        return new
    return {**_as_update(old), **new}


def _is_update(value: Any) -> bool:
    return isinstance(value, dict) and value.get("__type__") == "update"


def _as_update(value: Any) -> dict[str, Any]:
    return value if _is_update(value) else gr.update(value=value)
