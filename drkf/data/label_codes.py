"""How corpora write emotions: one table for each corpus, and the words of everyday use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from drkf.labels import EMOTIONS, canonical

RAVDESS_EMOTIONS = {
    "01": "neutral",
    "02": "neutral",  # calm
    "03": "joy",
    "04": "sadness",
    "05": "anger",
    "06": "fear",
    "07": "disgust",
    "08": "surprise",
}
CREMA_D_EMOTIONS = {
    "ANG": "anger",
    "DIS": "disgust",
    "FEA": "fear",
    "HAP": "joy",
    "NEU": "neutral",
    "SAD": "sadness",
}
EMODB_EMOTIONS = {
    "W": "anger",  # Wut
    "E": "disgust",  # Ekel
    "A": "fear",  # Angst
    "F": "joy",  # Freude
    "N": "neutral",
    "T": "sadness",  # Trauer
}
EMODB_BOREDOM = "L"  # Langeweile
TESS_EMOTIONS = {
    "angry": "anger",
    "disgust": "disgust",
    "fear": "fear",
    "happy": "joy",
    "neutral": "neutral",
    "ps": "surprise",  # pleasant surprise
    "sad": "sadness",
}
SAVEE_EMOTIONS = {
    "a": "anger",
    "d": "disgust",
    "f": "fear",
    "h": "joy",
    "n": "neutral",
    "sa": "sadness",
    "su": "surprise",
}
ESD_EMOTIONS = {
    "angry": "anger",
    "happy": "joy",
    "neutral": "neutral",
    "sad": "sadness",
    "surprise": "surprise",
}
#: EMOVO (Italian): rabbia, disgusto, paura, gioia, neutrale, tristezza, sorpresa.
EMOVO_EMOTIONS = {
    "rab": "anger",
    "dis": "disgust",
    "pau": "fear",
    "gio": "joy",
    "neu": "neutral",
    "tri": "sadness",
    "sor": "surprise",
}
#: CaFE (French): colère, dégoût, joie, neutre, peur, surprise, tristesse.
CAFE_EMOTIONS = {
    "C": "anger",
    "D": "disgust",
    "P": "fear",
    "J": "joy",
    "N": "neutral",
    "T": "sadness",
    "S": "surprise",
}
#: ShEMO (Persian).
SHEMO_EMOTIONS = {
    "A": "anger",
    "F": "fear",
    "H": "joy",
    "N": "neutral",
    "S": "sadness",
    "W": "surprise",
}
#: MSP-Podcast and MSP-IMPROV; contempt, other and no agreement have no near label.
MSP_EMOTIONS = {
    "A": "anger",
    "D": "disgust",
    "F": "fear",
    "H": "joy",
    "N": "neutral",
    "S": "sadness",
    "U": "surprise",
    "C": "",
    "O": "",
    "X": "",
}
#: eNTERFACE'05.
ENTERFACE_EMOTIONS = {
    "an": "anger",
    "di": "disgust",
    "fe": "fear",
    "ha": "joy",
    "sa": "sadness",
    "su": "surprise",
}

#: Corpus -> code -> the model's label, "" where none is near. Spelled as :func:`corpus_name` does.
CORPUS_CODES: dict[str, Mapping[str, str]] = {
    "ravdess": RAVDESS_EMOTIONS,
    "cremad": CREMA_D_EMOTIONS,
    "emodb": {**EMODB_EMOTIONS, EMODB_BOREDOM: ""},
    "tess": TESS_EMOTIONS,
    "savee": SAVEE_EMOTIONS,
    "esd": ESD_EMOTIONS,
    "emovo": EMOVO_EMOTIONS,
    "cafe": CAFE_EMOTIONS,
    "shemo": SHEMO_EMOTIONS,
    "msppodcast": MSP_EMOTIONS,
    "enterface": ENTERFACE_EMOTIONS,
}
#: Below so many different labels of a column they could be of many corpora.
MIN_CODES = 3
#: The share of a column's different labels that must be codes of a corpus, and of no other.
MIN_KNOWN = 0.75

#: Other names for emotions, besides those of ``drkf.labels``, as :func:`letters` spells them. Where
#: a set of labels is finer than the model's, the nearest one, as the literature merges them
#: (IEMOCAP's excited with happy); what has no near one, such as frustration or boredom, stays
#: without.
LOOSE_LABELS = {
    **dict.fromkeys(
        ("angriness", "rage", "fury", "furious", "hotanger", "coldanger", "mad", "irritated"),
        "anger",
    ),
    **dict.fromkeys(("disgusting", "revulsion"), "disgust"),
    **dict.fromkeys(
        ("afraid", "anxiety", "anxious", "frightened", "terrified", "panic", "feared"), "fear"
    ),
    **dict.fromkeys(
        ("exc", "excited", "excitement", "elation", "joyful", "joyous", "amusement", "amused"),
        "joy",
    ),
    **dict.fromkeys(("neutrality", "noemotion", "none"), "neutral"),
    **dict.fromkeys(("unhappy", "sorrow", "grief", "sadly"), "sadness"),
    **dict.fromkeys(
        ("pleasantsurprise", "pleasantsurprised", "ps", "astonished", "amazed"), "surprise"
    ),
    # German, French, Spanish, Italian and Mandarin, as corpora of these languages label.
    **dict.fromkeys(
        (
            *("wut", "wutend", "arger", "argerlich", "zorn", "colere", "enojo", "enfado"),
            *("rabbia", "生气", "愤怒"),
        ),
        "anger",
    ),
    **dict.fromkeys(("ekel", "degout", "asco", "disgusto", "厌恶"), "disgust"),
    **dict.fromkeys(("angst", "furcht", "angstlich", "peur", "miedo", "paura", "恐惧"), "fear"),
    **dict.fromkeys(
        (
            *("freude", "frohlich", "glucklich", "joie", "alegria", "felicidad", "gioia"),
            *("快乐", "高兴", "开心"),
        ),
        "joy",
    ),
    **dict.fromkeys(("neutre", "neutro", "neutrale", "中立", "中性", "平静"), "neutral"),
    **dict.fromkeys(
        ("trauer", "traurig", "tristesse", "tristeza", "tristezza", "伤心", "悲伤", "难过"),
        "sadness",
    ),
    **dict.fromkeys(
        ("uberraschung", "uberrascht", "ueberraschung", "sorpresa", "惊喜", "惊讶"), "surprise"
    ),
}

_SEVERAL = re.compile(r"[|,;/&+]")


def letters(name: str) -> str:
    """A label as ``LOOSE_LABELS`` spells it: lower-case letters alone, without accents."""
    parted = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in parted if c.isalpha())


def corpus_name(name: str) -> str:
    """A corpus's name as ``CORPUS_CODES`` spells it."""
    return re.sub(r"[^a-z]", "", name.lower())


