"""``drkf analyze-set``: a set's results, exports and report, by one process or several."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drkf.cli.arguments import Commands, add_checkpoint, refuse_overwriting
from drkf.data import CORPORA
from drkf.data.clips import Disk, Files, Finder
from drkf.data.columns import Columns, guess_columns, guess_label_map, label_counts
from drkf.data.encodings import decode
from drkf.data.fields import FIELDS
from drkf.data.tables import Sheet, read_sheet
from drkf.errors import ManifestError, shorten
from drkf.files import whole

if TYPE_CHECKING:
    from accelerate import PartialState

    from drkf.workbench.results import Results
    from drkf.workbench.rows import Row
    from drkf.workbench.run import Run
    from drkf.workbench.speakers import SpeakerEffect

OUTCOMES = "outcomes"
MEANINGS = "map.json"
REPORT = "report.html"
TABLES = ("results.csv", "results.jsonl")
#: How long a process may wait for the others; the collective's own limit is half an hour.
PATIENCE = timedelta(days=30)
SHOWN = 10  # bad rows and reasons that are printed; the tables hold all


def add_parser(commands: Commands) -> None:
    """Add the command to the command line; ``args.run`` runs it."""
    parser = commands.add_parser(
        "analyze-set",
        help="analyse a labelled set: tables, exports and an error report",
        description="Columns and labels are guessed, shown, and written to OUT/map.json, which "
        "can be corrected and given back with --map. A run that was stopped or killed goes on "
        "where it was when the command is given again. Over several processes or GPUs: "
        "accelerate launch -m drkf.cli analyze-set …",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--manifest",
        type=Path,
        help="CSV, TSV or JSONL table; a text file, one sentence a line; or a folder of clips",
    )
    source.add_argument("--corpus", choices=CORPORA, help="a corpus as its owners ship it")
    parser.add_argument(
        "--root",
        type=Path,
        help="the corpus's folder; or what the manifest's paths start from (default: its folder)",
    )
    parser.add_argument("--split", help="only this split of the corpus or manifest")
    parser.add_argument("--map", type=Path, help="corrected columns and labels, as OUT/map.json")
    parser.add_argument("--out", type=Path, required=True, help="folder for everything made")
    parser.add_argument(
        "--transcribe", action="store_true", help="recognise the words of clips without any"
    )
    parser.add_argument(
        "--alone",
        action="store_true",
        help="read each clip alone, not beside the other clips of its speaker as well",
    )
    parser.add_argument(
        "--audio", action="store_true", help="put the clips into the report and the dataset"
    )
    parser.add_argument(
        "--compare", type=Path, help="OUT of another checkpoint on this set, to compare with"
    )
    add_checkpoint(parser)
    parser.set_defaults(run=run)


@dataclass(frozen=True)
class SetArguments:
    """What the command is given: a manifest or a corpus, and what to make of it."""

    manifest: Path | None
    corpus: str | None
    root: Path | None
    split: str | None
    map: Path | None
    out: Path
    transcribe: bool
    alone: bool
    audio: bool
    compare: Path | None
    checkpoint: str


@dataclass(frozen=True)
class Meanings:
    """Which columns hold what, and which label means which of the model's ("": none)."""

    columns: Columns
    labels: dict[str, str]

    def save(self, path: Path) -> None:
        with whole(path) as part:
            content = {"columns": self.columns, "labels": self.labels}
            part.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path, guess: Meanings, labels: Sequence[str]) -> Meanings:
        """The guess, corrected by a file that ``save`` wrote and somebody edited.

        Raises:
            ManifestError: the file was not written by ``save``, or it names a column or a label
                that does not exist.
        """
        try:
            content = json.loads(path.read_text("utf-8"))
            columns, names = dict(content["columns"]), dict(content["labels"])
        except OSError as error:
            raise ManifestError(f"{path}: cannot be read ({error.strerror}).") from None
        except (ValueError, KeyError, TypeError):
            raise ManifestError(
                f'{path}: not a map: it must be JSON with "columns" and "labels".'
            ) from None
        for meaning in columns:
            if meaning not in FIELDS:
                raise ManifestError(f"{path}: {meaning!r} is none of {', '.join(FIELDS)}.")
        for name, label in names.items():
            if label not in ("", *labels):
                raise ManifestError(
                    f"{path}: {name!r} is mapped to {label!r}, which is none of the model's "
                    f"labels: {', '.join(labels)}."
                )
        return cls(guess.columns | columns, guess.labels | names)


