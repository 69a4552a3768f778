"""Label sets and the maps from corpora's own labels to them."""

EMOTIONS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
"""The compact model's labels, in the order of its logits."""

#: Names that corpora use for the seven emotions (lower case).
SYNONYMS = {
    "angry": "anger",
    "ang": "anger",
    "disgusted": "disgust",
    "dis": "disgust",
    "fearful": "fear",
    "fea": "fear",
    "scared": "fear",
    "happy": "joy",
    "happiness": "joy",
    "hap": "joy",
    "calm": "neutral",
    "neu": "neutral",
    "sad": "sadness",
    "surprised": "surprise",
    "sur": "surprise",
}


def canonical(label: str, labels: tuple[str, ...] = EMOTIONS) -> str | None:
    """The label of ``labels`` that ``label`` names, or None if there is none."""
    name = label.strip().lower()
    name = SYNONYMS.get(name, name)
    return name if name in labels else None
