"""The error analysis tab."""
