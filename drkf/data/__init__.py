"""Labelled speech and text: the manifest and the corpus readers."""
