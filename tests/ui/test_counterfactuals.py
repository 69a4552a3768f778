"""Changes that turn the answer, in a visitor's words."""

from __future__ import annotations

from drkf.analysis import Counterfactual, WordEdit
from drkf.ui.counterfactuals import change_sentence


def test_a_sentence_for_each_kind() -> None:
    happy, so = WordEdit(7, 12, "happy", ""), WordEdit(4, 6, "so", "")
    found = Counterfactual("words", "neutral", 0.61, (so, happy))
    assert change_sentence(found) == "Without “so”, “happy”: neutral, 61%"
    sad = WordEdit(7, 12, "happy", "sad")
    found = Counterfactual("replacement", "sadness", 0.8, (sad,))
    assert change_sentence(found) == "“sad” instead of “happy”: sadness, 80%"
    found = Counterfactual("silence", "neutral", 0.5, (), 0.25, 1.0)
    assert change_sentence(found) == "Quiet from 0.2 to 1.0 s: neutral, 50%"
