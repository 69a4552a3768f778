"""A work folder belongs to one run: what the run is of stands in a file there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drkf.errors import ConfigError
from drkf.files import read_json, write_json

#: The weights of the best epoch, in a stage's folder.
BEST = "best.safetensors"
#: What a finished run found, in its folder.
RESULT = "result.json"
#: What to do about a work folder that belongs to another run.
OWN_FOLDER = "give an empty folder, or the settings it was begun with"


def require_same_run(path: Path, settings: Mapping[str, Any], writes: bool = True) -> None:
    """Notes in ``path`` what a run is of, so that a finished part of it is never taken for one
    of other data, another model or another seed.

    Args:
        settings: JSON-safe values by name.
        writes: False in a process that only checks.

    Raises:
        ConfigError: the folder belongs to a run with other settings; the message names them.
    """
    settings = json.loads(json.dumps(settings))
    if path.is_file():
        begun = read_json(path, ConfigError, OWN_FOLDER)
        require_same_settings(path.parent, begun, settings)
    elif writes:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, settings)


def require_same_settings(
    folder: Path, begun: Mapping[str, Any], settings: Mapping[str, Any]
) -> None:
    """Compares the settings that ``folder`` was begun with to those of now.

    Raises:
        ConfigError: the two differ; the message names the settings.
    """
    changed = [name for name, value in settings.items() if begun.get(name) != value]
    if changed:
        raise ConfigError(
            f"{folder} holds a run with another {' and '.join(changed)}: {OWN_FOLDER}"
        )
