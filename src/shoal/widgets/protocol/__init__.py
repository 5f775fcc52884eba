"""The messages between a widget and its kernel: the single source of truth for both sides.

A view sends a *request* and gets exactly one *reply* with the same ``id``. The kernel sends *events* to every
view. Arrays and pictures travel as binary buffers beside the JSON; a payload names them by their place in the
list of buffers. The TypeScript types in ``widgets_js/src/protocol/messages.gen.ts`` are generated from here,
and a test compares them.

An item is named on the wire by its **row**: its place in the item table of the review, which never changes
while a review lives (new items are appended). Rows exist only here and in the codec; everything people see
uses string ids.
"""

from __future__ import annotations

from typing import Any

from shoal.widgets.protocol.base import FRAME_BYTES, VERSION
from shoal.widgets.protocol.events import Event
from shoal.widgets.protocol.replies import Reply
from shoal.widgets.protocol.requests import Request

__all__ = ["FRAME_BYTES", "VERSION", "Event", "Reply", "Request", "json_schema"]


def json_schema() -> dict[str, Any]:
    """JSON Schema of all messages (draft 2020-12), from which the TypeScript types are generated."""
    from pydantic.json_schema import models_json_schema

    _, schema = models_json_schema(
        [(Request, "validation"), (Reply, "serialization"), (Event, "serialization")], title="shoal messages"
    )
    return schema
