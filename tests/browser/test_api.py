"""The named endpoints, as a program calls them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from drkf.labels import EMOTIONS
from tests.helpers.visitor import RunningApp

SENTENCE = "I never want to see you again"


@pytest.fixture(scope="module")
def client(app: RunningApp) -> Client:
    return Client(app.address, verbose=False, analytics_enabled=False)


def test_only_the_named_endpoints_are_public(client: Client) -> None:
    endpoints = client.view_api(return_format="dict")["named_endpoints"]
    assert set(endpoints) == {"/analyze", "/counterfactuals", "/transcribe"}


def test_analyze_voice_and_words(client: Client, clip: Path) -> None:
    analysis = client.predict(handle_file(clip), SENTENCE, api_name="/analyze")
    assert analysis["emotion"] in EMOTIONS
    for name in ("probabilities", "audio_probabilities", "text_probabilities"):
        assert sum(analysis[name].values()) == pytest.approx(1, abs=1e-4), name
    assert 0 <= analysis["inconsistency"]["discrimination"] <= 1
    assert analysis["transcript"]["text"] == SENTENCE
    assert analysis["shapley"] and analysis["relevance"] and analysis["attention"]
    json.dumps(analysis)


def test_analyze_recognises_where_no_words_are_given(client: Client, clip: Path) -> None:
    for nothing in (None, "", "   "):
        analysis = client.predict(handle_file(clip), nothing, api_name="/analyze")
        assert analysis["transcript"]["source"] == "asr"
        assert "happy" in analysis["transcript"]["text"].lower()


def test_analyze_words_alone(client: Client) -> None:
    analysis = client.predict(None, SENTENCE, api_name="/analyze")
    assert analysis["audio_probabilities"] is None and analysis["inconsistency"] is None


def test_transcribe(client: Client, clip: Path) -> None:
    assert "happy" in client.predict(handle_file(clip), api_name="/transcribe").lower()


@pytest.mark.parametrize("endpoint", ["/analyze", "/transcribe"])
def test_errors_are_one_clear_line(client: Client, tmp_path: Path, endpoint: str) -> None:
    broken = tmp_path / "notes.wav"
    broken.write_text("these are not sound waves")
    words = ("",) if endpoint == "/analyze" else ()
    for audio in (handle_file(broken), None):
        with pytest.raises(AppError) as failure:
            client.predict(audio, *words, api_name=endpoint)
        message = str(failure.value)
        assert "\n" not in message and "Traceback" not in message
        assert "notes.wav" in message if audio else "Record or upload speech" in message


def test_calls_at_the_same_time_do_not_mix(app: RunningApp, clip: Path) -> None:
    sentences = [f"This is sentence number {i}, and I am {word}" for i, word in enumerate("abcdef")]

    def analyze(sentence: str) -> str:
        caller = Client(app.address, verbose=False, analytics_enabled=False)
        answer = caller.predict(handle_file(clip), sentence, api_name="/analyze")
        return answer["transcript"]["text"]

    with ThreadPoolExecutor(len(sentences)) as pool:
        assert list(pool.map(analyze, sentences)) == sentences
