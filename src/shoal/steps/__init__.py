"""The pipeline: one verb a module; data first, everything else keyword-only."""
