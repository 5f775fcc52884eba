"""The cluster browser: sidebar, grid and map of one review, as an anywidget."""

from __future__ import annotations

from pathlib import Path

import traitlets

from shoal.review.review import Review, open_review
from shoal.widgets.view import ReviewWidget, built

__all__ = ["Browser", "browse"]


class Browser(ReviewWidget):
    """The widget that :func:`browse` makes.

    Any number of views of it, and of other browsers of the same review, stay equal.

    Parameters
    ----------
    review : Review
        What to show and edit.
    height : int
        Height in px.
    theme : {"auto", "light", "dark"}
        ``"auto"`` follows JupyterLab.
    """

    _script = "browser.js"
    _esm = built("browser.js")
    _css = built("browser.css")
    height = traitlets.Int(680, help="px").tag(sync=True)
    view_state = traitlets.Dict().tag(sync=True)
    _expected = traitlets.Dict().tag(sync=True)

    def _expect(self) -> None:
        places = ["xy"] if "xy" in self.review.session.table.columns else []
        self._expected = {"items": len(self.review), "columns": ["codes", *places]}


def browse(review: Review | str | Path, *, height: int = 680, theme: str = "auto") -> Browser:
    """Show the cluster browser.

    Parameters
    ----------
    review : Review or path
        A review, or a clustered folder to open.
    height : int
        Height in px.
    theme : {"auto", "light", "dark"}
        ``"auto"`` follows JupyterLab.

    Returns
    -------
    Browser
        As the last value of a cell it is shown. It edits ``review`` in the kernel; ``review.save()``, or
        Ctrl+S in the browser, writes to the folders.

    Raises
    ------
    MissingError
        When there is no such folder.
    """
    if not isinstance(review, Review):
        review = open_review(review)
    return Browser(review, height=height, theme=theme)
