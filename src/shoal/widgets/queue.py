"""The queue: one question after the other, with big pictures and one key an answer, as an anywidget."""

from __future__ import annotations

from pathlib import Path

import traitlets

from shoal.review.review import Review, open_review
from shoal.widgets.view import ReviewWidget, built

__all__ = ["Queue", "queue"]


class Queue(ReviewWidget):
    """The widget that :func:`queue` makes. Any number of views, and browsers of the same review, stay equal.

    Parameters
    ----------
    review : Review
        What to ask about and edit.
    mode : {"review", "pairs", "sort", "audit"}
        What it begins with.
    height : int
        Height in px.
    theme : {"auto", "light", "dark"}
        ``"auto"`` follows JupyterLab.
    """

    _script = "queue.js"
    _esm = built("queue.js")
    _css = built("queue.css")
    mode = traitlets.Enum(["review", "pairs", "sort", "audit"], "review").tag(sync=True)
    height = traitlets.Int(640, help="px").tag(sync=True)


def queue(
    review: Review | str | Path, *, mode: str = "review", height: int = 640, theme: str = "auto"
) -> Queue:
    """Show the queue: what is worth asking most comes first, and one key answers it.

    Parameters
    ----------
    review : Review or path
        A review, or a clustered folder to open.
    mode : {"review", "pairs", "sort", "audit"}
        ``"review"``: are these the same, do these belong here, who is this, in the order of what each key
        brings. ``"pairs"``: two items at a time, yes, no or unsure; answers are links that the next
        clustering keeps. ``"sort"``: what is left in noise, one picture after the other, with suggestions and
        auto-move. ``"audit"``: a random sample, and from it how right the review is.
    height : int
        Height in px.
    theme : {"auto", "light", "dark"}
        ``"auto"`` follows JupyterLab.

    Returns
    -------
    Queue
        As the last value of a cell it is shown. Each answer is an edit of ``review`` in the kernel, and can
        be undone like any other.

    Raises
    ------
    MissingError
        When there is no such folder.
    """
    if not isinstance(review, Review):
        review = open_review(review)
    return Queue(review, mode=mode, height=height, theme=theme)
