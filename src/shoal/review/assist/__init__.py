"""Assisted sorting: what is alike, what to ask next, and what the answers teach."""
