"""Widgets: views on the in-kernel state, for notebooks."""
