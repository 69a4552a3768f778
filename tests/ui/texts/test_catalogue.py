"""The interface's languages: catalogues that fit each other, and the page in another language."""

from __future__ import annotations

import ast
import copy
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import gradio as gr
import pytest

from drkf.pipeline import EmotionPipeline
from drkf.ui import build_app
from drkf.ui.server.app import App
from drkf.ui.server.headings import headed, headed_table
from drkf.ui.texts import catalogue as i18n
from drkf.ui.texts import evidence as text_evidence
from drkf.ui.texts import page as text
from drkf.ui.texts import workbench as text_workbench
from drkf.ui.texts.en import page as english

FOLDER = Path(i18n.__file__).parent
FOREIGN = tuple(language for language in i18n.LANGUAGES if language != i18n.DEFAULT)
MODULES = sorted(path.stem for path in FOLDER.glob("en/*.py") if path.stem != "__init__")


def texts(language: str, module: str) -> ModuleType:
    return importlib.import_module(f"drkf.ui.texts.{language}.{module}")


def constants(module: ModuleType) -> dict[str, Any]:
    return {name: value for name, value in vars(module).items() if name.isupper()}


def placeholders(said: str) -> list[str]:
    return sorted(re.findall(r"\{[^}]*\}", said))


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_no_text_is_defined_twice(language: str, module: str) -> None:
    tree = ast.parse((FOLDER / language / f"{module}.py").read_text("utf-8"))
    named = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    names = [name for name in named if name.isupper()]
    assert sorted(names) == sorted(set(names))


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
    known = constants(texts("en", module))
    foreign = constants(texts(language, module))
    assert known.keys() == foreign.keys()
    for name, value in known.items():
        assert_fits(name, value, foreign[name])


def test_no_sentence_stands_in_the_code_of_the_interface() -> None:
    """Strings given to components by name come from a text module."""
    shown = {"label", "info", "placeholder", "title"}
    interface = FOLDER.parent
    internal = {interface / "server" / "api.py"}  # parameters' names for programs
    for path in sorted(set(interface.rglob("*.py")) - internal - set(FOLDER.rglob("*.py"))):
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
        ("xx-XX,de;q=0.5,en;q=0.7", "en"),
        ("xx, de;q=0.1", "de"),
        ("de;q=0", "en"),
        ("xx", "en"),
        (";;q=x,,de;q=oops", "en"),
        ("*", "en"),
    ],
)
def test_the_browsers_wishes(header: str | None, language: str) -> None:
    assert i18n.preferred(header) == language


def test_a_choice_on_the_page_counts_more_than_the_browsers_wish() -> None:
    wish = {"accept-language": "de-DE,de;q=0.9"}
    assert i18n.of_visitor(wish) == "de"
    assert i18n.of_visitor({**wish, "cookie": f"other=1; {i18n.COOKIE}=en"}) == "en"
    assert i18n.of_visitor({**wish, "cookie": f"{i18n.COOKIE}=xx"}) == "de"
    assert i18n.of_visitor({**wish, "cookie": "\x01=;;"}) == "de"
    assert i18n.of_visitor({}) == i18n.DEFAULT


def test_an_event_speaks_its_visitors_language() -> None:
    with i18n.speaking("de"):
        assert text.STATUS_EMPTY == texts("de", "page").STATUS_EMPTY != english.STATUS_EMPTY
        assert text.ADJECTIVES["anger"] == "wütend"


def test_without_a_visitor_it_is_english() -> None:
    assert text.STATUS_EMPTY == english.STATUS_EMPTY


def test_what_a_table_lacks_in_a_language_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a new explainer is on the page before anybody has translated what it says."""
    monkeypatch.setitem(texts("en", "evidence").METHODS, "new", "a new way")
    with i18n.speaking("de"):
        assert text_evidence.METHODS["new"] == "a new way"
        assert text_evidence.METHODS["occlusion"] == "Weglassen"


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(AttributeError, match="NO_SUCH_TEXT"):
        text.NO_SUCH_TEXT  # noqa: B018


def test_while_a_page_is_built_texts_are_markers_of_that_page() -> None:
    with gr.Blocks() as page:
        gr.Markdown("## " + text.PROBABILITIES)
        gr.Radio(list(text.ADJECTIVES.values()))
        gr.Markdown(text.FOOTNOTE.format(checkpoint="c", seconds="1"))
        gr.Markdown(text.SURE.format(emotion=text.ADJECTIVES["joy"], probability=1))
        gr.HTML(i18n.each(lambda: f"{text.CLEAR_BUTTON} {text.WORDS_LABEL}"))
    shown = {}
    for language in i18n.LANGUAGES:
        with i18n.speaking(language):
            (shown[language],) = i18n.PageTexts(page).translations_dict.values()
    german = texts("de", "page")
    assert shown["en"].keys() == shown["de"].keys()
    assert shown["de"]["page.PROBABILITIES"] == german.PROBABILITIES
    assert shown["de"]["page.ADJECTIVES.fear"] == german.ADJECTIVES["fear"]
    assert german.FOOTNOTE.format(checkpoint="c", seconds="1") in shown["de"].values()
    assert f"{german.ADJECTIVES['joy']} 1" in shown["de"].values()
    assert f"{german.CLEAR_BUTTON} {german.WORDS_LABEL}" in shown["de"].values()


@pytest.fixture(scope="module")
def built(tiny_checkpoint: Path) -> App:
    return build_app(EmotionPipeline.from_pretrained(tiny_checkpoint))


Place = tuple[Any, ...]


def strings(node: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every string in a structure, and where it is."""
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from strings(value, (*place, key))
    elif isinstance(node, (list, tuple)):
        for number, value in enumerate(node):
            yield from strings(value, (*place, number))


