"""Steps of an event that reach the page alone tell all that came before."""

from __future__ import annotations

from collections.abc import Iterator

import gradio as gr

from drkf.ui.events import Updates, cumulative


def test_each_step_repeats_what_earlier_ones_set_but_nothing_that_is_typed_over() -> None:
    with gr.Blocks():
        words, told, panel, masks = gr.Textbox(), gr.HTML(), gr.Column(), gr.CheckboxGroup()

    @cumulative
    def steps(first: str) -> Iterator[Updates]:
        yield {words: gr.update(value=first, label="Words (recognised)"), told: "hearing"}
        yield {panel: gr.update(visible=True), masks: gr.update(choices=["a"], value=[])}
        yield {told: gr.skip(), panel: gr.skip()}
        yield {told: "done"}

    shown = [
        {name: step.get(one) for name, one in (("told", told), ("panel", panel))}
        for step in steps("hello")
    ]
    hearing = gr.update(value="hearing")
    assert [one["told"] for one in shown] == ["hearing", "hearing", hearing, "done"]
    assert shown[0]["panel"] is None
    assert all(one["panel"] == gr.update(visible=True) for one in shown[1:])
    first, second, *_, last = steps("hello")
    assert first[words] == gr.update(value="hello", label="Words (recognised)")
    assert last[words] == second[words] == gr.update(label="Words (recognised)")
    assert second[masks] == gr.update(choices=["a"], value=[])
    assert last[masks] == gr.update(choices=["a"]), "what a visitor has ticked meanwhile stays"
