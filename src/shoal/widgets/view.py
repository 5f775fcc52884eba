"""What every widget of a review is: an anywidget whose messages one :class:`Host` answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from shoal.errors import MissingError
from shoal.review.review import Review
from shoal.widgets.columns import Columns
from shoal.widgets.host import Host
from shoal.widgets.pictures import PictureSource

__all__ = ["STATIC", "ReviewWidget", "built"]

STATIC = Path(__file__).parent / "static"
REVISION_S = 0.2
"""How long the revision trait may be behind the events, seconds."""


def built(name: str) -> Path | str:
    """A file of the built bundle for a class to name; empty text when it is not there yet."""
    path = STATIC / name
    return path if path.exists() else ""


class ReviewWidget(anywidget.AnyWidget):
    """Base of the widgets that show and edit a review.

    Any number of them show one review; each edit reaches all of them.

    Parameters
    ----------
    review : Review
        What to show and edit.
    pictures : PictureSource, optional
        Where thumbnails come from; the review's folder when left out.
    columns : Columns, optional
        Per-item columns; from the review when left out.

    Raises
    ------
    MissingError
        When the widget has not been built.
    """

    _script = ""
    _revision = traitlets.Int(0).tag(sync=True)
    theme = traitlets.Enum(["auto", "light", "dark"], "auto").tag(sync=True)

    def __init__(
        self,
        review: Review,
        *,
        pictures: PictureSource | None = None,
        columns: Columns | None = None,
        **traits: Any,
    ) -> None:
        if not built(self._script):
            raise MissingError(
                f"the widget has not been built ({self._script} is missing)",
                hint="In a checkout, run `make dev` or `make test`.",
            )
        super().__init__(**traits)
        self.review = review
        self._noted: asyncio.TimerHandle | None = None
        self._host = Host(review, self._post, pictures=pictures, columns=columns)
        self._follow_revision()
        self.on_msg(self._on_request)  # pyright: ignore[reportUnknownMemberType] - ipywidgets has no types here

    def _post(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        self.send(content, buffers)  # pyright: ignore[reportUnknownMemberType] - as above
        if content.get("type") == "event":
            self._note_revision()

    def _note_revision(self) -> None:
        """Let the trait follow, for views that missed the event: later, or the reply would wait for it."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # another thread, or no kernel at all
            self._follow_revision()
            return
        if self._noted is None:
            self._noted = loop.call_later(REVISION_S, self._follow_revision)

    def _follow_revision(self) -> None:
        self._noted = None
        self._revision = self.review.revision
        self._expect()

    def _expect(self) -> None:
        """Tell views what they will show first, so that they can ask for it before they know more."""

    def _on_request(self, _widget: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        self._host.handle(content, buffers)

    def close(self) -> None:
        """Take the widget away; the review stays."""
        if hasattr(self, "_host"):
            self._host.close()
            if self._noted is not None:
                self._noted.cancel()
        super().close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.review!r})"
