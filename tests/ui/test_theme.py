"""The style sheet, where Gradio would make rules of it that match nothing."""

from __future__ import annotations

import re

from drkf.ui.theme import CSS


def test_no_rule_in_a_query_names_the_container() -> None:
    """Gradio 6.31 puts the container before each selector in a query, and so asks for a second."""
    queries = re.findall(r"^@media[^{]*\{\n(.*?)^\}", CSS, re.DOTALL | re.MULTILINE)
    assert len(queries) >= 3
    assert not [query for query in queries if re.search(r"gradio-container|^ *footer", query)]


def test_no_line_takes_back_a_part_of_a_border_with_a_variable() -> None:
    """Gradio writes rules anew from what the browser read, and drops such a border whole."""
    rules = re.findall(r"\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL))
    assert len(rules) >= 50
    lost = r"\bborder:[^;]*var\([^;]*;.*\bborder-(top|right|bottom|left|width|style|color)\s*:"
    assert not [rule for rule in rules if re.search(lost, rule, re.DOTALL)]
