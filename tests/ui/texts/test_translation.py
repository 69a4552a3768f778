"""What the library says is there in every language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import drkf
from drkf.audio.decode import FORMATS
from drkf.ui.texts.catalogue import DEFAULT, LANGUAGES, speaking
from drkf.ui.texts.translation import translated

LIBRARY = Path(drkf.__file__).parent
#: Modules whose sentences may reach a page, as warnings or as errors that a visitor can mend.
SPEAKING = (
    *("audio/clip.py", "audio/decode.py", "audio/sources.py", "audio/transcribe.py"),
    *(
        "audio/whisper_weights.py",
        "listening.py",
        "encoding.py",
        "language.py",
        "conversation/recording.py",
    ),
    *("whatif/application.py", "whatif/checks.py", "whatif/comparison.py", "whatif/edits.py"),
    *("whatif/entries.py", "whatif/scenario.py", "whatif/voices.py", "data/tables.py"),
    *("workbench/archive.py", "workbench/metrics.py", "workbench/notes.py", "workbench/rows.py"),
    *("workbench/comparison.py", "workbench/exported.py", "workbench/outcomes.py"),
    *("workbench/sources.py", "workbench/uploads.py"),
)
#: To programmers, who hand over arrays and open files.
TO_PROGRAMMERS = (
    "A list of",
    "An array of",
    "Audio as a",
    "Audio samples",
    "Audio must",
    "The audio file is",
)


def sentences(module: str) -> Iterator[str]:
    """The sentences in a module's code, "7" in the place of what is filled in."""
    tree = ast.parse((LIBRARY / module).read_text("utf-8"))
    within = {
        id(part)
        for node in ast.walk(tree)
        for part in (
            node.values
            if isinstance(node, ast.JoinedStr)
            else [node.value]
            if isinstance(node, ast.Expr)  # a docstring
            else []
        )
    }
    for node in ast.walk(tree):
        if id(node) in within:
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        if not all(isinstance(part, ast.Constant | ast.FormattedValue) for part in parts):
            continue
        said = "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts)
        if " " in said and said.endswith(".") and not said.startswith(TO_PROGRAMMERS):
            yield said


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {DEFAULT}))
@pytest.mark.parametrize("module", SPEAKING)
def test_every_sentence_of_the_library_is_translated(module: str, language: str) -> None:
    found = list(sentences(module))
    assert found
    with speaking(language):
        assert [said for said in found if translated(said) == said] == []


def test_values_are_filled_in_and_what_was_told_within_is_translated_too() -> None:
    with speaking("de"):
        assert translated("The text is long: only its first 90 words were read.") == (
            "Der Text ist lang: Nur die ersten 90 Worte wurden gelesen."
        )
        told = translated(
            "Speech recognition failed on this clip: type the words instead. The voice alone is "
            "analysed."
        )
        assert told.startswith("Die Spracherkennung ist") and told.endswith("ausgewertet.")
        # The longer of two that fit: a table is named before a colon.
        assert translated("a.csv: cannot be read: no room.") == (
            "a.csv: lässt sich nicht lesen: no room."
        )
        # A list of formats within a sentence.
        assert translated(f"a.txt has no sound track: use {FORMATS} with speech in it.") == (
            f"a.txt hat keine Tonspur: Nehmen Sie {FORMATS.replace(' or ', ' oder ')} mit Sprache."
        )
        assert translated("{x} is empty (0 bytes): record or export it again.").startswith("{x} ")
        assert translated("Nobody wrote this sentence.") == "Nobody wrote this sentence."
    assert translated("The recording is empty.") == "The recording is empty."
