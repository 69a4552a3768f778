"""How far a class agrees with itself, with the model, and with what was meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from drkf.classroom.rounds import Round

MIN_ITEMS = 2
"""With one item alone, kappa is -1 / (raters - 1) whatever is answered: it says nothing."""


def pairwise_agreement(counts: Sequence[int]) -> float | None:
    """The share, 0..1, of pairs of raters who give an item the same label; None without a pair.

    P_i of Fleiss (1971), equation 1.

    Args:
        counts: ratings of one item for each label.
    """
    raters = sum(counts)
    if raters < 2:
        return None
    return sum(n * (n - 1) for n in counts) / (raters * (raters - 1))


def fleiss_kappa(items: Iterable[Sequence[int]]) -> float | None:
    """Fleiss' kappa: agreement beyond chance, 1 for all alike, 0 for chance, negative below it.

    J. L. Fleiss, "Measuring nominal scale agreement among many raters", Psychological Bulletin 76
    (1971), equations 1 to 7. There every item has the same number of raters. In a class some miss
    a round: each item's agreement is taken over the raters it has, and counts alike; the shares of
    the labels are taken over all ratings. With equal numbers that is Fleiss' formula.

    Args:
        items: for each item its ratings by label, all in the same order of labels. Items with
            fewer than two ratings are left out.

    Returns:
        None with fewer than ``MIN_ITEMS`` items, or where all ratings are one label, so that
        chance would agree as well.
    """
    rated = [tuple(counts) for counts in items if sum(counts) >= 2]
    if len(rated) < MIN_ITEMS:
        return None
    observed = [pairwise_agreement(counts) or 0.0 for counts in rated]
    total = sum(map(sum, rated))
    shares = [sum(column) / total for column in zip(*rated, strict=True)]
    by_chance = sum(share**2 for share in shares)
    if by_chance >= 1:
        return None
    return (sum(observed) / len(observed) - by_chance) / (1 - by_chance)


@dataclass(frozen=True)
class ConfusionCounts:
    """Counts of answers (columns) for each label that was meant (rows), both in ``labels``."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts))

    @property
    def accuracy(self) -> float | None:
        """The share, 0..1, of answers that are what was meant; None without an answer."""
        if not self.total:
            return None
        return sum(row[i] for i, row in enumerate(self.counts)) / self.total


@dataclass(frozen=True)
class LessonAgreement:
    """All measures over the rounds of a lesson that were closed and have votes.

    Shares are 0..1, None where nothing can be said. ``kappa`` is within the class. ``with_model``
    is the share of votes that are the model's answer; ``majority_with_model`` the share of rounds
    whose most frequent label, if there is one alone, is the model's. ``class_confusion`` and
    ``model_confusion`` are over the rounds of which one emotion was meant.
    """

    rounds: int
    votes: int
    kappa: float | None
    with_model: float | None
    majority_with_model: float | None
    class_confusion: ConfusionCounts
    model_confusion: ConfusionCounts


def measure_lesson(rounds: Iterable[Round], labels: tuple[str, ...]) -> LessonAgreement:
    """Measures a lesson.

    Args:
        rounds: of one room; those that are open, or without votes, are left out.
        labels: of the model, in its order.
    """
    counted = [(done, done.counts()) for done in rounds if not done.open and done.votes]
    votes = sum(sum(counts.values()) for _, counts in counted)
    same = sum(counts[done.question.reading.fused.emotion] for done, counts in counted)
    decided = [
        (done, winner)
        for done, counts in counted
        if (winner := majority(list(counts.values()), labels)) is not None
    ]
    matches = sum(done.question.reading.fused.emotion == winner for done, winner in decided)
    meant = [(done, counts) for done, counts in counted if done.question.meant in labels]
    return LessonAgreement(
        rounds=len(counted),
        votes=votes,
        kappa=fleiss_kappa(list(counts.values()) for _, counts in counted),
        with_model=same / votes if votes else None,
        majority_with_model=matches / len(decided) if decided else None,
        class_confusion=_confusion(
            labels, ((done.question.meant or "", counts) for done, counts in meant)
        ),
        model_confusion=_confusion(
            labels,
            (
                (done.question.meant or "", {done.question.reading.fused.emotion: 1})
                for done, _ in meant
            ),
        ),
    )


@dataclass(frozen=True)
class AnnotationAgreement:
    """Measures over clips that every pupil labelled alone.

    Kappas are 1 for all alike and 0 for chance, None where nothing can be said. ``kappa`` is
    Fleiss' among the ``annotators``. ``with_meant`` and ``with_model`` are Cohen's kappa of each
    annotator with what was meant, and with the model, averaged; ``majority_with_meant`` is that of
    the most frequent label, and ``model_with_meant`` that of the model.
    """

    clips: int
    annotators: int
    kappa: float | None
    with_meant: float | None
    with_model: float | None
    majority_with_meant: float | None
    model_with_meant: float | None


def measure_annotation(rounds: Sequence[Round]) -> AnnotationAgreement:
    """Measures the labels of clips, each clip a round."""
    meant = {one.number: one.question.meant for one in rounds if one.question.meant}
    model = {one.number: one.question.reading.fused.emotion for one in rounds}
    pupils: dict[str, dict[int, str]] = {}
    most: dict[int, str] = {}
    for one in rounds:
        for phone, vote in one.votes.items():
            pupils.setdefault(phone, {})[one.number] = vote.emotion
        if (winner := majority(list(one.counts().values()), one.labels)) is not None:
            most[one.number] = winner
    return AnnotationAgreement(
        clips=len(rounds),
        annotators=len(pupils),
        kappa=fleiss_kappa(list(one.counts().values()) for one in rounds),
        with_meant=_mean(_kappa_of(labels, meant) for labels in pupils.values()),
        with_model=_mean(_kappa_of(labels, model) for labels in pupils.values()),
        majority_with_meant=_kappa_of(most, meant),
        model_with_meant=_kappa_of(model, meant),
    )


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of two raters: J. Cohen, "A coefficient of agreement for nominal scales",
    Educational and Psychological Measurement 20 (1960), equation 1.

    Args:
        pairs: both labels of each item.

    Returns:
        None with fewer than ``MIN_ITEMS`` items, or where both gave one label throughout.
    """
    if len(pairs) < MIN_ITEMS:
        return None
    same = sum(one == other for one, other in pairs) / len(pairs)
    first, second = (Counter(side) for side in zip(*pairs, strict=True))
    by_chance = sum(first[label] * second[label] for label in first) / len(pairs) ** 2
    return None if by_chance >= 1 else (same - by_chance) / (1 - by_chance)


def _kappa_of(one: Mapping[int, str], other: Mapping[int, str]) -> float | None:
    """Of the items that both have labelled."""
    return cohen_kappa([(one[item], other[item]) for item in one if item in other])


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def majority(counts: Sequence[int], labels: tuple[str, ...]) -> str | None:
    """The label with the most votes; None without votes, or where several have as many."""
    most = max(counts, default=0)
    if not most or list(counts).count(most) > 1:
        return None
    return labels[list(counts).index(most)]


def _confusion(
    labels: tuple[str, ...], answers: Iterable[tuple[str, dict[str, int]]]
) -> ConfusionCounts:
    table = [[0] * len(labels) for _ in labels]
    for meant, counts in answers:
        for label, count in counts.items():
            table[labels.index(meant)][labels.index(label)] += count
    return ConfusionCounts(labels, tuple(map(tuple, table)))
