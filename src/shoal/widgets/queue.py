"""The queue: one question after the other, with big pictures and one key an answer, as an anywidget."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from shoal.errors import MissingError
from shoal.review.review import Review, open_review
from shoal.widgets.browser import STATIC
from shoal.widgets.columns import Columns
from shoal.widgets.host import Host
from shoal.widgets.pictures import PictureSource

__all__ = ["Queue", "queue"]

_SCRIPT, _STYLE = STATIC / "queue.js", STATIC / "queue.css"


class Queue(anywidget.AnyWidget):
    """The widget that :func:`queue` makes. Any number of views, and browsers of the same review, stay equal.

    Parameters
    ----------
    review : Review
        What to ask about and edit.
    mode : {"review", "sort", "audit"}
        What it begins with.
    height : int
        Height in px.
    theme : {"auto", "light", "dark"}
        ``"auto"`` follows JupyterLab.
    """

    _esm = _SCRIPT if _SCRIPT.exists() else ""
    _css = _STYLE if _STYLE.exists() else ""
    _revision = traitlets.Int(0).tag(sync=True)
    mode = traitlets.Enum(["review", "sort", "audit"], "review").tag(sync=True)
    height = traitlets.Int(640, help="px").tag(sync=True)
    theme = traitlets.Enum(["auto", "light", "dark"], "auto").tag(sync=True)

    def __init__(
        self,
        review: Review,
        *,
        pictures: PictureSource | None = None,
        columns: Columns | None = None,
        **traits: Any,
    ) -> None:
        if not _SCRIPT.exists():
            raise MissingError(
                f"the queue has not been built ({_SCRIPT.name} is missing)",
                hint="In a checkout, run `make dev` or `make test`.",
            )
        super().__init__(**traits)
        self.review = review
        self._host = Host(review, self._post, pictures=pictures, columns=columns)
        self._revision = review.revision
        self.on_msg(self._on_request)  # pyright: ignore[reportUnknownMemberType] - ipywidgets has no types here

    def _post(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        if content.get("type") == "event":
            self._revision = content["revision"]
        self.send(content, buffers)  # pyright: ignore[reportUnknownMemberType] - as above

    def _on_request(self, _widget: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        self._host.handle(content, buffers)

    def close(self) -> None:
        """Take the widget away; the review stays."""
        if hasattr(self, "_host"):
            self._host.close()
        super().close()

    def __repr__(self) -> str:
        return f"Queue({self.review!r})"


def queue(
    review: Review | str | Path, *, mode: str = "review", height: int = 640, theme: str = "auto"
) -> Queue:
    """Show the queue: what is worth asking most comes first, and one key answers it.

    Parameters
    ----------
    review : Review or path
        A review, or a clustered folder to open.
    mode : {"review", "sort", "audit"}
        ``"review"``: are these the same, do these belong here, who is this, in the order of what each key
        brings. ``"sort"``: what is left in noise, one picture after the other, with suggestions and
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
