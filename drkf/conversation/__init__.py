"""Speech over time: a running recording, or a whole conversation."""
