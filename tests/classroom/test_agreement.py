"""Agreement against published figures and against what must hold."""

from __future__ import annotations

import random

import pytest
from sklearn.metrics import cohen_kappa_score

from drkf.classroom.agreement import (
    cohen_kappa,
    fleiss_kappa,
    majority,
    measure_annotation,
    measure_lesson,
    pairwise_agreement,
)
from drkf.classroom.room import Room
from drkf.labels import EMOTIONS
from tests.helpers.classes import phone, question, vote

#: Ten subjects, fourteen raters, five categories: the worked example of the Wikipedia article
#: "Fleiss' kappa", with kappa 0.210.
FOURTEEN = (
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)


def test_kappa_is_the_published_one() -> None:
    assert fleiss_kappa(FOURTEEN) == pytest.approx(0.210, abs=5e-4)


def test_agreement_on_one_item_is_the_published_one() -> None:
    assert pairwise_agreement(FOURTEEN[1]) == pytest.approx(0.253, abs=5e-4)


def test_all_alike_is_one_and_a_split_below_chance_is_negative() -> None:
    assert fleiss_kappa([(5, 0), (0, 5)]) == 1
    assert (fleiss_kappa([(1, 1), (1, 1)]) or 0) < 0


def test_kappa_says_nothing_where_it_can_say_nothing() -> None:
    assert fleiss_kappa([]) is None
    assert fleiss_kappa([(20, 3)]) is None  # one item: -1 / (raters - 1) whatever they say
    assert fleiss_kappa([(5, 0), (5, 0)]) is None  # chance agrees as well
    assert fleiss_kappa([(5, 0), (0, 1)]) is None  # a lone rater has nobody to agree with


def test_pupils_who_miss_a_round_do_not_outweigh_the_others() -> None:
    few, many = fleiss_kappa([(2, 0), (0, 2)]), fleiss_kappa([(20, 0), (0, 2)])
    assert few == many == 1


def test_majority_needs_one_winner() -> None:
    assert majority([0, 3, 1], ("a", "b", "c")) == "b"
    assert majority([2, 2, 1], ("a", "b", "c")) is None
    assert majority([0, 0, 0], ("a", "b", "c")) is None


def test_a_lesson_is_measured_over_its_closed_rounds() -> None:
    room = Room("CODE", "teacher", 1)
    room.ask(question("joy", meant="joy"))
    for number, emotion in enumerate(["joy", "joy", "anger"]):
        room.vote(phone(number), 1, vote(emotion))
    room.ask(question("anger", meant="sadness"))
    for number, emotion in enumerate(["sadness", "sadness", "anger"]):
        room.vote(phone(number), 2, vote(emotion))
    room.ask(question("fear", meant=None))
    room.vote(phone(0), 3, vote("fear"))
    room.ask(question())
    room.vote(phone(0), 4, vote())  # still open
    told = measure_lesson(room.rounds, EMOTIONS)
    assert (told.rounds, told.votes) == (3, 7)
    assert told.with_model == pytest.approx(4 / 7)
    assert told.majority_with_model == pytest.approx(2 / 3)
    assert told.class_confusion.total == 6  # nothing was meant in the third
    assert told.class_confusion.accuracy == pytest.approx(4 / 6)
    assert told.model_confusion.total == 2 and told.model_confusion.accuracy == 0.5
    joy, sadness, anger = map(EMOTIONS.index, ("joy", "sadness", "anger"))
    assert told.class_confusion.counts[sadness][anger] == 1
    assert told.model_confusion.counts[sadness][anger] == 1
    assert told.class_confusion.counts[joy][joy] == 2


def test_an_empty_lesson_has_no_figures() -> None:
    told = measure_lesson([], EMOTIONS)
    assert told.kappa is told.with_model is told.majority_with_model is None
    assert told.class_confusion.accuracy is None


def test_cohens_kappa_is_that_of_scikit_learn() -> None:
    draw = random.Random(0)
    pairs = [(draw.choice("abc"), draw.choice("abcd")) for _ in range(40)]
    assert cohen_kappa(pairs) == pytest.approx(cohen_kappa_score(*zip(*pairs, strict=True)))
    assert cohen_kappa([("a", "a"), ("b", "b")]) == 1
    assert cohen_kappa([("a", "a"), ("a", "a")]) is None  # chance would agree as well
    assert cohen_kappa([("a", "b")]) is None


def test_labels_are_measured_against_each_other_what_was_acted_and_the_model() -> None:
    """Three pupils, four clips: one labels as acted, one as the model, one left after two."""
    room = Room("CODE", "teacher", ends=1)
    acted, model = ("joy", "anger", "fear", "joy"), ("joy", "anger", "joy", "fear")
    room.ask_all([question(m, meant=a) for m, a in zip(model, acted, strict=True)])
    for number, (a, m) in enumerate(zip(acted, model, strict=True), start=1):
        room.vote(phone(1), number, vote(a))
        room.vote(phone(2), number, vote(m))
        if number <= 2:
            room.vote(phone(3), number, vote("joy"))
    room.uncover()
    found = measure_annotation(room.asked)
    both = cohen_kappa(list(zip(acted, model, strict=True)))
    assert both is not None and found.model_with_meant == pytest.approx(both)
    third = cohen_kappa([("joy", "joy"), ("joy", "anger")])
    assert third is not None
    assert found.with_meant == pytest.approx((1 + both + third) / 3)
    assert found.with_model == pytest.approx((both + 1 + third) / 3)
    assert found.majority_with_meant == 1  # clips 1 and 2, of which most say the acted label
    counts = [list(one.counts().values()) for one in room.asked]
    assert found.kappa == pytest.approx(fleiss_kappa(counts))
    assert (found.clips, found.annotators) == (4, 3)


def test_of_clips_that_nobody_labelled_nothing_is_said() -> None:
    room = Room("CODE", "teacher", ends=1)
    room.ask_all([question(meant=None), question(meant=None)])
    found = measure_annotation(room.asked)
    assert found.annotators == 0 and found.kappa is None
    assert found.with_meant is found.with_model is found.majority_with_meant is None
