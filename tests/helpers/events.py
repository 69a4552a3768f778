"""A page's events, called as the page calls them, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

VISITOR = gr.Request(session_hash="visitor")


class Events:
    """The events by the id of what is clicked on; what they answer by id as well.

    ``values`` is what components and states hold, by their number; ``seen`` the steps of the last
    event.
    """

    def __init__(self, blocks: gr.Blocks) -> None:
        self.blocks = blocks
        self.values: dict[int, Any] = {}
        self.seen: list[dict[str, Any]] = []

    def component(self, elem_id: str) -> Any:
        return next(
            block
            for block in self.blocks.blocks.values()
            if getattr(block, "elem_id", None) == elem_id
        )

    def set(self, elem_id: str, value: Any) -> None:
        self.values[self.component(elem_id)._id] = value

    def get(self, elem_id: str) -> Any:
        return self.values[self.component(elem_id)._id]

    def fire(self, elem_id: str, event: str = "click", data: Any = None) -> dict[str, Any]:
        """Runs an event to its end and returns the last value of everything it changed."""
        wanted = (self.component(elem_id)._id, event)
        found = [fn for fn in self.blocks.fns.values() if wanted in fn.targets]
        function = next(fn for fn in found if fn.fn is not None)
        inputs = [self.values.get(block._id, block.value) for block in function.inputs]
        if function.inputs_as_dict:
            inputs = [dict(zip(function.inputs, inputs, strict=True))]
        inputs, *_ = gr.helpers.special_args(function.fn, inputs, VISITOR, data)
        answer = function.fn(*inputs)
        steps = list(answer) if isinstance(answer, Iterator) else [answer]
        self.seen = [self._named(step) for step in steps]
        assert steps, "Gradio empties every output of an event that yields nothing"
        outputs = set(function.outputs)
        for step in steps:
            assert set(step) <= outputs
            for block, value in step.items():
                self._keep(block, value)
        return {name: value for step in self.seen for name, value in step.items()}

    def _keep(self, block: Any, value: Any) -> None:
        update = isinstance(value, dict) and "__type__" in value
        if not update:
            self.values[block._id] = value
        elif "value" in value:
            self.values[block._id] = value["value"]

    def _named(self, step: dict[Any, Any]) -> dict[str, Any]:
        return {getattr(block, "elem_id", None) or str(block._id): v for block, v in step.items()}
