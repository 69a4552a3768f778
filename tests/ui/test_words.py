"""The box of words says where they came from, and keeps what was said beside a translation."""

from __future__ import annotations

from drkf.analysis import Transcript
from drkf.ui.analyse import words_update
from drkf.ui.texts.de import page as german
from drkf.ui.texts.en import page as english


def test_a_translation_is_said_to_be_one_and_stands_beside_what_was_said() -> None:
    translated = Transcript("I am afraid.", "asr", "de", 0.9, said="Ich habe <b>Angst</b>.")
    shown = words_update(translated)
    assert shown["value"] == "I am afraid."
    assert shown["label"] == english.WORDS_LABEL_TRANSLATED.format(language=": de")
    assert shown["info"] == english.WORDS_SAID.format(said="Ich habe &lt;b&gt;Angst&lt;/b&gt;.")
    corrected = words_update(Transcript("I am scared.", "typed"))
    assert "info" not in corrected  # what was said stays while the visitor corrects it
    assert words_update(Transcript("I am here.", "asr", "en"))["info"] == english.WORDS_HINT


def test_a_german_page_says_that_english_is_read_before_anybody_types() -> None:
    assert "Englisch" in german.WORDS_HINT and "englisch" in german.WORDS_PLACEHOLDER
    assert "English" in english.WORDS_PLACEHOLDER
