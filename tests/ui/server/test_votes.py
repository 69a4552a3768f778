"""The voting page and its requests, as phones send them."""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from drkf.audio.clip import SAMPLE_RATE, load_audio
from drkf.classroom.rooms import MAX_WRONG, Rooms
from drkf.files import bundled
from drkf.labels import EMOTIONS
from drkf.pipeline import EmotionPipeline
from drkf.ui.server.app import Guard
from drkf.ui.server.votes import VotePages
from drkf.ui.texts.de import classroom as german
from drkf.ui.texts.en import classroom as text
from tests.helpers.classes import phone, question

MAX_BYTES = 200_000


@pytest.fixture
def rooms() -> Rooms:
    return Rooms()


@pytest.fixture
def client(rooms: Rooms) -> TestClient:
    return TestClient(Starlette(routes=VotePages(rooms).routes, middleware=[Middleware(Guard)]))


def ballot(number: int, **changed: Any) -> dict[str, Any]:
    told = {"phone": phone(number), "round": 1, "emotion": "joy", "sure": "rather", "agree": "no"}
    return {**told, **changed}


def test_the_page_is_light_and_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/vote")
    assert page.status_code == 200 and text.VOTE["which"] in page.text
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert sorted(loaded) == ["data:,", "vote/vote.css", "vote/vote.js"]
    parts = [client.get(f"/{name}") for name in ("vote/vote.css", "vote/vote.js")]
    assert all(part.status_code == 200 for part in parts)
    assert sum(len(part.content) for part in (page, *parts)) < MAX_BYTES
    assert "gradio" not in "".join(part.text for part in (page, *parts)).lower()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy


def test_nothing_in_the_page_runs_that_the_policy_forbids(client: TestClient) -> None:
    page = client.get("/vote").text
    assert not re.search(r"\son[a-z]+=|\sstyle=|<style", page)
    assert re.findall(r"<script(?! id=\"texts\" type=\"application/json\")([^>]*)>", page) == [
        ' src="vote/vote.js" defer'
    ]
    assert not re.findall(r"\{[a-z_]+\}", page.split("</script>")[-1])


def test_the_page_speaks_the_phones_language(client: TestClient) -> None:
    page = client.get("/vote", headers={"accept-language": "de-AT,de;q=0.9"}).text
    assert '<html lang="de">' in page and german.VOTE["which"] in page
    said = json.loads(re.findall(r'application/json">(.*?)</script>', page)[0])
    assert said["emotions"]["anger"] == "Wut"
    refused = client.get("/vote/AAAA/state", headers={"accept-language": "de"})
    assert refused.json()["message"] == german.VOTE_REFUSED["no_room"]


def test_from_the_code_to_the_result(client: TestClient, rooms: Rooms) -> None:
    room = rooms.open("teacher")
    where = f"/vote/{room.code.lower()}"
    assert client.get(f"{where}/state?phone={phone(1)}").json() == {"round": None}
    room.ask(question("joy", title="Good news"))
    asked = client.get(f"{where}/state?phone={phone(1)}")
    assert asked.json() == {
        "round": 1,
        "labels": list(EMOTIONS),
        "words": "I am fine",
        "clip": False,
        "voted": False,
    }
    assert "Good news" not in asked.text  # neither the title nor the answer is told before
    assert client.post(f"{where}/cast", json=ballot(1)).json() == {"counted": True}
    assert client.get(f"{where}/state?phone={phone(1)}").json()["voted"] is True
    room.uncover()
    told = client.get(f"{where}/state?phone={phone(2)}").json()
    assert told["title"] == "Good news"
    assert told["result"]["counts"]["joy"] == 1
    assert told["result"]["fused"] == {"emotion": "joy", "probability": 0.7}
    assert told["result"]["voice"]["emotion"] == "anger"


