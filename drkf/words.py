"""Words: cleaning what was typed, and where each word stands in windows, tokens and time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import emoji

from drkf.analysis import Transcript, TranscriptWord
from drkf.explain.utterance import Word

END_MARKS = ".!\u2026\u3002\uff01"
CLOSING = "\"'\u201d\u2019\u00bb)]"  # quotation marks and brackets, after the end mark
MAX_CHARACTERS = 20_000  # far beyond any encoder's limit: a pasted book is cut before tokenising


def as_transcript(text: str | Transcript | None) -> Transcript:
    """A transcript as it is, typed words cleaned, or no words."""
    if isinstance(text, Transcript):
        return text
    typed = clean_text(text)
    return Transcript(typed, "typed") if typed else Transcript("", "none")


def clean_text(text: str | None) -> str:
    """One line without control characters; "" for nothing that can be seen."""
    if not text:
        return ""
    text = text[:MAX_CHARACTERS]
    # Format characters (category Cf: joiners, direction marks) belong to scripts and emoji.
    kept = (" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") else c for c in text)
    line = re.sub(r"\s+", " ", "".join(kept)).strip()
    visible = any(unicodedata.category(c)[0] not in "CMZ" for c in line)
    return line if visible else ""


def without_end_marks(text: str) -> str:
    """A text without the full stops and exclamation marks at its end; question marks stay.

    What stays keeps its places. A text of nothing but marks stays as it is.
    """
    text = text.rstrip()
    before_closing = text.rstrip(CLOSING)
    kept = before_closing.rstrip(END_MARKS + " ")
    if not kept:
        return text
    left_out = len(before_closing) - len(kept)
    return (kept + " " * left_out + text[len(before_closing) :]).rstrip()


def spell_out(text: str) -> tuple[str, list[int]]:
    """The text with emoji as the words of their Unicode names, which an encoder can read.

    Skin tones go. Returns the text, and for each of its characters the place in the original
    that it stands for, with the original's length at the end.
    """
    spelled: list[str] = []
    places: list[int] = []
    end = 0

    def put(part: str, start: int, follow: bool) -> None:
        spelled.append(part)
        places.extend(start + i if follow else start for i in range(len(part)))

    for found in emoji.emoji_list(text):
        start = found["match_start"]
        put(text[end:start], end, True)
        name = emoji.demojize(found["emoji"], delimiters=("", ""))
        name = re.sub(r"_(medium[-_])?(light|medium|dark)_skin_tone", "", name)
        put(f" {name.replace('_', ' ').replace('-', ' ')} ", start, False)
        end = found["match_end"]
    put(text[end:], end, True)
    return "".join(spelled), [*places, len(text)]


def split_by_window(transcript: Transcript, starts: tuple[float, ...]) -> list[tuple[int, str]]:
    """(start character, text) of each window's words.

    Recognised words go to the window they were said in; typed words have no time and go to all.
    """
    text = transcript.text
    if len(starts) == 1 or not transcript.words:
        return [(0, text)] * len(starts)
    spans: list[list[int]] = [[] for _ in starts]
    place = 0
    for word in transcript.words:
        found = text.find(word.word.strip(), place)
        if found < 0:
            continue
        place = found + len(word.word.strip())
        middle = (word.start_seconds + word.end_seconds) / 2
        window = max(i for i, start in enumerate(starts) if start <= max(middle, 0.0))
        spans[window] += [found, place]
    return [(min(span), text[min(span) : max(span)]) if span else (0, "") for span in spans]


def edited_text(offset: int, part: str, edits: Mapping[tuple[int, int], str]) -> str:
    """A window's words with some of them replaced or, with "", left out.

    Args:
        offset: the character of the transcript at which ``part`` begins.
        edits: characters [start, end) of the transcript and what stands there instead.
    """
    pieces, place = [], 0
    for (start, end), text in sorted(edits.items()):
        first, last = start - offset, end - offset
        if first < place or last > len(part):  # said in another window
            continue
        pieces += [part[place:first], text]
        place = last
    return " ".join("".join([*pieces, part[place:]]).split())


def without_words(transcript: Transcript, places: Collection[tuple[int, int]]) -> Transcript:
    """A transcript without some of its words, as if they had not been said; the others keep their
    times.

    Args:
        places: characters [start, end) of each of these words.
    """
    kept = tuple(
        word
        for start, word in _words_by_place(transcript)
        if not any(first <= start < last for first, last in places)
    )
    text = edited_text(0, transcript.text, dict.fromkeys(places, ""))
    return replace(transcript, text=text, words=kept)


def find_words(
    transcript: Transcript, parts: list[tuple[int, str]], encodings: Any
) -> tuple[tuple[Word, ...], bool]:
    """The words of each window with their tokens, and whether the encoder's limit cut any."""
    times = word_times(transcript)
    words = []
    cut = False
    for window, (offset, part) in enumerate(parts):
        places = encodings["offset_mapping"][window]
        special = encodings["special_tokens_mask"][window]
        too_long = bool(encodings.encodings[window].overflowing)
        for match in re.finditer(r"\S+", part):
            tokens = [
                i
                for i, (first, last) in enumerate(places)
                if not special[i] and first < match.end() and last > match.start()
            ]
            if not tokens:
                cut = cut or (too_long and match.start() >= max(last for _, last in places))
                continue
            start, end = offset + match.start(), offset + match.end()
            begin, stop = times.get(start, (None, None))
            words.append(
                Word(match.group(), start, end, window, tokens[0], tokens[-1] + 1, begin, stop)
            )
    return tuple(words), cut


def word_times(transcript: Transcript) -> dict[int, tuple[float, float]]:
    """Start character -> (start, end) in seconds of the recogniser's words."""
    return {
        start: (word.start_seconds, word.end_seconds) for start, word in _words_by_place(transcript)
    }


def _words_by_place(transcript: Transcript) -> Iterator[tuple[int, TranscriptWord]]:
    """The recogniser's words that stand in the text, with the character at which each begins."""
    place = 0
    for word in transcript.words:
        found = transcript.text.find(word.word.strip(), place)
        if found >= 0:
            yield found, word
            place = found + len(word.word.strip())
