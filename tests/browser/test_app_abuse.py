"""Hostile files and words through the running app: its programming interface and its page."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from playwright.sync_api import expect

from drkf.ui.texts.en import page as text
from tests.helpers.hostile import TEXTS, encoded, film, lying_files, polyglots, wav, zip_bomb
from tests.helpers.visitor import AppPage, RunningApp

FILES = {
    **{name: data for name, data in lying_files() if name in {"wav data size 0x1", "wav with NaN"}},
    **{n: d for n, d in polyglots() if n in {"html before a wav", "zip after a wav", "playlist"}},
    "cut flac": encoded("flac")[:300],
    "half an m4a": encoded("m4a")[:2_000],
    "film without sound": film(),
    "zip bomb": zip_bomb(20),
    "wav of 65535 channels": wav(channels=65_535),
    "empty": b"",
}
SECRETS = ("root:", "DRKF_CHECKPOINT", "EmotionPipeline", "fused_temperature", "PATH=")
"""What stands in files that nobody outside may read."""


@pytest.fixture(scope="module")
def client(app: RunningApp) -> Client:
    return Client(app.address, verbose=False, analytics_enabled=False)


@pytest.fixture(scope="module")
def requests() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=120) as client:
        yield client


@pytest.mark.parametrize("name", FILES)
def test_hostile_file_gets_an_answer_or_one_line(
    client: Client, app: RunningApp, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "recording.wav"
    path.write_bytes(FILES[name])
    for words in ("I am angry", ""):
        try:
            answer = client.predict(handle_file(path), words, api_name="/analyze")
        except AppError as error:
            assert str(error).isprintable() and "went wrong" not in str(error).lower()
        else:
            assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert "Traceback" not in app.log.read_text()


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_words_get_an_answer_or_one_line(
    app: RunningApp, requests: httpx.Client, name: str
) -> None:
    """As JSON with escapes, the only way for half a character to come over HTTP."""
    body = json.dumps({"data": [None, TEXTS[name]]}).encode()
    started = requests.post(
        f"{app.address}gradio_api/call/analyze",
        content=body,
        headers={"content-type": "application/json"},
    )
    if started.status_code in (400, 422):
        return
    assert started.status_code == 200, started.text
    answer = requests.get(f"{app.address}gradio_api/call/analyze/{started.json()['event_id']}").text
    assert "event: complete" in answer or "event: error" in answer
    if "event: complete" in answer:
        found = json.loads(answer.split("data: ", 1)[1])[0]
        assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    else:
        assert "Record or upload speech" in answer or "type English words" in answer


@pytest.mark.parametrize(
    "data",
    [[], [None], [None, None, None], [1, 2], [[], {}], [{}, "x"], ["clip.wav", "x"], "x", None],
    ids=repr,
)
def test_calls_of_another_shape_are_refused(
    app: RunningApp, requests: httpx.Client, data: object
) -> None:
    started = requests.post(f"{app.address}gradio_api/call/analyze", json={"data": data})
    if started.status_code == 200:
        event = started.json()["event_id"]
        said = requests.get(f"{app.address}gradio_api/call/analyze/{event}").text
    else:
        assert started.status_code < 500
        said = started.text
    assert "Traceback" not in said and "site-packages" not in said
    assert "Traceback" not in app.log.read_text()


@pytest.mark.parametrize("prefix", ["gradio_api/file=", "file=", "gradio_api/file/", "static/"])
@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "//etc/passwd",
        "../../../../../../../../etc/passwd",
        "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "..%252f..%252f..%252fetc%252fpasswd",
        "....//....//....//....//etc/passwd",
        "..\\..\\..\\etc\\passwd",
        "%2fetc%2fpasswd",
        "/etc/passwd%00.wav",
        "file:///etc/passwd",
        "/proc/self/environ",
        "/proc/self/cwd/log.txt",
        "log.txt",
        "{root}/app.py",
        "{root}/drkf/pipeline.py",
        "{gallery}/../../app.py",
        "{gallery}/%2e%2e/%2e%2e/app.py",
        "{files}",
        "{files}/",
        "{files}/../log.txt",
        "{checkpoint}/calibration.json",
        "~/.bashrc",
        ".",
        "",
    ],
)
def test_probing_for_files_returns_nothing(
    app: RunningApp, tiny_checkpoint: Path, prefix: str, path: str
) -> None:
    """Sent as it stands: clients would tidy the path up."""
    root = Path(__file__).resolve().parents[2]
    place = path.format(
        root=root, gallery=root / "assets" / "gallery", files=app.files, checkpoint=tiny_checkpoint
    )
    server = urlsplit(app.address)
    connection = http.client.HTTPConnection(server.hostname or "", server.port, timeout=60)
    connection.putrequest("GET", f"/{prefix}{place}", skip_host=False)
    connection.endheaders()
    response = connection.getresponse()
    content = response.read().decode(errors="replace")
    connection.close()
    assert response.status in (307, 400, 403, 404, 405, 422), content[:200]
    assert not any(secret in content for secret in SECRETS)


def test_the_examples_are_served(app: RunningApp) -> None:
    """Or the probes above would prove nothing."""
    clip = Path(__file__).resolve().parents[2] / "assets" / "gallery" / "anger.flac"
    assert httpx.get(f"{app.address}gradio_api/file={clip}").content == clip.read_bytes()


def test_the_page_says_one_line_and_goes_on(visit: Callable[..., AppPage], tmp_path: Path) -> None:
    page = visit()
    page.expected_fault = "MediaError"  # the page tries to draw its waveform
    (tmp_path / "bomb.wav").write_bytes(zip_bomb(20))
    page.choose_file(tmp_path / "bomb.wav")
    alert = page.verdict.get_by_role("alert")
    expect(alert).to_contain_text("bomb.wav")
    assert len((alert.text_content() or "").strip().splitlines()) == 1
    page.page.locator("#clear").click()
    expect(page.verdict).to_contain_text(text.STATUS_EMPTY)
    answer = None
    for words in (TEXTS["image with a handler"], TEXTS["right to left"], "a " * 25_000):
        page.type_words(words)
        answer = page.answer(after=answer)
    assert page.page.locator("img[src='x']").count() == 0
