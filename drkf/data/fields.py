"""What a column of a table can mean, and what people call it."""

from __future__ import annotations

import re

#: Meaning -> names, lower case, letters and digits alone; the likeliest first.
FIELDS: dict[str, tuple[str, ...]] = {
    "audio": (
        *("audio", "path", "file", "filename", "filepath", "wav", "wavfile", "wavpath"),
        *("audiopath", "audiofile", "audiofilepath", "clip", "clippath", "recording", "audioname"),
    ),
    "text": (
        *("text", "transcript", "transcription", "utterance", "sentence", "words"),
        *("normalizedtext", "rawtext", "content", "caption", "dialogue"),
    ),
    "label": (
        *("label", "emotion", "emotions", "emo", "majoremotion", "emotionlabel", "class"),
        *("category", "target", "goldlabel", "gold", "truth", "annotation"),
        *("labeltext", "labelname", "labelstr", "emotiontext", "emotionname", "labels"),
    ),
    "speaker": (
        *("speaker", "speakerid", "spk", "spkid", "actor", "actorid", "speakername"),
        *("subject", "subjectid", "clientid", "talker", "voice"),
    ),
    "gender": ("gender", "sex", "speakergender"),
    "corpus": ("corpus", "dataset", "database", "db", "source"),
    "split": ("split", "partition", "subset", "fold", "set"),
    "id": (
        *("id", "uttid", "utteranceid", "utterancename", "clipid", "segmentid", "key", "name"),
        *("srno", "index", "number"),
    ),
}


def plain_name(column: str) -> str:
    """A column's name as ``FIELDS`` spells names."""
    return re.sub(r"[^a-z0-9]", "", column.lower())
