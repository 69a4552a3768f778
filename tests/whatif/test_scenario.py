"""Scenario files: they read back to the same results, hostile ones are refused."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import pytest
import soundfile

from drkf.analysis import Transcript, TranscriptWord
from drkf.errors import AudioError, DRKFError, ScenarioError
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.whatif import scenario as scenario_module
from drkf.whatif.application import apply_edits
from drkf.whatif.comparison import compare
from drkf.whatif.edits import (
    EDITS,
    Edit,
    Gain,
    MaskWords,
    Mute,
    Noise,
    Pitch,
    Rewrite,
    Silence,
    Speed,
    SwapVoice,
)
from drkf.whatif.scenario import Scenario
from drkf.whatif.voices import GalleryVoice, Recording
from tests.helpers.scenarios import sound

ALL_EDITS: tuple[Edit, ...] = (
    SwapVoice(GalleryVoice("joy")),
    Rewrite("so “glad” <b>ünd</b> 😀"),
    Silence(0.5, 1.25),
    Gain(-3.5),
    Pitch(2),
    Speed(0.8),
    Noise(12),
    MaskWords((0, 2)),
    Mute("words"),
)


class TestFiles:
    def test_every_edit_reads_back(self) -> None:
        assert {type(edit) for edit in ALL_EDITS} == set(EDITS.values())
        words = (TranscriptWord("so", 0.0, 0.5, 0.9),)
        scenario = Scenario(
            GalleryVoice("anger"), Transcript("so what", "asr", "en", 0.99, words), ALL_EDITS
        )
        assert Scenario.from_json(scenario.to_json()) == scenario
        assert Scenario.from_json(scenario.to_json().encode()) == scenario

    @pytest.mark.parametrize("embed", [True, False])
    def test_reloading_gives_the_same_results(
        self, pipeline: EmotionPipeline, base: Utterance, embed: bool
    ) -> None:
        other = sound(1.0, seed=5)
        edits = (SwapVoice(Recording.of(other)), Noise(10), MaskWords((1,)))
        assert base.clip is not None
        scenario = Scenario(Recording.of(base.clip), base.transcript, edits)
        expected = compare(pipeline, base, apply_edits(pipeline, base, edits))
        loaded = Scenario.from_json(scenario.to_json(embed_recordings=embed))
        if not embed:
            with pytest.raises(ScenarioError, match=r"recording of 1\.5 s"):
                loaded.encode(pipeline)
            loaded = loaded.with_recordings([other, base.clip])
        before = loaded.encode(pipeline)
        again = compare(pipeline, before, apply_edits(pipeline, before, loaded.edits))
        for name in ("before", "after"):
            one, two = getattr(expected, name), getattr(again, name)
            assert two.fused.probabilities == pytest.approx(one.fused.probabilities, abs=1e-4)
            assert two.transcript == one.transcript
        assert again.shapley[0].after.phi.audio == pytest.approx(
            expected.shapley[0].after.phi.audio, abs=1e-3
        )

    def test_a_recording_is_in_the_file_only_on_request(self) -> None:
        scenario = Scenario(Recording.of(sound(1.0)), Transcript("so", "typed"))
        assert "flac" not in scenario.to_json() and len(scenario.to_json()) < 1000
        assert "flac" in scenario.to_json(embed_recordings=True)

    def test_a_long_recording_is_not_embedded(self) -> None:
        scenario = Scenario(Recording.of(sound(61.0)), Transcript("so", "typed"))
        with pytest.raises(ScenarioError, match="at most 60 s"):
            scenario.to_json(embed_recordings=True)

    def test_another_recording_is_not_taken_for_the_missing_one(self) -> None:
        scenario = Scenario(Recording.of(sound(1.0)), Transcript("so", "typed"))
        loaded = Scenario.from_json(scenario.to_json()).with_recordings([sound(1.0, seed=9)])
        assert isinstance(loaded.voice, Recording) and loaded.voice.clip is None


def valid() -> dict[str, Any]:
    scenario = Scenario(GalleryVoice("joy"), Transcript("so what", "typed"), (Noise(10),))
    data: dict[str, Any] = json.loads(scenario.to_json())
    return data


def changed(*path: Any, to: Any) -> str:
    data = valid()
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return json.dumps(data)


def flac(samples: np.ndarray) -> str:
    file = io.BytesIO()
    soundfile.write(file, samples, 16_000, format="FLAC")
    return base64.b64encode(file.getvalue()).decode()


HOSTILE: dict[str, str | bytes] = {
    "empty": "",
    "not JSON": "scenario",
    "not UTF-8": b"\xff\xfe\x00{",
    "a list": "[]",
    "deep": "[" * 100_000,
    "a huge number": '{"format": ' + "9" * 5000 + "}",
    "another format": changed("format", to="drkf-analysis"),
    "another version": changed("version", to=2),
    "an unknown entry": changed("__class__", to="os.system"),
    "an unknown edit": changed("edits", to=[{"edit": "__import__", "db": 1}]),
    "an edit that is a list": changed("edits", to=[["noise", 1]]),
    "an edit without values": changed("edits", to=[{"edit": "noise"}]),
    "an edit with more": changed("edits", to=[{"edit": "noise", "snr_db": 1, "then": "rm"}]),
    "edits twice": changed("edits", to=[{"edit": "gain", "db": 1}] * 2),
    "edits without end": changed("edits", to=[{"edit": "gain", "db": 1}] * 10_000),
    "edits as a word": changed("edits", to="noise"),
    "an infinite number": changed("edits", 0, "snr_db", to=1).replace(": 1}", ": 1e999}"),
    "a number without end": changed("edits", 0, "snr_db", to=10**400),
    "not a number": changed("edits", 0, "snr_db", to=float("nan")),
    "a truth value": changed("edits", 0, "snr_db", to=True),
    "out of range": changed("edits", 0, "snr_db", to=-1000),
    "words that are no text": changed("edits", to=[{"edit": "rewrite", "words": {"a": 1}}]),
    "masks that are words": changed("edits", to=[{"edit": "mask-words", "indices": ["a"]}]),
    "masks that are nested": changed("edits", to=[{"edit": "mask-words", "indices": [[1]]}]),
    "a path": changed("voice", to={"gallery": "../../etc/passwd"}),
    "words without a voice": changed("voice", to={"gallery": "words-joy"}),
    "an id that is no text": changed("voice", to={"gallery": ["joy"]}),
    "a voice that is text": changed("voice", to="joy"),
    "two voices": changed("voice", to={"gallery": "joy", "flac": ""}),
    "a file name": changed("voice", to={"file": "/etc/passwd"}),
    "a false digest": changed("voice", to={"recording": {"sha256": "0", "seconds": 1}}),
    "no length": changed("voice", to={"recording": {"sha256": "0" * 64, "seconds": -1}}),
    "not base64": changed("voice", to={"flac": "µµµ"}),
    "not audio": changed("voice", to={"flac": base64.b64encode(b"MZ" * 99).decode()}),
    "too short": changed("voice", to={"flac": flac(np.zeros(160))}),
    "no transcript": changed("transcript", to=None),
    "a transcript of numbers": changed("transcript", "text", to=7),
    "an unknown source": changed("transcript", "source", to="telepathy"),
    "a language that is a list": changed("transcript", "language", to=[]),
    "timed words that are text": changed("transcript", "words", to=["so"]),
    "times that are text": changed(
        "transcript",
        "words",
        to=[{"word": "so", "start_seconds": "0", "end_seconds": 1, "probability": 1}],
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_one_short_line(name: str) -> None:
    with pytest.raises(DRKFError) as caught:
        Scenario.from_json(HOSTILE[name])
    assert isinstance(caught.value, ScenarioError | AudioError)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 250


def test_the_file_that_the_hostile_ones_were_made_of_is_fine() -> None:
    assert Scenario.from_json(json.dumps(valid())).edits == (Noise(10),)


def test_a_huge_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_module, "MAX_FILE_BYTES", 100)
    with pytest.raises(ScenarioError, match="at most"):
        Scenario.from_json(json.dumps(valid()))


def test_control_characters_and_surrogates_in_words_are_cleaned() -> None:
    data = valid()
    data["transcript"]["text"] = "so\x00 \ud800what\n"
    assert Scenario.from_json(json.dumps(data)).transcript.text == "so what"
    data["edits"] = [{"edit": "rewrite", "words": "\ud800 so\n"}]
    scenario = Scenario.from_json(json.dumps(data))
    assert scenario.edits == (Rewrite("so"),)
    scenario.to_json().encode()
