"""The cluster browser: sidebar, grid and map of one review, as an anywidget."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from shoal.errors import MissingError
from shoal.review.review import Review, open_review
from shoal.widgets.columns import Columns
from shoal.widgets.host import Host
from shoal.widgets.pictures import PictureSource

__all__ = ["Browser", "browse"]

STATIC = Path(__file__).parent / "static"


def _static(name: str) -> Path:
    path = STATIC / name
    if not path.exists():
        raise MissingError(
            f"the browser has not been built ({path.name} is missing)",
            hint="In a checkout, run `make dev` or `make test`.",
        )
    return path


class Browser(anywidget.AnyWidget):
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

    _esm = _static("browser.js") if (STATIC / "browser.js").exists() else ""
    _css = _static("browser.css") if (STATIC / "browser.css").exists() else ""
    _revision = traitlets.Int(0).tag(sync=True)
    height = traitlets.Int(680, help="px").tag(sync=True)
    theme = traitlets.Enum(["auto", "light", "dark"], "auto").tag(sync=True)
    view_state = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        review: Review,
        *,
        pictures: PictureSource | None = None,
        columns: Columns | None = None,
        **traits: Any,
    ) -> None:
        _static("browser.js")
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
        return f"Browser({self.review!r})"


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
