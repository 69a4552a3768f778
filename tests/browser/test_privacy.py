"""After their sessions nothing of visitors is left: no recording, words, figure or log line."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
import soundfile
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from drkf.ui import KEEP_FILES_SECONDS, KEEP_SETS_SECONDS
from tests.helpers.visitor import SPOKEN, AppPage, RunningApp, files_in

README = Path(__file__).resolve().parents[2] / "README.md"
SECRET = "my secret is zanzibar marmalade"
GONE_SECONDS = 60


@pytest.fixture(scope="module")
def private_app(
    start_app: Callable[[Path | None], RunningApp],
    tiny_checkpoint: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterable[tuple[RunningApp, list[Path]]]:
    """An app whose every folder for temporary, cached and own files is one that a test can list."""
    places = [tmp_path_factory.mktemp(name) for name in ("tmp", "cache", "home")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(places[0]))
        patch.setenv("HF_HOME", str(places[1]))
        patch.setenv("HOME", str(places[2]))
        app = start_app(tiny_checkpoint)
    return app, [*places, app.files.parent]


def files(places: list[Path]) -> set[Path]:
    return {path for place in places for path in files_in(place)}


def contents(places: list[Path]) -> dict[Path, bytes]:
    found = {}
    for path in files(places):
        with suppress(FileNotFoundError):  # deleted in between
            found[path] = path.read_bytes()
    return found


def wait_until(done: Callable[[], object]) -> None:
    """Returns when it is done, or when it should have been: the caller looks."""
    deadline = time.monotonic() + GONE_SECONDS
    while not done() and time.monotonic() < deadline:
        time.sleep(0.1)


def test_nothing_is_left_of_sessions_that_ended(
    visit: Callable[..., AppPage],
    private_app: tuple[RunningApp, list[Path]],
    clip: Path,
    tmp_path: Path,
) -> None:
    app, places = private_app
    samples, rate = soundfile.read(clip, dtype="int16")
    own = tmp_path / "visitors-own-clip.wav"
    soundfile.write(own, np.roll(samples, 999), rate)
    page = visit(app.address)  # what the app makes for itself when it is first used
    page.type_words("hello")
    page.answer()
    page.leave()
    before = files(places)

    uploading, recording = visit(app.address), visit(app.address)
    uploading.choose_file(own)
    first = uploading.answer()
    uploading.type_words(SECRET)
    uploading.answer(after=first)
    recording.record(2)
    recording.answer()
    program = Client(app.address, verbose=False, analytics_enabled=False)
    assert program.predict(handle_file(own), SECRET, api_name="/analyze")["emotion"]
    asked = {"session_hash": program.session_hash}
    assert httpx.get(f"{app.address}gradio_api/deep_link", params=asked).status_code == 404
    assert files(places) - before, "there was nothing to delete"
    uploading.leave()
    recording.leave()
    program.close()

    wait_until(lambda: not files(places) - before)
    assert files(places) - before == set()
    samples_of_it = np.roll(samples, 999)[rate // 2 : rate // 2 + 200].tobytes()
    for path, content in contents(places).items():  # logs among them
        assert SECRET.encode() not in content.lower(), path
        assert SPOKEN.split(",")[0].lower().encode() not in content.lower(), path
        assert own.name.encode() not in content, path
        assert samples_of_it not in content, path
    assert "Traceback" not in app.log.read_text()


def test_nothing_is_left_of_an_upload_that_breaks_off(app: RunningApp) -> None:
    secret = b"half of what somebody said " * 10_000
    begun = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="own.wav"\r\n\r\n' + secret
    )
    head = (
        "POST /gradio_api/upload HTTP/1.1\r\nHost: app\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n"
        f"Content-Length: {2 * len(begun)}\r\n\r\n"
    )
    before = set(app.recordings())

    def left() -> list[Path]:
        return [path for path in app.recordings() if path not in before]

    address = urlsplit(app.address)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode() + begun)
        wait_until(left)
        assert left(), "there was nothing to delete"
    wait_until(lambda: not left())
    assert left() == []


def test_files_of_a_page_whose_end_is_not_noticed_go_by_their_age(
    visit: Callable[..., AppPage],
    start_app: Callable[..., RunningApp],
    tiny_checkpoint: Path,
    clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page stays open, and what are hours to visitors are seconds here."""
    assert (KEEP_FILES_SECONDS, KEEP_SETS_SECONDS) == (3600, 8 * 3600)  # as all texts say
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    ages = "CLEAN_EVERY_SECONDS, ui.KEEP_FILES_SECONDS, ui.KEEP_SETS_SECONDS = 1, 15, 30"
    app = start_app(tiny_checkpoint, f"from drkf import ui; ui.{ages}")
    table = tmp_path / "mine.csv"
    table.write_text(f"audio,text\n{clip.name},I am very happy\n")

    def left() -> set[Path]:
        # Gradio makes an empty file for each that it hands over.
        found = contents([app.files, temporary])
        return {path for path, content in found.items() if content}

    page = visit(app.address)
    page.page.locator("#words textarea").fill(SECRET)  # nothing is to be recognised
    page.choose_file(clip)
    page.answer()
    assert [path for path in left() if path.name == clip.name]
    page.open_tab("Error analysis")
    page.page.locator("#set-files input[type=file]").set_input_files([table, clip])
    expect(page.page.locator("#set-about")).to_contain_text("1 row, 1 with a clip")
    page.page.locator("#set-run").click()
    expect(page.page.locator("#set-status")).to_contain_text("1 of 1 row analysed")
    page.page.locator("#set-prepare").click()
    expect(page.page.locator("#set-kept")).to_contain_text("Ready: results.csv")
    assert {"file.csv", "file.wav", "results.csv"} <= {path.name for path in left()}
    assert ".jsonl" in {path.suffix for path in left()}
    wait_until(lambda: not left())
    assert left() == set()


def test_the_app_says_what_its_model_is_what_is_kept_and_what_is_not_allowed(
    visit: Callable[..., AppPage],
) -> None:
    page = visit()
    title = page.page.locator("#title")
    expect(title).to_contain_text("does not read anyone's mind")
    expect(title).to_contain_text("nobody's voice")
    page.page.get_by_text("What this model is").first.click()
    expect(page.page.get_by_text("untrained").first).to_be_visible()
    page.open_tab("About")
    for sentence in ("Article 5(1)(f)", "temporary folder", "consent"):
        expect(page.page.locator("#about")).to_contain_text(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Art. 5(1)(f)",
        "Consent is no exception",
        "temporary folder",
        "Nothing of their content is log",
    ],
)
def test_the_readme_says_it_too(sentence: str) -> None:
    assert sentence in " ".join(README.read_text().split())
