"""Training the compact model: configuration, batches, stages, export."""
