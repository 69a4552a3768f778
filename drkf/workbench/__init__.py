"""Error analysis of a labelled set: where a model fails, and why."""

from drkf import extras

extras.require_extra("workbench")
