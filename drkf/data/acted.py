"""Acted corpora whose file names say everything: RAVDESS, CREMA-D, EmoDB, TESS, SAVEE, ESD."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from drkf.data.corpus import Corpus, Parsed, Skipped, existing_folder, read_clips, read_text
from drkf.data.label_codes import (
    CREMA_D_EMOTIONS,
    EMODB_BOREDOM,
    EMODB_EMOTIONS,
    ESD_EMOTIONS,
    RAVDESS_EMOTIONS,
    SAVEE_EMOTIONS,
    TESS_EMOTIONS,
)
from drkf.data.manifest import Item

MALE, FEMALE = "male", "female"

RAVDESS_STATEMENTS = {
    "01": "Kids are talking by the door.",
    "02": "Dogs are sitting by the door.",
}
# modality-channel-emotion-intensity-statement-repetition-actor
_RAVDESS = re.compile(r"(0[123])-(0[12])-(0[1-8])-(0[12])-(0[12])-(0[12])-(\d\d)")

CREMA_D_SENTENCES = {
    "DFA": "Don't forget a jacket.",
    "IEO": "It's eleven o'clock.",
    "IOM": "I'm on my way to the meeting.",
    "ITH": "I think I have a doctor's appointment.",
    "ITS": "I think I've seen this before.",
    "IWL": "I would like a new alarm clock.",
    "IWW": "I wonder what this is about.",
    "MTI": "Maybe tomorrow it will be cold.",
    "TAI": "The airplane is almost full.",
    "TIE": "That is exactly what happened.",
    "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}
# One file of the release is named 1040_ITH_SAD_X.
_CREMA_D = re.compile(r"(\d{4})_([A-Z]{3})_([A-Z]{3})_(LO|MD|HI|XX?)")

EMODB_SENTENCES = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
EMODB_WOMEN = {"08", "09", "13", "14", "16"}
# speaker, sentence, emotion, take: 03a01Fa
_EMODB = re.compile(r"(\d\d)([ab]\d\d)([A-Z])([a-z])")

# One file of the release is named OA_bite_neutral.
_TESS = re.compile(r"(OAF?|YAF)_(.+)_([a-z]+)", re.IGNORECASE)

SAVEE_SPEAKERS = ("DC", "JE", "JK", "KL")
# DC_a01 in one folder, or a01 in the speaker's folder.
_SAVEE = re.compile(r"(?:(DC|JE|JK|KL)_)?(sa|su|[adfhn])(\d\d)")

ESD_SPLITS = {"train": "train", "evaluation": "dev", "test": "test"}
ESD_WOMEN = {
    *("0001", "0002", "0003", "0007", "0009"),
    *("0015", "0016", "0017", "0018", "0019"),
}
_ESD = re.compile(r"(00[01]\d|0020)_(\d{6})")
# Some lines have blanks where others have tabs, and some lack the emotion at their end.
_ESD_LINE = re.compile(r"(\d{4}_\d{6})\s+(.+)")
_ESD_EMOTION = re.compile(
    r"\s+(angry|happy|neutral|sad|surprise|生气|快乐|中立|伤心|惊喜)$", re.IGNORECASE
)


def read_ravdess(root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]:
    """Read RAVDESS speech; its songs are left out. "Calm" counts as neutral."""

    def parse(path: Path) -> Parsed | None:
        match = _RAVDESS.fullmatch(path.stem)
        if match is None:
            return None
        modality, channel, emotion, intensity, statement, repetition, actor = match.groups()
        if channel == "02":
            return "a song"
        if modality == "02":
            return "video without sound"
        return Item(
            # Without the modality: the film's sound is the same recording as the audio file.
            id=f"ravdess-{channel}-{emotion}-{intensity}-{statement}-{repetition}-{actor}",
            audio=path,
            text=RAVDESS_STATEMENTS[statement],
            emotions=(RAVDESS_EMOTIONS[emotion],),
            speaker=f"ravdess-{actor}",
            corpus="ravdess",
            gender=MALE if int(actor) % 2 else FEMALE,
            language="en",
            original_label=emotion,
            intensity={"01": "normal", "02": "strong"}[intensity],
        )

    return read_clips(RAVDESS, root, parse, skipped)


def read_crema_d(root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]:
    """Read CREMA-D with the acted emotion as label; gender from VideoDemographics.csv."""
    genders = _crema_d_genders(existing_folder(root))

    def parse(path: Path) -> Parsed | None:
        match = _CREMA_D.fullmatch(path.stem)
        if match is None:
            return None
        actor, sentence, emotion, intensity = match.groups()
        if emotion not in CREMA_D_EMOTIONS:
            return f"unknown emotion ({emotion})"
        return Item(
            id=f"crema-d-{path.stem}",
            audio=path,
            text=CREMA_D_SENTENCES.get(sentence),
            emotions=(CREMA_D_EMOTIONS[emotion],),
            speaker=f"crema-d-{actor}",
            corpus="crema-d",
            gender=genders.get(actor),
            language="en",
            original_label=emotion,
            intensity=intensity,
        )

    return read_clips(CREMA_D, root, parse, skipped)


def read_emodb(root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]:
    """Read EmoDB (German); boredom, which no other corpus has, is left out."""

    def parse(path: Path) -> Parsed | None:
        match = _EMODB.fullmatch(path.stem)
        if match is None:
            return None
        speaker, sentence, emotion, _ = match.groups()
        if emotion not in EMODB_EMOTIONS:
            return "boredom (L)" if emotion == EMODB_BOREDOM else f"unknown emotion ({emotion})"
        return Item(
            id=f"emodb-{path.stem}",
            audio=path,
            text=EMODB_SENTENCES.get(sentence),
            emotions=(EMODB_EMOTIONS[emotion],),
            speaker=f"emodb-{speaker}",
            corpus="emodb",
            gender=FEMALE if speaker in EMODB_WOMEN else MALE,
            language="de",
            original_label=emotion,
        )

    return read_clips(EMODB, root, parse, skipped)


def read_tess(root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]:
    """Read TESS: "Say the word …" by an older and a younger woman."""

    def parse(path: Path) -> Parsed | None:
        match = _TESS.fullmatch(path.stem)
        if match is None:
            return None
        word, emotion = match[2].lower(), match[3].lower()
        if emotion not in TESS_EMOTIONS:
            return f"unknown emotion ({emotion})"
        speaker = match[1].upper()[:2] + "F"
        return Item(
            id=f"tess-{speaker}_{word}_{emotion}",
            audio=path,
            text=f"Say the word {word}.",
            emotions=(TESS_EMOTIONS[emotion],),
            speaker=f"tess-{speaker}",
            corpus="tess",
            gender=FEMALE,
            language="en",
            original_label=emotion,
        )

    return read_clips(TESS, root, parse, skipped)


def read_savee(root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]:
    """Read SAVEE; its file names do not tell the words, so the text is missing."""

    def parse(path: Path) -> Parsed | None:
        match = _SAVEE.fullmatch(path.stem)
        if match is None:
            return None
        speaker, emotion, sentence = match[1] or path.parent.name, match[2], match[3]
        if speaker not in SAVEE_SPEAKERS:
            return f"the speaker's folder must be one of {', '.join(SAVEE_SPEAKERS)}"
        return Item(
            id=f"savee-{speaker}_{emotion}{sentence}",
            audio=path,
            text=None,
            emotions=(SAVEE_EMOTIONS[emotion],),
            speaker=f"savee-{speaker}",
            corpus="savee",
            gender=MALE,
            language="en",
            original_label=emotion,
        )

    return read_clips(SAVEE, root, parse, skipped)


def read_esd(root: str | Path, skipped: list[Skipped] | None = None) -> list[Item]:
    """Read ESD: speakers 0001-0010 Mandarin, 0011-0020 English.

    The split is the folder train, evaluation or test where the copy has them. It divides
    sentences, not speakers.
    """
    transcripts = _esd_transcripts(existing_folder(root))

    def parse(path: Path) -> Parsed | None:
        match = _ESD.fullmatch(path.stem)
        if match is None:
            return None
        speaker = match[1]
        folders = [folder.lower() for folder in path.parts[:-1]]
        emotion = next((name for name in reversed(folders) if name in ESD_EMOTIONS), None)
        if emotion is None:
            return "no folder names its emotion"
        return Item(
            id=f"esd-{path.stem}",
            audio=path,
            text=transcripts.get(path.stem),
            emotions=(ESD_EMOTIONS[emotion],),
            speaker=f"esd-{speaker}",
            split=ESD_SPLITS.get(folders[-1]),
            corpus="esd",
            gender=FEMALE if speaker in ESD_WOMEN else MALE,
            language="zh" if int(speaker) <= 10 else "en",
            original_label=emotion,
        )

    return read_clips(ESD, root, parse, skipped)


def _crema_d_genders(root: Path) -> dict[str, str]:
    """Gender by actor; empty where the copy comes without the table."""
    table = next(root.rglob("VideoDemographics.csv"), None)
    if table is None:
        return {}
    rows = csv.DictReader(read_text(table, "utf-8", "cp1252").splitlines())
    return {row.get("ActorID", ""): (row.get("Sex") or "").lower() for row in rows}


def _esd_transcripts(root: Path) -> dict[str, str]:
    """Words by utterance, from each speaker's 0001.txt (id, words and emotion).

    The release mixes encodings: UTF-8, UTF-16, GB 2312 for Mandarin, Latin-1 for English.
    """
    transcripts: dict[str, str] = {}
    for path in sorted(root.rglob("00[0-2][0-9].txt")):
        fallback = "gb18030" if int(path.stem) <= 10 else "cp1252"
        for line in read_text(path, "utf-8", fallback).splitlines():
            match = _ESD_LINE.fullmatch(line.strip())
            if match:
                words = match[2].rpartition("\t")[0] or _ESD_EMOTION.sub("", match[2])
                transcripts[match[1]] = words.strip()
    return transcripts


RAVDESS = Corpus(
    "ravdess", "RAVDESS", read_ravdess, "clips named like Actor_01/03-01-05-01-01-01-01.wav"
)
CREMA_D = Corpus(
    "crema-d",
    "CREMA-D",
    read_crema_d,
    "clips named like AudioWAV/1001_DFA_ANG_XX.wav",
    labels=tuple(sorted(CREMA_D_EMOTIONS.values())),
)
EMODB = Corpus(
    "emodb",
    "EmoDB",
    read_emodb,
    "clips named like wav/03a01Fa.wav",
    labels=tuple(sorted(EMODB_EMOTIONS.values())),
)
TESS = Corpus("tess", "TESS", read_tess, "clips named like OAF_angry/OAF_back_angry.wav")
SAVEE = Corpus("savee", "SAVEE", read_savee, "clips named like DC_a01.wav or DC/a01.wav")
ESD = Corpus(
    "esd",
    "ESD",
    read_esd,
    "clips named like 0011/Angry/0011_000351.wav, words in 0011/0011.txt",
    labels=tuple(sorted(ESD_EMOTIONS.values())),
)