def find_codes(names: Collection[str], corpus: str = "") -> Mapping[str, str]:
    """The code table that the labels of a column are from; empty if none is, or several are.

    A few labels may be none of its codes: those that nobody can know are left to the user.
    Codes are compared as written, and if nothing fits, whatever their case: EmoDB's ``F`` is joy,
    SAVEE's ``f`` is fear.

    Args:
        names: the different labels of the column.
        corpus: what the table calls its corpus, if it says so.
    """
    if named := CORPUS_CODES.get(corpus_name(corpus)):
        return _spelled(named, names) | _spelled(
            named, [name for name in names if name.isdigit()], width=2
        )
    for least in (len(names), max(MIN_CODES + 1, MIN_KNOWN * len(names))):
        for same_case in (True, False):
            found = [_spelled(codes, names, same_case) for codes in CORPUS_CODES.values()]
            most = max(map(len, found))
            if most >= MIN_CODES and least <= most:
                fitting = [one for one in found if len(one) == most]
                return fitting[0] if all(one == fitting[0] for one in fitting) else {}
    return {}


def map_label(name: str, labels: tuple[str, ...] = EMOTIONS) -> str:
    """The model's label that another set's label means, "" if none is near.

    Of a cell with several labels (``joy|surprise``, ``['joy', 'surprise']``) the first counts.
    """
    for part in split_labels(name):
        exact = canonical(part, labels)
        if exact is not None:
            return exact
        loose = LOOSE_LABELS.get(letters(part), "")
        if loose in labels:
            return loose
    return ""


def split_labels(cell: str) -> list[str]:
    """The labels of a cell, in order: one, or several divided by ``|``, comma and the like."""
    parts = (part.strip(" \t'\"[]{}()") for part in _SEVERAL.split(cell))
    return [part for part in parts if part]


def _spelled(
    codes: Mapping[str, str], names: Collection[str], same_case: bool = False, width: int = 0
) -> dict[str, str]:
    """The meaning of those names that are codes, numbers with zeros in front up to ``width``."""
    known = codes if same_case else {code.lower(): label for code, label in codes.items()}
    spelled = {name: (name if same_case else name.lower()).zfill(width) for name in names}
    return {name: known[code] for name, code in spelled.items() if code in known}
