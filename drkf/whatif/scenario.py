"""What-if scenarios: an utterance, a few edits of its voice and words, kept as one JSON file.

A file names gallery clips by their id. A user's own recording is put into it only where asked for
(``to_json(embed_recordings=True)``); otherwise the file has its fingerprint, and the recording
itself must be supplied again (``Scenario.with_recordings``).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from drkf.analysis import Transcript
from drkf.audio.clip import Clip
from drkf.errors import ScenarioError
from drkf.pipeline import EmotionPipeline, Utterance
from drkf.whatif.checks import quoted, require
from drkf.whatif.edits import EDITS, Edit, SwapVoice, ordered
from drkf.whatif.entries import (
    edit_entry,
    read_edit,
    read_transcript,
    read_voice,
    require_keys,
    voice_entry,
)
from drkf.whatif.voices import Recording, Voice

FORMAT = "drkf-scenario"
VERSION = 1
MAX_FILE_BYTES = 16_000_000  # two recordings of a minute, as 24-bit FLAC in base64, are 8 MB


@dataclass(frozen=True)
class Scenario:
    """An utterance and what is changed in it.

    There is at most one edit of each kind, and they take effect in the order of ``EDITS``,
    however they are listed.

    Raises:
        ScenarioError: neither voice nor words, or two edits of one kind.
    """

    voice: Voice | None
    transcript: Transcript
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        require(
            self.voice is not None or bool(self.transcript.text),
            "a scenario needs a voice or words",
        )
        object.__setattr__(self, "edits", ordered(self.edits))

    def with_recordings(self, clips: Iterable[Clip]) -> Scenario:
        """The same scenario with every recording that is among ``clips``."""
        supplied = {recording.sha256: recording for recording in map(Recording.of, clips)}

        def filled(voice: Voice) -> Voice:
            return supplied.get(voice.sha256, voice) if isinstance(voice, Recording) else voice

        edits = tuple(
            replace(edit, voice=filled(edit.voice)) if isinstance(edit, SwapVoice) else edit
            for edit in self.edits
        )
        return replace(self, voice=self.voice and filled(self.voice), edits=edits)

    def encode(self, pipeline: EmotionPipeline) -> Utterance:
        """The utterance before the edits.

        Raises:
            ScenarioError: its recording is not there.
        """
        clip = None if self.voice is None else self.voice.load()
        return pipeline.encode(clip, self.transcript, transcribe=False)

    def to_json(self, embed_recordings: bool = False) -> str:
        """The scenario as a file.

        Args:
            embed_recordings: put the user's own recordings into it (24-bit FLAC), so that
                whoever gets the file can hear them.

        Raises:
            ScenarioError: a recording to embed is missing or longer than a minute.
        """
        data = {
            "format": FORMAT,
            "version": VERSION,
            "voice": voice_entry(self.voice, embed_recordings),
            "transcript": asdict(self.transcript),
            "edits": [edit_entry(edit, embed_recordings) for edit in self.edits],
        }
        return json.dumps(data, ensure_ascii=False, indent=2)

    @classmethod
    def from_json(cls, content: str | bytes) -> Scenario:
        """Reads what ``to_json`` wrote, and nothing else.

        Raises:
            ScenarioError: not such a file, or a value in it is out of range.
            AudioError: a recording in it cannot be decoded.
        """
        if len(content) > MAX_FILE_BYTES:
            raise ScenarioError(f"Scenario files have at most {MAX_FILE_BYTES // 10**6} MB.")
        try:
            data = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ScenarioError(
                "This is not a scenario file: choose a JSON file exported from the what-if lab."
            ) from error
        require(isinstance(data, dict) and data.get("format") == FORMAT, "this is another format")
        if data.get("version") != VERSION:
            raise ScenarioError(
                f"Scenario files of version {quoted(data.get('version'))} cannot be read, only "
                f"version {VERSION}: export it again."
            )
        require_keys(data, {"format", "version", "voice", "transcript", "edits"})
        edits = data["edits"]
        require(isinstance(edits, list) and len(edits) <= len(EDITS), "edits must be a short list")
        return cls(
            voice=None if data["voice"] is None else read_voice(data["voice"]),
            transcript=read_transcript(data["transcript"]),
            edits=tuple(read_edit(edit) for edit in edits),
        )
