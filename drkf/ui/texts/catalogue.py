"""The interface in the visitor's language, as their browser asks for it.

A text module holds English constants; a module of the same name in the folder of a language holds
the same names in that language (``en/page.py``, ``de/page.py``). After ``translate(__name__)`` at
its end, ``text.NAME`` is, in an event, the text in the language of the visitor whose event it is.
The page itself is built once, in English: ``page`` translates what it says when it is sent.
Sentences that the library makes (warnings, errors, names in figures) stay English.
"""

from __future__ import annotations

import functools
import html
import importlib
import re
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from gradio.context import LocalContext

LANGUAGES = ("en", "de")
DEFAULT = "en"

#: Of the request that is being answered; set by the server for each.
requested: ContextVar[str] = ContextVar("requested", default=DEFAULT)

#: Names of the text modules that are translated.
_modules: list[str] = []

#: Shorter texts are translated only where they stand alone: "Words" is part of many sentences.
_LEAST_CHARACTERS_WITHIN = 12
_SHOWN = {"label", "info", "placeholder", "title", "value", "description", "headers"}
_PLACEHOLDER = re.compile(r"\{(\w+)(?::[^}]*)?\}")
_HEADINGS = (
    re.compile(r"([#*\s]*)(.*?)(\**)"),
    re.compile(r"([#*\s]*\d+\. )(.*?)(\**)"),
)


def preferred(accept_language: str | None) -> str:
    """The language that an Accept-Language header likes best, of those there are."""
    wishes = []
    for order, part in enumerate((accept_language or "").split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        wishes.append((-weight, order, tag.split("-")[0].lower()))
    for weight, _, language in sorted(wishes):
        if language in LANGUAGES and weight:
            return language
    return DEFAULT


def language() -> str:
    """Of the visitor whose event or request is being answered; English while the app is built."""
    request = LocalContext.request.get(None)
    headers = getattr(request, "headers", None)
    if headers is None:
        return requested.get()
    return preferred(headers.get("accept-language"))


class _Translated(ModuleType):
    """A module whose constants answer in the visitor's language."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if not name.isupper() or (wanted := language()) == DEFAULT:
            return found
        return getattr(catalogue(super().__getattribute__("__name__"), wanted), name, found)


def translate(module: str) -> None:
    """Makes the constants of a text module answer in the visitor's language from now on."""
    _modules.append(module)
    sys.modules[module].__class__ = _Translated


def catalogue(module: str, wanted: str) -> ModuleType:
    """The texts of a module in another language."""
    package, _, name = module.rpartition(".")
    return importlib.import_module(f"{package.rpartition('.')[0]}.{wanted}.{name}")


def page(config: Any, wanted: str) -> Any:
    """A page's configuration in another language; the same object in English."""
    if wanted == DEFAULT:
        return config
    components = [
        {**component, "props": _walk(component["props"], wanted, False)}
        for component in config["components"]
    ]
    return {**config, "components": components}


def in_words(said: str) -> str:
    """A text of the page, such as the answer that a visitor chose, in their language."""
    return said if (wanted := language()) == DEFAULT else _translated(said, wanted)


def _walk(node: Any, wanted: str, shown: bool) -> Any:
    if isinstance(node, dict):
        found = {key: _walk(value, wanted, key in _SHOWN) for key, value in node.items()}
        if choices := node.get("choices"):
            # Of a choice only the name is shown; its value is for the program.
            found["choices"] = [[_walk(name, wanted, True), value] for name, value in choices]
            found["value"] = node.get("value")
        return found
    if isinstance(node, (list, tuple)):
        return [_walk(part, wanted, shown) for part in node]
    if shown and isinstance(node, str):
        return _translated(node, wanted)
    return node


@functools.lru_cache(maxsize=4096)
def _translated(said: str, wanted: str) -> str:
    whole, within, templates = _phrases(wanted)
    if said in whole:
        return whole[said]
    for pattern, foreign in templates:
        if (filled := pattern.fullmatch(said)) is not None:
            return _fill(foreign, whole, filled)
        if "\n" in foreign:  # a paragraph, with others around it
            said = pattern.sub(functools.partial(_fill, foreign, whole), said)
    said = within.sub(lambda found: whole[found[0]], said)
    return "\n".join(_line(line, whole) for line in said.split("\n"))


def _fill(foreign: str, whole: dict[str, str], filled: re.Match[str]) -> str:
    """A template with what the English one was filled with, translated where it is a text."""
    return _PLACEHOLDER.sub(lambda gap: whole.get(filled[gap[1]], filled[gap[1]]), foreign)


def _line(line: str, whole: dict[str, str]) -> str:
    """A heading or a bold line: the text without its Markdown signs, and without its number."""
    for pattern in _HEADINGS:
        parts = pattern.fullmatch(line)
        if parts is not None and parts[2] in whole:
            return parts[1] + whole[parts[2]] + parts[3]
    return line


Phrases = tuple[dict[str, str], re.Pattern[str], list[tuple[re.Pattern[str], str]]]


@functools.cache
def _phrases(wanted: str) -> Phrases:
    """English -> the language; a pattern of the longer texts; and texts with placeholders.

    Placeholders that were filled while the page was built are groups of a template's pattern.
    """
    whole: dict[str, str] = {}
    templates: list[tuple[re.Pattern[str], str]] = []
    for module in _modules:
        foreign = vars(catalogue(module, wanted))
        for name, english in vars(sys.modules[module]).items():
            if not name.isupper():
                continue
            for pair in zip(_leaves(english), _leaves(foreign[name]), strict=True):
                # As Markdown does with a text of several lines.
                text, translation = (said.strip("\n") for said in pair)
                if _PLACEHOLDER.search(text):
                    templates.append((_filled(text), translation))
                else:
                    whole[text] = translation
                    whole.setdefault(html.escape(text), html.escape(translation))
    longer = sorted((p for p in whole if len(p) >= _LEAST_CHARACTERS_WITHIN), key=len, reverse=True)
    # A text of placeholders alone would fit everything.
    templates = [t for t in templates if len(re.sub(r"\(\?P.*?\)", "", t[0].pattern)) > 8]
    alternatives = "|".join(re.escape(phrase) for phrase in longer)
    return whole, re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)"), templates


def _filled(text: str) -> re.Pattern[str]:
    """What a text with placeholders looks like once it is filled."""
    pattern, end, seen = "", 0, set()
    for gap in _PLACEHOLDER.finditer(text):
        pattern += re.escape(text[end : gap.start()])
        pattern += f"(?P={gap[1]})" if gap[1] in seen else f"(?P<{gap[1]}>.+?)"
        seen.add(gap[1])
        end = gap.end()
    return re.compile(pattern + re.escape(text[end:]), re.DOTALL)


def _leaves(value: Any) -> Iterator[str]:
    """The texts in a constant: itself, or those of a tuple or of a dictionary's values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for entry in value.values() for text in _leaves(entry))
    elif isinstance(value, (tuple, list)):
        yield from (text for entry in value for text in _leaves(entry))
