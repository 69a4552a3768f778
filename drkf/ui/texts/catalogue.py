"""The interface in the visitor's language: one table of texts per language, found by key.

``en/page.py`` and ``de/page.py`` hold the same names, each in its language; a folder more is a
language more. Code says ``text.NAME``, where ``text`` is a ``Table``:

* While the page is built, that is a marker (``gradio.I18n``'s) which the browser replaces by the
  text in the visitor's language. The page is built once, for all languages.
* In an event or a request, it is the text in the language of the visitor whose event it is.
* Elsewhere, it is English.

Gradio replaces one marker per string, and only in the properties ``REACHED`` and in the names of
choices. A string of several texts is made by ``each``; headers of tables come with the event that
fills them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from inspect import cleandoc
from pathlib import Path
from types import ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr
from gradio.context import Context
from gradio.i18n import I18nData

DEFAULT = "en"
LANGUAGES = (
    DEFAULT,
    *sorted(
        folder.parent.name
        for folder in Path(__file__).parent.glob("*/__init__.py")
        if folder.parent.name != DEFAULT
    ),
)

REACHED = ("label", "info", "placeholder", "description", "title", "value")
"""Where Gradio 6.31 replaces a marker; beside these properties, in the names of choices."""

GRADIO_LACKS = {"errors.use_via_api_or_mcp": "API_OR_MCP"}
"""Texts of Gradio 6.31's own that it has in English alone: its key -> ours in ``page.py``."""

COOKIE = "drkf_language"
"""Set by the page's language switch; without it the browser's wishes count."""

#: Of the event or request that is being answered, set by the server; None: of none.
requested: ContextVar[str | None] = ContextVar("requested", default=None)

#: Of each page, the texts that it shows: key -> language -> text.
_shown: WeakKeyDictionary[gr.Blocks, dict[str, dict[str, str]]] = WeakKeyDictionary()


class Table:
    """The texts of one module, each in the visitor's language."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, key: str) -> Any:
        if not key.isupper():
            raise AttributeError(key)
        if (page := _page_being_built()) is None:
            return _constant(language(), self._name, key)
        found = {wanted: _constant(wanted, self._name, key) for wanted in LANGUAGES}
        return _marked(page, f"{self._name}.{key}", found)


class Marker(str):
    """Stands for a text while the page is built: ``gradio.I18n``'s sign, with a key."""

    key: str

    def __new__(cls, key: str) -> Marker:
        made = super().__new__(cls, I18nData(key))
        made.key = key
        return made

    def __getnewargs__(self) -> tuple[str]:  # a copy is the same marker
        return (self.key,)

    def format(self, *positional: object, **named: object) -> str:
        """The marker of the text with its placeholders filled; values may be markers, too."""
        page = _page_being_built()
        assert page is not None, "a marker belongs to the page that is being built"
        texts = _shown[page]

        def filled() -> str:
            wanted = language()
            said = {
                name: texts[value.key][wanted] if isinstance(value, Marker) else value
                for name, value in named.items()
            }
            return texts[self.key][wanted].format(*positional, **said)

        return each(filled)


def each(make: Callable[[], str]) -> str:
    """A string of several texts, such as a heading with a paragraph.

    While the page is built ``make`` is called for each language, with ``text.NAME`` in that
    language, and the result is a marker; otherwise the result is what ``make`` returns.
    """
    page = _page_being_built()
    if page is None:
        return make()
    made = {}
    for wanted in LANGUAGES:
        with speaking(wanted):
            made[wanted] = make()
    return Marker(_remember(page, "", made))


def counted(forms: Mapping[str, str], count: int, **values: Any) -> str:
    """A text about a number of things, from its forms for "one" and for "many", none among these.

    ``values`` are what else is filled in.

    As English and German need them; a language with more forms says the number after a colon.
    """
    return forms["one" if count == 1 else "many"].format(count=count, **values)


@contextmanager
def speaking(wanted: str) -> Iterator[None]:
    """Texts are in this language, and no markers, until the end of the ``with`` block."""
    token = requested.set(wanted)
    try:
        yield
    finally:
        requested.reset(token)


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
    for weight, _, wanted in sorted(wishes):
        if wanted in LANGUAGES and weight:
            return wanted
    return DEFAULT


def of_visitor(headers: Mapping[str, str]) -> str:
    """The language that the headers of a request ask for: a choice on the page, else a wish."""
    try:
        chosen = SimpleCookie(headers.get("cookie") or "").get(COOKIE)
    except CookieError:
        chosen = None
    if chosen is not None and chosen.value in LANGUAGES:
        return chosen.value
    return preferred(headers.get("accept-language"))


def language() -> str:
    """Of the visitor whose event or request is being answered; English where there is none."""
    return requested.get() or DEFAULT


class PageTexts(gr.I18n):
    """What a page's markers stand for, in the language of the request that is being answered.

    Gradio would send all languages and choose by ``navigator.language``, while answers are in the
    language of the cookie or of Accept-Language. So that a page never mixes two, it gets one
    table only, under the locale to which Gradio falls back.
    """

    def __init__(self, page: gr.Blocks) -> None:
        super().__init__()
        self._page = page

    @property
    def translations_dict(self) -> dict[str, dict[str, str]]:
        wanted = language()
        shown = {key: texts[wanted] for key, texts in _shown.get(self._page, {}).items()}
        own = {key: _constant(wanted, "page", name) for key, name in GRADIO_LACKS.items()}
        return {"en": {"language": wanted, **own, **shown}}  # the page's script reads the language


def _page_being_built() -> gr.Blocks | None:
    """None within an event, or where texts are made for one language."""
    return Context.root_block if requested.get() is None else None


def _module(wanted: str, name: str) -> ModuleType:
    return importlib.import_module(f"{__package__}.{wanted}.{name}")


def _constant(wanted: str, name: str, key: str) -> Any:
    """The constant ``key`` of a language; in a dictionary of texts, what it lacks is English."""
    found = getattr(_module(wanted, name), key)
    return getattr(_module(DEFAULT, name), key) | found if isinstance(found, dict) else found


def _marked(page: gr.Blocks, key: str, found: dict[str, Any]) -> Any:
    """A constant of which every text is a marker."""
    english = found[DEFAULT]
    if isinstance(english, str):
        return Marker(_remember(page, key, found))
    if isinstance(english, dict):
        return {
            part: _marked(page, f"{key}.{part}", {w: found[w][part] for w in found})
            for part in english
        }
    return type(english)(
        _marked(page, f"{key}.{i}", {w: found[w][i] for w in found}) for i in range(len(english))
    )


def _remember(page: gr.Blocks, key: str, texts: dict[str, str]) -> str:
    """Puts the texts into the page's table; without a key they get one. Returns the key."""
    shown = _shown.setdefault(page, {})
    key = key or f"made.{len(shown)}"
    # As gr.Markdown does with what it is given.
    shown[key] = {wanted: cleandoc(text) for wanted, text in texts.items()}
    return key