def test_ten_clips_one_after_the_other_to_ones_own_labels(
    client: TestClient, rooms: Rooms, tmp_path: Path
) -> None:
    room = rooms.open("teacher")
    where = f"/vote/{room.code}"
    clip = tmp_path / "two.flac"
    clip.write_bytes(b"sound")
    room.ask_all([question("joy"), question("fear", meant="anger", clip=clip)])
    for number, emotion in ((1, "joy"), (2, "anger")):
        asked = client.get(f"{where}/state?phone={phone(1)}").json()
        assert (asked["round"], asked["place"], asked["total"]) == (number, number, 2)
        assert "meant" not in str(asked) and "A clip" not in str(asked)
        if asked["clip"]:
            assert client.get(f"{where}/{number}/clip?phone={phone(1)}").content == b"sound"
        sent = client.post(f"{where}/cast", json=ballot(1, round=number, emotion=emotion))
        assert sent.status_code == 200
    assert client.get(f"{where}/state?phone={phone(1)}").json()["voted"] is True
    assert client.get(f"{where}/state?phone={phone(2)}").json()["round"] == 1
    room.uncover()
    told = client.get(f"{where}/state?phone={phone(1)}").json()["annotated"]
    assert [one["own"] for one in told] == ["joy", "anger"]
    assert [one["meant"] for one in told] == ["joy", "anger"]
    assert [one["model"] for one in told] == ["joy", "fear"]
    other = client.get(f"{where}/state?phone={phone(2)}").json()["annotated"]
    assert [one["own"] for one in other] == [None, None]


def test_a_poll_is_asked_in_the_phones_language(client: TestClient, rooms: Rooms) -> None:
    room = rooms.open("teacher")
    where = f"/vote/{room.code}"
    poll = room.open_poll(
        {"en": "Which side?", "de": "Welche Seite?"},
        {"en": ("the voice", "the words"), "de": ("die Stimme", "die Worte")},
    )
    headers = {"accept-language": "de"}
    asked = client.get(f"{where}/state?phone={phone(1)}", headers=headers).json()
    assert asked == {
        "poll": poll.number,
        "question": "Welche Seite?",
        "answers": ["die Stimme", "die Worte"],
        "voted": False,
    }
    answer = {"phone": phone(1), "poll": poll.number, "choice": 1}
    assert client.post(f"{where}/answer", json=answer).json() == {"counted": True}
    assert client.post(f"{where}/answer", json=answer).json()["reason"] == "double"
    wrong = {**answer, "phone": phone(2), "choice": True}
    assert client.post(f"{where}/answer", json=wrong).json()["reason"] == "invalid"
    room.close_poll(poll.number, right=0)
    told = client.get(f"{where}/state?phone={phone(2)}").json()
    assert (told["counts"], told["right"]) == ([0, 1], 0)


def test_what_not_every_telephone_plays_is_sent_as_mp3(client: TestClient, rooms: Rooms) -> None:
    clip = bundled("assets/workbench/clips/01.ogg")
    room = rooms.open("teacher")
    room.ask(question(clip=clip))
    heard = client.get(f"/vote/{room.code}/1/clip?phone={phone(1)}")
    assert heard.headers["content-type"] == "audio/mpeg"
    seconds = len(load_audio(heard.content).samples) / SAMPLE_RATE
    assert seconds == pytest.approx(load_audio(clip).seconds, abs=0.2)


def test_late_and_double_votes_are_refused_in_words(client: TestClient, rooms: Rooms) -> None:
    room = rooms.open("teacher")
    room.ask(question())
    where = f"/vote/{room.code}/cast"
    assert client.post(where, json=ballot(1)).status_code == 200
    again = client.post(where, json=ballot(1))
    assert (again.status_code, again.json()["reason"]) == (409, "double")
    assert again.json()["message"] == text.VOTE_REFUSED["double"]
    room.uncover()
    late = client.post(where, json=ballot(2))
    assert (late.status_code, late.json()["reason"]) == (409, "late")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 1500,
        b'"' + b"x" * 5000,
        json.dumps(ballot(1, round=True)).encode(),
        json.dumps(ballot(1, round="1")).encode(),
        json.dumps(ballot(1, phone="me")).encode(),
        json.dumps(ballot(1, emotion=["joy"])).encode(),
        json.dumps(ballot(1, emotion="bliss")).encode(),
    ],
)
def test_what_is_no_vote_is_refused(client: TestClient, rooms: Rooms, body: bytes) -> None:
    room = rooms.open("teacher")
    room.ask(question())
    refused = client.post(f"/vote/{room.code}/cast", content=body)
    assert (refused.status_code, refused.json()["reason"]) == (400, "invalid")
    assert room.current is not None and not room.current.votes


