"""Checks of a scenario's values, each with one short line for the user."""

from __future__ import annotations

from typing import Any

from drkf.errors import ScenarioError


def require(holds: bool, rule: str) -> None:
    """Raises ScenarioError with the rule that does not hold."""
    if not holds:
        raise ScenarioError(f"The scenario is not usable: {rule}.")


def require_range(what: str, value: Any, limits: tuple[float, float], unit: str) -> None:
    """Raises ScenarioError unless ``value`` is a number within the limits, both included."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    low, high = limits
    if not (number and low <= value <= high):
        raise ScenarioError(
            f"The scenario is not usable: {what} must be {low:g} to {high:g} {unit}".rstrip() + "."
        )


def quoted(value: Any) -> str:
    """A value from a file on one short line."""
    return repr(value)[:40]
