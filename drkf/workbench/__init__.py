"""Error analysis of a labelled set: where a model fails, and why."""
