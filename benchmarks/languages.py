"""How often English is taken for another language: python benchmarks/languages.py TEXTS.csv …

Each table has a column text (or transcript) of English sentences. Prints the share of each that
is taken for another language, which must stay below the limit, and the sentences.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from drkf.data.manifest import read_inputs
from drkf.errors import DRKFError
from drkf.language import foreign_language, language_name

LIMIT = 0.005


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("tables", nargs="+", type=Path, help="CSV, TSV or JSONL")
    args = parser.parse_args()
    worst = 0.0
    print("| table | sentences | taken for another language |")
    print("| --- | --- | --- |")
    taken: list[str] = []
    for table in args.tables:
        texts = [row.text for row in read_inputs(table) if row.text]
        found = [(text, foreign_language(text)) for text in texts]
        wrong = [(text, language) for text, language in found if language is not None]
        taken += [f"{language_name(code)}: {text}" for text, (code, _) in wrong]
        share = len(wrong) / max(1, len(texts))
        worst = max(worst, share)
        print(f"| {table.stem} | {len(texts)} | {100 * share:.2f} % |")
    print("\n".join(["", *taken]))
    return int(worst >= LIMIT)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except DRKFError as error:
        sys.exit(str(error))