def run(args: argparse.Namespace) -> int:
    """Run the parsed command."""
    given = vars(args)
    analyze_set(SetArguments(**{field.name: given[field.name] for field in fields(SetArguments)}))
    return 0


def analyze_set(arguments: SetArguments) -> None:
    """Runs what is left of the set and writes its results.

    Raises:
        DRKFError: the input, the map, the checkpoint or the folder for the output is unusable.
    """
    import torch
    from accelerate import PartialState

    from drkf.pipeline import EmotionPipeline
    from drkf.workbench import results as table
    from drkf.workbench.outcomes import Store
    from drkf.workbench.rows import make_rows
    from drkf.workbench.run import Run, SpeakerRun
    from drkf.workbench.speakers import speaker_effect

    out = arguments.out
    for name in (*TABLES, MEANINGS, REPORT):
        refuse_overwriting(out / name, [arguments.manifest])
    refuse_overwriting(out, [arguments.compare])
    compare = table.load_results(arguments.compare) if arguments.compare else None
    sheet, finder = read_source(arguments)
    state = PartialState(cpu=not torch.cuda.is_available(), timeout=PATIENCE)
    pipeline = EmotionPipeline.from_pretrained(arguments.checkpoint, device=str(state.device))
    labels = pipeline.info.labels
    meanings = find_meanings(sheet, arguments.map, labels)
    rows = make_rows(sheet, meanings.columns, meanings.labels, finder, arguments.split)
    store = Store(out / OUTCOMES)
    work = Run(pipeline, rows, store, arguments.transcribe)
    if state.is_main_process:
        meanings.save(out / MEANINGS)
        print_meanings(sheet, meanings, rows)
    share(work, state, "analyse")
    beside = SpeakerRun(work)
    several = beside.beside if not arguments.alone else None
    if several is not None and several.any():
        share(beside, state, "analyse beside the speaker's other clips")
    if state.is_main_process:
        results = alone = work.results()
        if several is not None and several.any():
            results = beside.results()
        write_all(results, out, arguments.audio, compare)
        print_outcome(results, out)
        if several is not None and (effect := speaker_effect(alone, results, several)):
            print_effect(effect)
    state.wait_for_everyone()


def share(work: Run, state: PartialState, doing: str) -> None:
    """Runs what is left of a run, this process its part of it."""
    from accelerate.utils import broadcast_object_list
    from tqdm.auto import tqdm

    # One process says what is left to do, so that all divide the same list.
    left = [work.pending() if state.is_main_process else []]
    pending = broadcast_object_list(left)[0]
    mine = pending[state.process_index :: state.num_processes]
    with tqdm(
        total=len(mine), desc=doing, unit="row", disable=None if state.is_main_process else True
    ) as bar:
        before = len(work.store)
        for _ in work.steps(mine):
            bar.update(len(work.store) - before - bar.n)
    state.wait_for_everyone()
    work.store.refresh()


def print_effect(effect: SpeakerEffect) -> None:
    """Prints what the speakers' other clips changed."""
    print(
        f"{effect.rows} scored rows have a speaker with several clips. Beside the others: "
        f"accuracy {effect.accuracy_beside:.2f}, UAR {effect.uar_beside:.2f}; each clip alone: "
        f"accuracy {effect.accuracy_alone:.2f}, UAR {effect.uar_alone:.2f} (McNemar's test: "
        f"p = {effect.p:.2f}). The tables and the report hold the former; --alone makes the latter."
    )


