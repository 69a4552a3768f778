"""A benchmark's results as the paper's table, beside the paper's own row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from drkf.data.corpus import Corpus
from drkf.evaluation.markdown import table

#: The figures of a corpus's published row, by which epochs are chosen; WA and UAR elsewhere.
HEADLINE = {"meld": ("WA", "WF1"), "m3ed": ("exact match", "WF1")}

MEANING = {
    "WA": "share of utterances that are right (accuracy; also called weighted accuracy)",
    "UAR": "recall averaged over the classes (also called unweighted accuracy)",
    "WF1": "F1 of each class, averaged by the class's number of utterances",
    "macro-F1": "F1 averaged over the classes",
    "exact match": "share of utterances whose predicted set of labels is exactly theirs",
    "micro-F1": "one F1 over all decisions, an utterance and a label each",
    "ED AUROC": "emotion discrimination on re-paired test utterances: words of another utterance "
    "of the same emotion against words of one of a different emotion",
}


@dataclass(frozen=True)
class Published:
    """What the paper reports, in percent, under our names; ``note`` says how they correspond."""

    figures: Mapping[str, float]
    note: str


PUBLISHED = {
    "iemocap": Published(
        {"UAR": 80.7, "WA": 79.9},
        "published as ACC 80.7 and WACC 79.9. In the published code the first is the mean recall "
        "of the classes (UAR) and the second the share that is right (WA), measured with the "
        "epoch that is best on the test session; here the epoch is chosen on a session of its own.",
    ),
    "meld": Published({"WA": 66.7, "WF1": 65.4}, "published as ACC and WF1."),
    "m3ed": Published(
        {"exact match": 50.6, "WF1": 52.0},
        "published as ACC and WF1. The published code has no evaluation for M3ED: that ACC is "
        "the exact match of several labels is our reading.",
    ),
}


def benchmark_table(corpus: Corpus, preset: str, results: Mapping[str, Mapping[str, Any]]) -> str:
    """Markdown: each fold of the full model, means of every variant, the published row, meanings.

    Args:
        results: variant -> fold -> result (see ``drkf.experiments.benchmark``).
    """
    full = results["full"]
    names = list(dict.fromkeys(name for fold in full.values() for name in fold["figures"]))
    rows = [
        (fold, str(result["n"]["test"]), *percents(result["figures"], names))
        for fold, result in full.items()
    ]
    if len(full) > 1 or len(results) > 1:
        rows += [mean_row(variant, folds, names) for variant, folds in results.items()]
    published = PUBLISHED.get(corpus.name)
    if published:
        rows.append(("published DRKF", "", *percents(published.figures, names, 1.0)))
    lines = [
        f"# {corpus.title}, preset {preset}, {len(full)} fold{'s' if len(full) > 1 else ''}\n",
        "In percent. Epochs are chosen on dev, inside each fold; test is looked at once.\n",
        table(("", "n", *names), rows),
        *(f"- {name}: {MEANING[name]}." for name in names),
    ]
    if published:
        lines.append(f"- published DRKF (Jiang et al., ACM MM 2025): {published.note}")
    return "\n".join(lines) + "\n"


def mean_row(variant: str, folds: Mapping[str, Any], names: list[str]) -> tuple[str, ...]:
    """Means over the folds with their standard deviations."""
    cells = []
    for name in names:
        values = [r["figures"][name] for r in folds.values() if name in r["figures"]]
        spread = f" ± {100 * np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
        cells.append(f"{100 * np.mean(values):.1f}{spread}" if values else "–")
    total = sum(result["n"]["test"] for result in folds.values())
    return (f"**{variant}, mean**", str(total), *cells)


def percents(
    figures: Mapping[str, float], names: list[str], scale: float = 100.0
) -> tuple[str, ...]:
    return tuple(f"{scale * figures[name]:.1f}" if name in figures else "–" for name in names)
