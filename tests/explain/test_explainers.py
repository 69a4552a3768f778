"""What the registry says of an explainer is true."""

from __future__ import annotations

import pytest

from drkf.analysis import AttentionEvidence, RelevanceEvidence, ShapleyEvidence
from drkf.explain import ATTENTION_METHODS, EXPLAINERS, METHODS
from drkf.explain.hiding import Hiding
from tests.helpers.synthetic import LABEL

KINDS = {
    "attention": AttentionEvidence,
    "shapley": ShapleyEvidence,
    "relevance": RelevanceEvidence,
}


@pytest.mark.parametrize("name", EXPLAINERS)
def test_facts(tiny_model, utterance, name):
    explainer = EXPLAINERS[name]
    evidence = explainer.explain(Hiding(tiny_model, utterance(words=9)), LABEL)
    assert isinstance(evidence, KINDS[explainer.gives])
    assert explainer.name == name
    assert "\n" not in explainer.caveat and explainer.caveat.endswith(".")
    if explainer.gives != "shapley":
        assert evidence.method == name
    if explainer.gives == "relevance":
        values = [part.value for part in (*evidence.words, *evidence.times)]
        assert (min(values) < 0) is explainer.signed


@pytest.mark.parametrize("name", [n for n, e in EXPLAINERS.items() if e.needs == "any"])
@pytest.mark.parametrize("settings", [{"audio": (0,)}, {"words": 0}])
def test_one_modality_is_enough_where_it_says_so(tiny_model, utterance, name, settings):
    evidence = EXPLAINERS[name].explain(Hiding(tiny_model, utterance(**settings)), LABEL)
    assert any(part.value for part in (*evidence.words, *evidence.times))


@pytest.mark.parametrize("name", ["occlusion", "shapley", "rollout"])
def test_passes(tiny_model, utterance, monkeypatch, name):
    encoded = utterance()
    rows = []
    fuse = tiny_model.fuse

    def counted(speech, text, need_weights=False):
        rows.append(len(speech.mask))
        return fuse(speech, text, need_weights)

    monkeypatch.setattr(tiny_model, "fuse", counted)
    EXPLAINERS[name].explain(Hiding(tiny_model, encoded), LABEL)
    assert sum(rows) == EXPLAINERS[name].passes(encoded)


def test_methods_are_the_relevance_explainers():
    """In the order in which a page lists them; the first is the one to fall back on."""
    assert METHODS[:1] == ("occlusion",)
    assert all(EXPLAINERS[name].gives == "relevance" for name in METHODS)
    assert all(EXPLAINERS[name].gives == "attention" for name in ATTENTION_METHODS)
