"""What the library says, in the visitor's language.

The library speaks English. A sentence of its is found by what stands around the values that were
filled in; one that is not in the catalogue stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

from drkf.ui.texts import library
from drkf.ui.texts.catalogue import DEFAULT, language
from drkf.ui.texts.en.library import MESSAGES


def translated(message: str) -> str:
    """A warning or an error of the library in the language of the visitor who is answered."""
    if language() == DEFAULT:
        return message
    for key, pattern in _patterns():
        if found := pattern.fullmatch(message):
            values = {name: translated(value) for name, value in found.groupdict().items()}
            return str(library.MESSAGES[key]).format(**values)
    return message


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The keys of the English messages with what matches them, the longest texts first."""
    made = []
    for key, message in MESSAGES.items():
        parts = re.split(r"\{(\w+)\}", message)
        fixed, names = parts[::2], parts[1::2]
        pattern = re.escape(fixed[0])
        for name, text in zip(names, fixed[1:], strict=True):
            pattern += f"(?P<{name}>.+?){re.escape(text)}"
        made.append((sum(map(len, fixed)), key, re.compile(pattern, re.DOTALL)))
    return tuple((key, pattern) for _, key, pattern in sorted(made, key=lambda one: -one[0]))
