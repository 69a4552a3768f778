"""The words of the evidence: badges, and captions for every method."""

from __future__ import annotations

import re
from dataclasses import replace

from drkf.analysis import FaithfulnessEvidence, InconsistencyEvidence, RelevanceEvidence
from drkf.explain import EXPLAINERS
from drkf.ui.evidence import faithfulness_badge, readings_flag
from drkf.ui.texts.en import evidence as text_evidence
from drkf.ui.texts.en import page as text
from tests.helpers.analyses import analysis_of


def test_the_badge_gives_this_inputs_own_figures() -> None:
    faithful = FaithfulnessEvidence(0.41, 0.1, 0.12, 0.33, share_of_best=0.88)
    relevance = RelevanceEvidence("occlusion", "anger", faithfulness=faithful)
    badge = faithfulness_badge(relevance)
    assert [float(x) for x in re.findall(r"[+-]\d\.\d\d", badge)] == [-0.41, -0.12, -0.1, -0.33]
    assert "Good reasons" in badge and "doubtful" not in badge
    assert "falls by 41 of 100 points, without random parts by 12." in badge
    assert "9 tenths of the most that any single word could" in badge
    fair = replace(relevance, faithfulness=replace(faithful, comprehensiveness=0.05))
    assert "Fair reasons" in faithfulness_badge(fair)
    worse = replace(relevance, faithfulness=replace(faithful, comprehensiveness=-0.2))
    assert "Weak reasons" in faithfulness_badge(worse) and "by 0 of 100" in faithfulness_badge(
        worse
    )
    assert "doubtful" in faithfulness_badge(worse)
    assert text.STATUS_EXPLAINING in faithfulness_badge(None)


def test_the_badge_says_where_no_word_is_better_and_where_there_is_none() -> None:
    exact = FaithfulnessEvidence(0.41, 0.1, 0.12, 0.33, share_of_best=1.0)
    relevance = RelevanceEvidence("occlusion", "anger", faithfulness=exact)
    assert text_evidence.FIRST_WORD_BEST in faithfulness_badge(relevance)
    voice = replace(relevance, faithfulness=replace(exact, share_of_best=None))
    assert "single word" not in faithfulness_badge(voice)


def test_a_warning_comes_only_when_detector_and_distance_split() -> None:
    readings = InconsistencyEvidence(0.8, 0.5, 0.7, 0.1, disagree=True)  # a small neutral shift
    analysis = replace(analysis_of(0.5), inconsistency=readings)
    assert text_evidence.READINGS_SAME in readings_flag(analysis)
    split = replace(analysis, inconsistency=replace(readings, divergence=0.3))
    assert text_evidence.READINGS_SPLIT in readings_flag(split)
    assert readings_flag(analysis_of(0.5)) == ""


def test_the_page_says_what_an_explainer_says_of_itself() -> None:
    for name, explainer in EXPLAINERS.items():
        assert text_evidence.METHODS[name] == explainer.title
        assert text_evidence.METHOD_CAVEATS[name] == explainer.caveat
