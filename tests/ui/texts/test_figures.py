"""What figures say is there in every language."""

from __future__ import annotations

import dataclasses
import string

import pytest

from drkf.figures.wording import ENGLISH, Wording
from drkf.labels import EMOTIONS
from drkf.ui.texts import figures
from drkf.ui.texts.catalogue import DEFAULT, LANGUAGES, speaking

FIELDS = [field.name for field in dataclasses.fields(Wording) if field.name != "emotions"]


def placeholders(said: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(said) if name}


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {DEFAULT}))
def test_every_word_is_translated(language: str) -> None:
    with speaking(language):
        wording = figures.WORDING
    assert set(wording.emotions) == set(EMOTIONS)
    for name in FIELDS:
        said, english = getattr(wording, name), getattr(ENGLISH, name)
        assert said != english, name
        assert placeholders(said) == placeholders(english), name
