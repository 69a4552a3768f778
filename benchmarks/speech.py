"""Which recordings are refused as no speech: python benchmarks/speech.py MANIFEST.csv

The manifest is a table of clips that all hold a voice, with the columns audio, emotion and corpus.
Prints for each corpus and emotion the share of clips that are refused, and the share that is
analysed with the note that it is not certain that somebody speaks.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm.auto import tqdm

from drkf.audio.activity import find_speech
from drkf.audio.clip import load_audio
from drkf.data.manifest import Item, read_manifest
from drkf.errors import AudioError, DRKFError

SPEECH, UNSURE, REFUSED, UNREADABLE = "speech", "unsure", "refused", "unreadable"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("manifest", type=Path, help="CSV, TSV or JSONL")
    parser.add_argument("--every", type=int, default=1, help="take each n-th clip (default: all)")
    parser.add_argument("--list", action="store_true", help="also print what was refused")
    args = parser.parse_args()
    items = [item for item in read_manifest(args.manifest) if item.audio is not None]
    items = items[:: args.every]
    with ThreadPoolExecutor(2) as pool:
        found = list(tqdm(pool.map(outcome, items), total=len(items), unit="clip", disable=None))
    print("\n".join(table(items, found)))
    if args.list:
        print("\n".join(i.id for i, one in zip(items, found, strict=True) if one == REFUSED))
    return 0


def outcome(item: Item) -> str:
    """What the page would do with a clip."""
    try:
        speech = find_speech(load_audio(item.audio))
    except AudioError:  # too short, for one
        return UNREADABLE
    if speech is None:
        return REFUSED
    return SPEECH if speech.certain else UNSURE


def table(items: Iterable[Item], found: Iterable[str]) -> Iterator[str]:
    """The lines of a Markdown table, a corpus's whole before its emotions."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    for item, one in zip(items, found, strict=True):
        corpus = item.corpus or "no corpus"
        for key in (("all", ""), (corpus, ""), (corpus, item.emotion)):
            counts.setdefault(key, Counter())[one] += 1
    yield "| corpus | emotion | clips | refused | analysed, not certain |"
    yield "| --- | --- | --: | --: | --: |"
    for (corpus, emotion), count in sorted(counts.items()):
        clips = count.total() - count[UNREADABLE]
        shares = " | ".join(f"{100 * count[k] / max(1, clips):.2f} %" for k in (REFUSED, UNSURE))
        yield f"| {corpus} | {emotion or 'all'} | {clips} | {shares} |"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DRKFError as error:
        sys.exit(str(error))