def on_the_page(app: App) -> list[tuple[Place, str]]:
    return [
        (place, said)
        for component in copy.deepcopy(app.config["components"])  # as Gradio does for each request
        for place, said in strings(component["props"], (component["type"],))
        # Of a choice only the name is shown.
        if "choices" not in component["props"] or ("value" not in place and place[-1] != 1)
    ]


def shown_in(app: App, language: str) -> dict[str, str]:
    with i18n.speaking(language):
        return app.config["i18n_translations"]["en"]


def test_every_marker_is_one_that_gradio_replaces(built: App) -> None:
    """One a string, whole, with a text in every language, and where Gradio looks for it."""
    marked = [(place, said) for place, said in on_the_page(built) if "__i18n__" in said]
    assert len(marked) > 150
    for place, said in marked:
        found = re.findall(
            r'__i18n__(\{"__type__": "translation_metadata", "key": "[^"]+"\})', said
        )
        assert len(found) == said.count("__i18n__") == 1, (place, said)
        for language in i18n.LANGUAGES:
            assert shown_in(built, language)[json.loads(found[0])["key"]], (place, said)
        # A choice is a pair, a name and a value: its value is for the program.
        of_choice = "choices" in place and place[-1] == 0
        assert place[-1] in i18n.REACHED or of_choice, (place, said)


def test_nothing_that_the_page_says_is_left_in_one_language(built: App) -> None:
    sentences = {
        said
        for module in MODULES
        for name, value in constants(texts("en", module)).items()
        for _, said in strings(value)
        if len(said) > 3 and said not in {s for _, s in strings(getattr(texts("de", module), name))}
    }
    headings = {text for module in HEADINGS for text in module}
    left = [
        (place, said)
        for place, said in on_the_page(built)
        if place[-1] in (*i18n.REACHED, 0) and said in sentences - headings
    ]
    assert left == []
    english_texts, german_texts = shown_in(built, "en"), shown_in(built, "de")
    same = {key for key, said in english_texts.items() if german_texts[key] == said}
    assert len(english_texts) > 200 and len(same) < 20, same
    assert any("unterscheidet 7 Emotionen" in said for said in german_texts.values())
    assert "Die kleinste Änderung suchen" in german_texts.values()


#: Come in the visitor's language with the rows, see ``drkf.ui.server.headings``.
HEADINGS = [
    value
    for name, value in constants(texts("en", "workbench")).items()
    if name.endswith("_HEADERS")
]


def test_headings_come_with_the_rows_in_the_visitors_language() -> None:
    with gr.Blocks():
        rows = headed_table(lambda: text_workbench.BAD_HEADERS)
    assert rows.headers == texts("en", "workbench").BAD_HEADERS
    again = gr.Dataframe(**{**rows.constructor_args, "visible": False})  # as Gradio updates it
    with i18n.speaking("de"):
        for table, cells in ((rows, [["1", "x"]]), (again, [["1", "x"]]), (again, None)):
            shown = table.postprocess(headed(text_workbench.BAD_HEADERS, cells))
            assert shown.headers == texts("de", "workbench").BAD_HEADERS
            assert shown.data == (cells or [])


def test_a_page_is_sent_in_one_language_and_is_otherwise_the_same(built: App) -> None:
    with i18n.speaking("en"):
        english_page = built.config
    with i18n.speaking("de"):
        german_page = built.config
    assert english_page["components"] == german_page["components"]
    assert english_page["i18n_translations"]["en"]["language"] == "en"
    assert german_page["i18n_translations"]["en"]["language"] == "de"
