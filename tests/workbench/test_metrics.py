"""Headline figures, calibration, risk and coverage against values worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from drkf.errors import ResultsError
from drkf.evaluation import metrics as basic
from drkf.workbench import metrics
from tests.helpers.made_results import by_hand, make_results, sure


def test_headline_values_are_those_of_the_scored_rows() -> None:
    results = make_results(200)
    rows = results.table[results.scored]
    found = metrics.headline(results)
    values = {name: one.value for name, one in found.figures.items()}
    truth, said = rows["label"], rows["emotion"]
    assert values["WA"] == pytest.approx((truth == said).mean())
    assert values["UAR"] == pytest.approx(balanced_accuracy_score(truth, said))
    assert values["WF1"] == pytest.approx(f1_score(truth, said, average="weighted"))
    assert values["macro-F1"] == pytest.approx(f1_score(truth, said, average="macro"))
    probabilities = results.probabilities()[results.scored]
    one_hot = np.stack([truth == label for label in results.labels], axis=1)
    assert values["Brier"] == pytest.approx(((probabilities - one_hot) ** 2).sum(1).mean())
    assert found.rows == len(rows)
    for one in found.figures.values():
        assert 0 <= one.low < one.high <= 2
        # ECE is biased upwards in a resample; the others lie inside.
    for name in ("WA", "UAR", "WF1", "macro-F1", "Brier", "AURC"):
        assert found.figures[name].low < values[name] < found.figures[name].high


def test_the_bootstrap_resamples_the_plain_definitions() -> None:
    """The fast sums give, sample by sample, what the definitions give on the drawn rows."""
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet(np.ones(4), 60)
    truth, groups = rng.integers(4, size=60), rng.integers(9, size=60)
    groups[:9] = range(9)
    predicted = probabilities.argmax(1)
    drawn = metrics._bootstrap(truth, predicted, probabilities, groups, samples=130, seed=7)
    rng = np.random.default_rng(7)
    plain = {
        "WA": lambda t, p: basic.weighted_accuracy(t, p.argmax(1)),
        "UAR": lambda t, p: basic.unweighted_average_recall(t, p.argmax(1)),
        "WF1": lambda t, p: basic.weighted_f1(t, p.argmax(1)),
        "macro-F1": lambda t, p: basic.macro_f1(t, p.argmax(1)),
        "ECE": lambda t, p: basic.expected_calibration_error(t, p, 15),
        "Brier": basic.brier_score,
        "AURC": basic.area_under_risk_coverage,
    }
    for sample in range(130):
        chosen = rng.integers(9, size=9)
        rows = np.concatenate([np.flatnonzero(groups == group) for group in chosen])
        for name, definition in plain.items():
            expected = definition(truth[rows], probabilities[rows])
            assert drawn[name][sample] == pytest.approx(expected), name


def test_speakers_are_resampled_whole() -> None:
    """Two speakers, all right and all wrong: rows would give a narrow interval, speakers do not."""
    rows = [
        {"label": "anger", "p": sure("anger" if i < 20 else "joy"), "speaker": "ab"[i // 20]}
        for i in range(40)
    ]
    found = metrics.headline(by_hand(rows))
    assert found.by_speaker and found.groups == 2
    assert (found.figures["WA"].low, found.figures["WA"].high) == (0, 1)
    alone = metrics.headline(by_hand([row | {"speaker": ""} for row in rows]))
    assert not alone.by_speaker and alone.groups == 40
    assert 0.3 < alone.figures["WA"].low < alone.figures["WA"].high < 0.7


def test_one_speaker_alone_is_resampled_by_rows() -> None:
    results = make_results(40)
    results.table[["speaker", "corpus"]] = "the only one"
    assert not metrics.headline(results).by_speaker


def test_rows_without_a_speaker_are_groups_of_their_own() -> None:
    names = ["a", "a", "", "", "b"]
    results = by_hand([{"label": "joy", "p": sure("joy"), "speaker": name} for name in names])
    codes, by_speaker = metrics.group_codes(results)
    assert by_speaker and codes[0] == codes[1] and len(set(codes)) == 4


def test_speakers_of_different_corpora_are_different_people() -> None:
    rows = [
        {"label": "joy", "p": sure("joy"), "speaker": speaker, "corpus": corpus}
        for speaker, corpus in (("01", "one"), ("01", "two"), ("", "two"))
    ]
    assert list(metrics.speakers(by_hand(rows))) == ["one/01", "two/01", ""]
    assert list(metrics.speakers(by_hand(rows[:1]))) == ["01"]


def test_confusion_has_labels_as_rows() -> None:
    results = by_hand(
        [
            {"label": "anger", "p": sure("joy")},
            {"label": "anger", "p": sure("joy")},
            {"label": "anger", "p": sure("anger")},
            {"label": "sadness", "p": sure("anger")},
            {"label": "", "p": sure("anger")},
        ]
    )
    np.testing.assert_array_equal(metrics.confusion(results), [[1, 2, 0], [0, 0, 0], [1, 0, 0]])
    anger, sadness = metrics.per_class(results)
    assert (anger.label, anger.count, anger.recall, anger.precision) == (
        "anger",
        3,
        pytest.approx(1 / 3),
        0.5,
    )
    assert anger.f1 == pytest.approx(2 / 5)
    assert (sadness.label, sadness.recall, sadness.f1) == ("sadness", 0, 0)


def test_reliability_bins() -> None:
    # Of 10 bins: 0.95 twice (one right), 0.65 once (right).
    results = by_hand(
        [
            {"label": "joy", "p": sure("joy", 0.95)},
            {"label": "anger", "p": sure("joy", 0.95)},
            {"label": "joy", "p": sure("joy", 0.65)},
        ]
    )
    found = metrics.reliability(results, bins=10)
    assert list(np.flatnonzero(found.count)) == [6, 9]
    assert found.confidence[9] == pytest.approx(0.95) and found.accuracy[9] == 0.5
    assert found.accuracy[6] == 1 and np.isnan(found.accuracy[0])
    assert found.ece == pytest.approx(2 / 3 * 0.45 + 1 / 3 * 0.35)


def test_risk_and_coverage() -> None:
    # From sure to unsure: right, wrong, right, wrong.
    results = by_hand(
        [
            {"label": "joy", "p": sure("joy", 0.5), "uncertain": True},
            {"label": "joy", "p": sure("joy", 0.9)},
            {"label": "anger", "p": sure("joy", 0.8)},
            {"label": "anger", "p": sure("joy", 0.4), "uncertain": True},
        ]
    )
    found = metrics.risk_coverage(results)
    np.testing.assert_allclose(found.coverage, [0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(found.risk, [0, 1 / 2, 1 / 3, 1 / 2])
    assert found.aurc == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert found.certain == (0.5, 0.5)


def test_inconsistency_against_correctness() -> None:
    scores = [0.05, 0.08, 0.55, 0.95, 1.0, 0.3]
    said = ["joy", "joy", "anger", "anger", "joy", "joy"]
    results = by_hand(
        [
            {"label": "joy", "p": sure(name), "inconsistency": score}
            for name, score in zip(said, scores, strict=True)
        ]
        + [{"label": "joy", "p": sure("anger")}]  # one modality: no score, not counted
    )
    found = metrics.inconsistency_curve(results)
    assert [(part.name, part.count, part.right.value) for part in found.bins] == [
        ("0.0–0.1", 2, 1),
        ("0.3–0.4", 1, 1),
        ("0.5–0.6", 1, 0),
        ("0.9–1.0", 2, 0.5),
    ]
    wrong = [name != "joy" for name in said]
    assert found.auroc is not None
    assert found.auroc.value == pytest.approx(roc_auc_score(wrong, scores))
    assert found.auroc.low <= found.auroc.value <= found.auroc.high
    assert metrics.inconsistency_curve(results.rows(results.table["correct"] == True)).auroc is None  # noqa: E712


def test_which_modality_was_right() -> None:
    def row(label: str, voice: str, words: str, fused: str) -> dict[str, object]:
        return {"label": label, "p": sure(fused), "voice": sure(voice), "words": sure(words)}

    results = by_hand(
        [
            row("anger", "anger", "joy", "anger"),  # voice right, followed
            row("anger", "anger", "joy", "joy"),  # voice right, words followed
            row("anger", "anger", "joy", "sadness"),  # voice right, neither followed
            row("joy", "anger", "joy", "joy"),  # words right, followed
            row("sadness", "anger", "joy", "anger"),  # neither right, voice followed
            row("joy", "joy", "joy", "anger"),  # they agree
            {"label": "joy", "p": sure("joy"), "voice": sure("joy")},  # one modality
        ]
    )
    found = metrics.disagreement(results)
    np.testing.assert_array_equal(found.count, [[1, 1, 1], [0, 1, 0], [1, 0, 0]])
    assert found.agreeing == 1
    assert found.voice_share is not None and found.voice_share.value == 0.75
    assert found.p == pytest.approx(2 * (1 + 4) / 16)  # P(3 or more of 4), both sides


def test_wilson_interval() -> None:
    found = metrics.proportion(3, 10)
    # (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), z = 1.96
    assert (found.low, found.high) == pytest.approx((0.1078, 0.6032), abs=2e-4)
    assert found.low == binomtest(3, 10).proportion_ci(method="wilson").low
    assert np.isnan(metrics.proportion(0, 0).value)


def test_without_labels_nothing_is_measured() -> None:
    results = make_results(20)
    bare = replace(results, table=results.table.assign(label="", correct=pd.NA))
    with pytest.raises(ResultsError, match="add a column of labels"):
        metrics.headline(bare)
