"""Building blocks that several messages share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = 1
"""Version of the protocol; a view with another version is told to reload."""

FRAME_BYTES = 900_000
"""No single message carries more buffer bytes than this (servers close or throttle on larger ones)."""


class Message(BaseModel):
    """Base of all messages: frozen, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ArrayRef(Message):
    """An array in a buffer, C order, little endian.

    Packed as ``planes``, the buffer is raw deflate of the first bytes of all records, then of the second
    bytes, and so on; a record is what one item (the first axis) has. Such planes shrink well: clusters lie in
    runs, and neighbours on the map share their first bytes.
    """

    dtype: Literal["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"]
    shape: list[int]
    buffer: int
    packing: Literal["none", "planes"] = "none"


class ItemSet(Message):
    """A set of rows in the smallest of three encodings.

    ``ranges``: uint32 pairs [start, stop); ``rows``: uint32 ascending; ``bits``: one bit a row, least
    significant first.
    """

    encoding: Literal["ranges", "rows", "bits"]
    count: int
    buffer: int


class ClusterInfo(Message):
    """One cluster as the views show it. ``code`` is what the array of codes holds for its items."""

    id: str
    code: int
    kind: Literal["cluster", "noise", "trash"]
    name: str
    description: str
    size: int
    color: int = Field(description="index into the palette; the view takes it modulo the palette's length")
    cover: int | None = Field(description="row of the cover picture")
    reviewed: bool
    tags: list[str]
    cohesion: float | None = Field(
        description="mean cosine similarity to the centroid, 0..1; null when unknown"
    )
    mixed: float | None = Field(
        default=None,
        description="0..1: of one piece, or two halves that have little in common; null: unknown",
    )


class HistoryState(Message):
    """Where the history stands.

    ``cursor`` is the number of edits in force; ``length`` counts those that can be redone too.
    """

    cursor: int
    length: int
    undo_label: str | None
    redo_label: str | None
    unsaved: int = Field(
        description="edits since the last save, undone ones counted too when they change the folder"
    )


class ColumnInfo(Message):
    """A per-item column that a view may fetch with ``get_array`` and sort or colour by."""

    name: str
    title: str
    dtype: Literal["uint8", "uint16", "int32", "float32"]
    per_item: int = Field(description="values per item: 2 for positions, else 1")
    role: Literal["codes", "position", "sort", "colour"]
    ascending: bool = Field(description="natural direction of sorting by this column")
    origin: list[float] | None = Field(
        default=None, description="of a column sent in steps: what 0 stands for, one a value of an item"
    )
    step: list[float] | None = Field(
        default=None, description="what one more stands for; the greatest number of the dtype is no value"
    )
    words: list[str] | None = Field(
        default=None, description="of a column of words: what each number stands for; greater ones for none"
    )


class BrokenItem(Message):
    """A file that cannot be shown, and why."""

    path: str
    reason: str


class ErrorInfo(Message):
    """A failed request, in words for a person."""

    code: str
    message: str
    hint: str
