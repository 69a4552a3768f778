"""Labelled speech and text: the manifest and a reader for each corpus."""

from drkf.data.acted import CREMA_D, EMODB, ESD, RAVDESS, SAVEE, TESS
from drkf.data.corpus import Corpus
from drkf.data.iemocap import IEMOCAP, IEMOCAP_6
from drkf.data.m3ed import M3ED
from drkf.data.meld import MELD
from drkf.errors import CorpusError

#: Every corpus DRKF can read, by the name used on the command line.
CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        IEMOCAP,
        IEMOCAP_6,
        MELD,
        M3ED,
        RAVDESS,
        CREMA_D,
        EMODB,
        TESS,
        SAVEE,
        ESD,
    )
}


def find_corpus(name: str) -> Corpus:
    """The corpus called ``name``.

    Raises:
        CorpusError: there is none; the message lists the known names.
    """
    try:
        return CORPORA[name.lower()]
    except KeyError:
        raise CorpusError(f"Unknown corpus {name!r}. Known: {', '.join(CORPORA)}.") from None
