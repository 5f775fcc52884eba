"""Frozen tables handed from step to step, and safe reading of pictures."""
