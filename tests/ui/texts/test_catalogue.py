"""The interface's languages: catalogues that fit each other, and the page in another language."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from gradio.context import LocalContext

from drkf.pipeline import EmotionPipeline
from drkf.ui import build_app
from drkf.ui.server.app import App
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts.en import page as text

FOLDER = Path(i18n.__file__).parent
FOREIGN = tuple(language for language in i18n.LANGUAGES if language != i18n.DEFAULT)
MODULES = sorted(path.stem for path in FOLDER.glob("en/*.py") if path.stem != "__init__")


def texts(language: str, module: str) -> ModuleType:
    return importlib.import_module(f"drkf.ui.texts.{language}.{module}")


def constants(module: ModuleType) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if name.isupper()}


def placeholders(said: str) -> list[str]:
    return sorted(re.findall(r"\{[^}]*\}", said))


def assert_fits(name: str, english: Any, foreign: Any) -> None:
    assert type(english) is type(foreign), name
    if isinstance(english, str):
        # A number may be told twice; nothing may be left out or be unknown.
        assert set(placeholders(english)) == set(placeholders(foreign)), name
        assert bool(english.strip()) == bool(foreign.strip()), name
        assert english.count("**") % 2 == foreign.count("**") % 2 == 0, name
    elif isinstance(english, dict):
        assert english.keys() == foreign.keys(), name
        for key, value in english.items():
            assert_fits(f"{name}[{key}]", value, foreign[key])
    elif isinstance(english, (tuple, list)):
        assert len(english) == len(foreign), name
        for position, (one, other) in enumerate(zip(english, foreign, strict=True)):
            assert_fits(f"{name}[{position}]", one, other)


@pytest.mark.parametrize("language", FOREIGN)
@pytest.mark.parametrize("module", MODULES)
def test_every_text_is_in_every_language_with_the_same_placeholders(
    module: str, language: str
) -> None:
    english = constants(texts("en", module))
    foreign = constants(texts(language, module))
    assert english.keys() == foreign.keys()
    for name, value in english.items():
        assert_fits(name, value, foreign[name])


@pytest.mark.parametrize("language", FOREIGN)
def test_one_text_has_one_translation(language: str) -> None:
    """The page is translated by what it says, wherever it says it."""
    known: dict[str, str] = {}
    for module in MODULES:
        foreign = texts(language, module)
        for name, value in constants(texts("en", module)).items():
            for said, translation in zip(
                strings(value), strings(getattr(foreign, name)), strict=True
            ):
                assert known.setdefault(said, translation) == translation, (module, name)


@pytest.mark.parametrize("module", MODULES)
def test_every_text_module_answers_in_the_visitors_language(module: str) -> None:
    assert isinstance(texts("en", module), i18n._Translated)


def test_no_sentence_stands_in_the_code_of_the_interface() -> None:
    """Strings given to components by name come from a text module."""
    shown = {"label", "info", "placeholder", "title"}
    internal = {FOLDER / "api.py"}  # parameters' names for programs
    for path in sorted(set(FOLDER.glob("*.py")) - internal):
        if path.stem.startswith("text"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg in shown:
                value = node.value
                written = isinstance(value, ast.Constant) and isinstance(value.value, str)
                assert not (written and re.search(r"[A-Za-z]{3}", value.value)), (
                    f"{path.name}:{value.lineno}: {value.value!r}"
                )


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("de", "de"),
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("de-AT", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr-FR,de;q=0.5,en;q=0.7", "en"),
        ("fr, de;q=0.1", "de"),
        ("de;q=0", "en"),
        ("fr", "en"),
        (";;q=x,,de;q=oops", "en"),
        ("*", "en"),
    ],
)
def test_the_browsers_wishes(header: str | None, language: str) -> None:
    assert i18n.preferred(header) == language


@pytest.fixture
def german() -> Iterator[None]:
    """An event of a visitor whose browser asks for German."""
    request = SimpleNamespace(headers={"accept-language": "de-DE,de;q=0.9"})
    token = LocalContext.request.set(request)  # type: ignore[arg-type]
    yield
    LocalContext.request.reset(token)


def test_an_event_speaks_its_visitors_language(german: None) -> None:
    assert text.STATUS_EMPTY.startswith("Sprechen, eine Datei")
    assert text.ADJECTIVES["anger"] == "wütend"
    assert i18n.in_words("the words") == "die Worte"
    assert i18n.in_words("no such text") == "no such text"


def test_without_a_visitor_it_is_english() -> None:
    assert text.STATUS_EMPTY.startswith("Speak, choose")


@pytest.fixture(scope="module")
def built(tiny_checkpoint: Path) -> App:
    return build_app(EmotionPipeline.from_pretrained(tiny_checkpoint))


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from strings(value)


def told(components: list[dict[str, Any]]) -> Iterator[str]:
    """What a page says: of a choice its name, not its value."""
    for component in components:
        props = dict(component["props"])
        if choices := props.pop("choices", None):
            props.pop("value", None)
            yield from (name for name, _ in choices)
        yield from strings(props)


def in_language(app: App, language: str) -> list[dict[str, Any]]:
    token = i18n.requested.set(language)
    try:
        return app.config["components"]
    finally:
        i18n.requested.reset(token)


def test_the_page_is_translated_whole(built: App) -> None:
    english, german = in_language(built, "en"), in_language(built, "de")
    sentences = {
        said.strip("\n"): foreign
        for module in MODULES
        for name, value in constants(texts("en", module)).items()
        for said, foreign in zip(
            strings(value),
            strings(getattr(texts("de", module), name)),
            strict=True,
        )
        if len(said) > 14 and said != foreign
    }
    shown, left = ("\n".join(told(components)) for components in (english, german))
    on_the_page = [said for said in sentences if said in shown]
    assert len(on_the_page) > 60
    assert [said for said in on_the_page if said in left] == []
    assert "unterscheidet 7 Emotionen" in left  # filled when the page was built
    assert "2. Der Lauf" in left and "Verdecken (diesem Modell am treuesten)" in left
    assert [part["id"] for part in english] == [part["id"] for part in german]


def test_what_the_program_reads_stays_as_it_is(built: App) -> None:
    """Chosen values and ids are not texts."""
    for one, other in zip(in_language(built, "en"), in_language(built, "de"), strict=True):
        before, after = one["props"], other["props"]
        assert before.get("elem_id") == after.get("elem_id")
        if choices := before.get("choices"):
            assert before.get("value") == after.get("value")
            assert [value for _, value in choices] == [value for _, value in after["choices"]]
