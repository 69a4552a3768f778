"""The figures that a model card states."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.metrics import average_precision_score, confusion_matrix, recall_score

from drkf.checkpoint import Calibration
from drkf.data.manifest import Item
from drkf.evaluation import metrics
from drkf.evaluation.dev_set import DevLogits, DevPairs, DevSet, PairLogits
from drkf.evaluation.verdicts import measure_verdicts
from drkf.evaluation.yardstick import measure_yardstick
from drkf.model import DRKF


def figures(
    truth: np.ndarray, probabilities: np.ndarray, groups: Sequence[str], labels: Sequence[str]
) -> dict[str, Any]:
    """Every figure of one set of predictions, with a 95 % interval of UAR and WF1 by group.

    Args:
        truth: (N,) label indices. probabilities: (N, L). groups: (N,) speakers, or ids.
    """
    predicted = probabilities.argmax(1)
    names = np.array(groups)

    def interval(metric: Callable[[np.ndarray, np.ndarray], float]) -> list[float]:
        low, high = metrics.bootstrap_interval(
            names, lambda rows: metric(truth[rows], predicted[rows]), samples=300
        )
        return [low, high]

    recalls = recall_score(
        truth, predicted, labels=range(len(labels)), average=None, zero_division=np.nan
    )
    return {
        "n": len(truth),
        "WA": metrics.weighted_accuracy(truth, predicted),
        "UAR": metrics.unweighted_average_recall(truth, predicted),
        "UAR_interval": interval(metrics.unweighted_average_recall),
        "WF1": metrics.weighted_f1(truth, predicted),
        "WF1_interval": interval(metrics.weighted_f1),
        "macro_F1": metrics.macro_f1(truth, predicted),
        "ECE": metrics.expected_calibration_error(truth, probabilities),
        "Brier": metrics.brier_score(truth, probabilities),
        "AURC": metrics.area_under_risk_coverage(truth, probabilities),
        "recall": {
            label: float(value)
            for label, value in zip(labels, recalls, strict=True)
            if not np.isnan(value)
        },
        "confusion": confusion_matrix(truth, predicted, labels=range(len(labels))).tolist(),
    }


def measure_all(
    model: DRKF, logits: DevLogits, dev: DevSet, calibration: Calibration
) -> dict[str, Any]:
    """Everything the card states of ``model``, whose ``logits`` on ``dev`` are given."""
    return {
        **evaluate_dev(logits, dev, calibration),
        **measure_yardstick(model, dev, calibration),
        "verdicts": measure_verdicts(model, dev, logits.pairs, calibration),
    }


def evaluate_dev(logits: DevLogits, dev: DevSet, calibration: Calibration) -> dict[str, Any]:
    """The figures of the model card, nested by what the model was given."""
    labels = dev.labels
    audio_truth, text_truth = dev.label_indices(dev.speech), dev.label_indices(dev.texts)
    audio = logits.audio.probabilities(calibration.audio_temperature)
    text = logits.text.probabilities(calibration.text_temperature)
    result: dict[str, Any] = {
        "labels": list(labels),
        "voice": {},
        "voice_by_gender": {},
        "words": {},
    }

    def rows_of(items: Sequence[Item], key: Callable[[Item], str | None]) -> dict[str, np.ndarray]:
        values = np.array([key(item) or "" for item in items])
        return {name: np.flatnonzero(values == name) for name in sorted(set(values) - {""})}

    speakers = [item.speaker or item.id for item in dev.speech]
    for corpus, rows in rows_of(dev.speech, lambda item: item.corpus).items():
        result["voice"][corpus] = figures(
            audio_truth[rows], audio[rows], [speakers[i] for i in rows], labels
        )
    for gender, rows in rows_of(dev.speech, lambda item: item.gender).items():
        result["voice_by_gender"][gender] = {
            "n": len(rows),
            "UAR": metrics.unweighted_average_recall(audio_truth[rows], audio[rows].argmax(1)),
        }
    single = lambda item: item.corpus if len(item.emotions) == 1 else None  # noqa: E731
    for corpus, rows in rows_of(dev.texts, single).items():
        result["words"][corpus] = figures(
            text_truth[rows], text[rows], [dev.texts[i].id for i in rows], labels
        )
    usable = np.array([len(item.emotions) == 1 for item in dev.texts])
    result["calibration"] = {
        "voice_ECE": metrics.expected_calibration_error(audio_truth, audio),
        "words_ECE": metrics.expected_calibration_error(text_truth[usable], text[usable]),
    }
    result["pairs"] = pair_figures(logits.pairs, dev, calibration)
    result["pairs_by_corpus"] = {
        corpus: {
            "n": int((judged.pairs.inconsistent == 0).sum()),
            "speakers": len({speakers[a] for a in judged.pairs.audio}),
            **judged.scores(),
        }
        for corpus, judged in logits.by_corpus.items()
    }
    result["calibration"]["fused_ECE"] = result["pairs"]["consistent"]["ECE"]
    result["headline"] = headline_figures(result)
    return result


def pair_figures(judged: PairLogits, dev: DevSet, calibration: Calibration) -> dict[str, Any]:
    """EC and ED on unseen speakers with unseen texts."""
    pairs, agree = judged.pairs, judged.pairs.inconsistent == 0
    speakers = np.array([dev.speech[a].speaker or dev.speech[a].id for a in pairs.audio])
    fused = judged.fused.probabilities(calibration.fused_temperature)
    score = torch.sigmoid(
        judged.fused.inconsistency / calibration.discrimination_temperature
    ).numpy()
    return {
        "consistent": figures(
            pairs.audio_labels[agree], fused[agree], speakers[agree].tolist(), dev.labels
        ),
        **judged.scores(),
        "ED_AUROC_interval": list(
            metrics.bootstrap_interval(
                speakers,
                lambda rows: metrics.area_under_roc(pairs.inconsistent[rows], score[rows]),
                samples=300,
            )
        ),
        "ED_AUPRC": float(average_precision_score(pairs.inconsistent, score)),
        "cells": cells(pairs, fused.argmax(1), score, dev.labels),
    }


def cells(
    pairs: DevPairs, top: np.ndarray, score: np.ndarray, labels: Sequence[str]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Voice emotion -> words emotion -> commonest prediction, its share, mean P(inconsistent)."""
    table: dict[str, dict[str, dict[str, Any]]] = {}
    for a, voice in enumerate(labels):
        for t, words in enumerate(labels):
            rows = (pairs.audio_labels == a) & (pairs.text_labels == t)
            if not rows.any():
                continue
            votes = np.bincount(top[rows], minlength=len(labels))
            table.setdefault(voice, {})[words] = {
                "n": int(rows.sum()),
                "top": labels[int(votes.argmax())],
                "share": float(votes.max() / votes.sum()),
                "inconsistency": float(score[rows].mean()),
            }
    return table


def headline_figures(result: dict[str, Any]) -> dict[str, float]:
    """The few figures that stand in the app."""
    found = {
        f"voice alone, UAR, {corpus}": values["UAR"] for corpus, values in result["voice"].items()
    }
    for corpus, values in result["words"].items():
        metric = "WF1" if corpus == "meld" else "macro_F1"
        found[f"words alone, {metric.replace('_', '-')}, {corpus}"] = values[metric]
    pairs = result["pairs"]
    found["voice and words, accuracy, consistent pairs"] = pairs["consistent"]["WA"]
    found["inconsistency (ED), AUROC"] = pairs["ED_AUROC"]
    return found
