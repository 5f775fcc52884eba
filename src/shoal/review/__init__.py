"""The review.

The one mutable object, edited by commands, each of which becomes a logged and reversible change.
"""
