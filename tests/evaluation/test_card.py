"""The card's texts: whoever trains a checkpoint says them; the library knows no data of its own."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from drkf.checkpoint import METRICS
from drkf.errors import ConfigError
from drkf.evaluation.card import render_card
from drkf.evaluation.card_texts import CardTexts, read_card_texts
from drkf.files import CONFIGS, SHIPPED, bundled

TEXTS = CONFIGS / "card.toml"


@pytest.fixture(scope="module")
def about() -> dict[str, object]:
    return json.loads((bundled(SHIPPED.as_posix()) / METRICS).read_text("utf-8"))


def test_without_texts_the_card_says_nothing_of_anybodys_data(about: dict[str, object]) -> None:
    card = render_card({**about, "card": asdict(CardTexts()), "ablation": None}, 1_000_000)
    assert "# A DRKF checkpoint" in card and "license: other" in card
    assert "Trained by `drkf train`" in card and "Art. 5(1)(f)" in card
    for name in ("drkf-compact", "CREMA", "Polish", "Friends", "CC BY"):
        assert name not in card


def test_the_card_names_the_corpora_that_the_temperature_was_fitted_on(
    about: dict[str, object],
) -> None:
    """Those that training left out, not those that were measured since."""
    card = render_card({**about, "unseen_clips": {"a": 3, "b": 4}}, 1_000_000)
    assert "is fitted half on dev and half on a, b.\n" in card
    assert "half on" not in render_card({**about, "unseen_clips": {}}, 1_000_000)


def test_the_shipped_card_has_its_texts(about: dict[str, object]) -> None:
    texts = read_card_texts(TEXTS)
    assert json.loads(json.dumps(asdict(texts))) == about["card"]
    assert texts.licence == about["licence"]
    assert set(texts.corpora) == {*about["clips"], *about["texts"]}  # type: ignore[misc]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("limit = []", "no 'limit'"),
        ("limits = 'none'", "limits must be"),
        ("limits = [1]", "limits must be"),
        ("corpora = ['meld']", "corpora must be"),
        ("name = 3", "name must be"),
        ("name =", "cannot be used"),
    ],
)
def test_unusable_texts_are_told_by_name(tmp_path: Path, written: str, told: str) -> None:
    path = tmp_path / "card.toml"
    path.write_text(written)
    with pytest.raises(ConfigError, match=told):
        read_card_texts(path)
    with pytest.raises(ConfigError, match="cannot be used"):
        read_card_texts(tmp_path / "missing.toml")
