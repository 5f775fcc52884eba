"""How any step runs: ordered batches over an executor, progress, cancelling, seeds and run records."""
