"""Edits of voice and words, applied and compared."""
