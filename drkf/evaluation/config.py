"""What a training's configuration file may set of its evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from drkf.errors import ConfigError


@dataclass(frozen=True)
class YardstickConfig:
    """What is measured after each epoch and chooses among them.

    Args:
        unseen: corpora that are never trained on.
        unscored: corpora whose voices do not count in the score that chooses epochs.
        known: how many clips of an unseen voice are known, the clip itself included, where the
            model uses a voice's reference; 0 is all of them.
        pairs: voices that are paired with a consistent and an inconsistent text.
    """

    unseen: tuple[str, ...] = ()
    unscored: tuple[str, ...] = ()
    known: tuple[int, ...] = (1, 9)
    pairs: int = 700

    def __post_init__(self) -> None:
        if self.pairs < 1 or any(count < 0 for count in self.known):
            raise ConfigError("yardstick.pairs must be at least 1, and known counts at least 0")
