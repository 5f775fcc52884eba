"""Atomic files, locks and the embedding cache."""