def read_source(arguments: SetArguments) -> tuple[Sheet, Finder]:
    """The input as a sheet, and where its clips are."""
    from drkf.workbench.sources import clips_sheet, corpus_sheet, texts_sheet

    if arguments.corpus or arguments.manifest is None:
        if arguments.root is None:
            raise ManifestError("Give the corpus's folder: --root DIR.")
        root = arguments.root.absolute()
        return corpus_sheet(arguments.corpus or "", root), Disk(root)
    path = arguments.manifest.absolute()
    if path.is_dir():
        files = Files.under(path)
        return clips_sheet(files), files
    disk = Disk((arguments.root or path.parent).absolute())
    if path.suffix.lower() == ".txt":
        try:
            return texts_sheet(decode(path.read_bytes())), disk
        except OSError as error:
            raise ManifestError(f"{path}: cannot be read: {error.strerror}.") from None
    return read_sheet(path), disk


def find_meanings(sheet: Sheet, path: Path | None, labels: tuple[str, ...]) -> Meanings:
    """The guess, or the guess corrected by a file."""
    columns = guess_columns(sheet)
    guess = Meanings(columns, guess_label_map(sheet, columns["label"], labels, columns["corpus"]))
    if path is None:
        return guess
    found = Meanings.load(path, guess, labels)
    if found.columns["label"] == columns["label"] or found.columns["label"] is None:
        return found
    if found.columns["label"] not in sheet.columns:
        raise ManifestError(f"{path}: there is no column {found.columns['label']!r}.")
    names = guess_label_map(sheet, found.columns["label"], labels, found.columns["corpus"])
    return Meanings(found.columns, names | found.labels)


def print_meanings(sheet: Sheet, meanings: Meanings, rows: Sequence[Row]) -> None:
    """Prints what the columns and labels are taken for, and what is left out."""
    used = [f"{meaning} from {c!r}" for meaning, c in meanings.columns.items() if c is not None]
    print(f"Columns: {'; '.join(used)}.")
    counts = label_counts(sheet, meanings.columns.get("label"))
    if counts:
        pairs = [f"{shorten(n, 40)} = {meanings.labels.get(n) or '?'}" for n in counts]
        print(f"Labels: {', '.join(pairs[:40])}{', …' if len(pairs) > 40 else ''}.")
    unmapped = sum(1 for row in rows if row.original_label and not row.label)
    if unmapped:
        print(f"{unmapped} rows have a label that is none of the model's: not scored.")
    for reason, count in list(sheet.skipped.items())[:SHOWN]:
        print(f"Left out: {count} ({reason})")
    sys.stdout.flush()


def write_all(results: Results, out: Path, audio: bool, compare: Results | None) -> None:
    """The tables, the dataset and the report."""
    from drkf.workbench import export, report
    from drkf.workbench import results as table

    table.save_results(results, out)
    frame = export.with_notes(results)
    export.write_csv(frame, out / TABLES[0])
    export.write_jsonl(frame, out / TABLES[1])
    export.write_dataset(results, out / "dataset", audio=audio)
    report.write_html(results, out / REPORT, audio=audio, compare=compare)


def print_outcome(results: Results, out: Path) -> None:
    """Prints how it went, with the first bad rows."""
    bad: Any = results.table[~results.usable]
    scored = results.scored
    print(f"{len(results)} rows: {int(results.usable.sum())} analysed, {len(bad)} could not be.")
    if scored.any():
        right = results.table.loc[scored, "correct"].mean()
        print(
            f"{int(scored.sum())} of {len(results)} rows scored: accuracy {right:.2f} on the rows "
            "with a label of the model's."
        )
    for identity, error in list(zip(bad["id"], bad["error"], strict=True))[:SHOWN]:
        print(f"  {shorten(identity)}: {shorten(error, 200)}")
    if len(bad) > SHOWN:
        print(f"  … and {len(bad) - SHOWN} more in {out / 'results.csv'}")
    print(f"Written to {out}: {REPORT}, results.csv, results.jsonl, results.parquet, dataset/.")