def test_codes_cannot_be_tried_and_who_is_in_stays_in(client: TestClient, rooms: Rooms) -> None:
    room = rooms.open("teacher")
    inside = f"/vote/{room.code}/state?phone={phone(1)}"
    assert client.get(inside).status_code == 200
    for _ in range(MAX_WRONG):
        assert client.get(f"/vote/AAAAAAAA/state?phone={phone(2)}").status_code == 404
    assert client.get(f"/vote/{room.code}/state?phone={phone(2)}").status_code == 429
    assert client.get(inside).status_code == 200


def test_the_clip_is_for_the_room_alone(client: TestClient, rooms: Rooms, tmp_path: Path) -> None:
    path = tmp_path / "anger-of-somebody.flac"
    path.write_bytes(b"sound")
    room = rooms.open("teacher")
    room.ask(question(clip=path))
    where = f"/vote/{room.code}"
    heard = client.get(f"{where}/1/clip?phone={phone(1)}")
    assert heard.content == b"sound" and "anger" not in str(heard.headers)
    assert client.get(f"{where}/2/clip?phone={phone(1)}").status_code == 404
    assert client.get(f"/vote/AAAAAAAA/1/clip?phone={phone(1)}").status_code == 404
    assert client.get("/vote/..%2F..%2Fetc/1/clip").status_code == 404
    path.unlink()
    gone = client.get(f"{where}/1/clip?phone={phone(1)}")
    assert gone.status_code == 404 and gone.json()["message"] == text.VOTE_REFUSED["no_clip"]


def test_only_the_pages_own_files_are_served(client: TestClient) -> None:
    for name in ("figures.js", "vote.html", "..%2Fvotes.py", "x"):
        assert client.get(f"/vote/{name}").status_code == 404


def test_forty_phones_in_two_rooms_side_by_side(
    client: TestClient, rooms: Rooms, tiny_checkpoint: Path
) -> None:
    """Each phone looks and votes while two analyses run; every vote counts, in its own room,
    within a second."""
    pipeline = EmotionPipeline.from_pretrained(tiny_checkpoint)
    clip = bundled("assets/gallery/joy.flac")
    done = threading.Event()

    def analyse() -> int:
        count = 0
        while not done.is_set():
            pipeline.analyze(clip, "i am so happy")
            count += 1
        return count

    both = [rooms.open("one"), rooms.open("two")]
    for room in both:
        room.ask(question())

    def pupil(number: int) -> float:
        room, emotion = both[number % 2], ("joy", "fear")[number % 2]
        assert client.get(f"/vote/{room.code}/state?phone={phone(number)}").json()["round"] == 1
        begun = time.perf_counter()
        sent = client.post(f"/vote/{room.code}/cast", json=ballot(number, emotion=emotion))
        assert sent.json() == {"counted": True}
        return time.perf_counter() - begun

    with client, ThreadPoolExecutor(2) as teachers, ThreadPoolExecutor(16) as phones:
        analyses = [teachers.submit(analyse) for _ in range(2)]
        try:
            slowest = max(phones.map(pupil, range(80)))
        finally:
            done.set()
    assert all(one.result() > 0 for one in analyses)
    counts = [room.uncover().counts() for room in both]  # type: ignore[union-attr]
    assert counts[0]["joy"] == counts[1]["fear"] == 40
    assert sum(counts[0].values()) == sum(counts[1].values()) == 40
    assert slowest < 1
