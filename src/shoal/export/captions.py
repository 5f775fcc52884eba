"""Captions of a training set: from the review, from sidecars, from a template; with the trigger word."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from shoal.errors import BadInputError
from shoal.review.records import ClusterRecord
from shoal.review.review import Review

__all__ = ["CaptionSource", "Captions"]

CaptionSource = Literal["review", "sidecar", "template"]
_SOURCES = ("review", "sidecar", "template")
_FIELDS = ("cluster", "description", "tags", "view", "trigger")
_SIDECARS = (".txt", ".caption")
_LONGEST = 100_000


class Captions:
    """How captions are made.

    Parameters
    ----------
    sources : sequence of {"review", "sidecar", "template"}
        The first that gives text is taken: the caption set in the review, the ``.txt`` or ``.caption`` beside
        the picture, the template.
    template : str
        With ``{cluster}``, ``{description}``, ``{tags}``, ``{view}`` (of tags like ``view:front``) and
        ``{trigger}``. Commas around what is empty are dropped.
    triggers : mapping of str to str
        Cluster name → the word that every caption of it begins with, unless it holds it already.
    """

    def __init__(self, sources: Sequence[CaptionSource], template: str, triggers: Mapping[str, str]) -> None:
        unknown = [source for source in sources if source not in _SOURCES]
        if unknown:
            raise BadInputError(
                f"captions from {unknown[0]!r} are unknown", hint=f"Known: {', '.join(_SOURCES)}."
            )
        try:
            fields = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
        except ValueError as error:
            raise BadInputError(
                f"the template {template!r} cannot be read: {error}", hint="Write braces in pairs."
            ) from error
        if not fields <= set(_FIELDS):
            raise BadInputError(
                f"the template has no field {min(fields - set(_FIELDS))!r}",
                hint=f"Known: {', '.join('{' + name + '}' for name in _FIELDS)}.",
            )
        self.sources, self.template, self.triggers = tuple(sources), template, dict(triggers)

    def of(self, review: Review, row: int, record: ClusterRecord, tags: Sequence[str]) -> str:
        """The caption of one item."""
        trigger = self.triggers.get(record.name, "")
        text = next(
            (text for source in self.sources if (text := self._from(source, review, row, record, tags))), ""
        )
        if trigger and not re.search(rf"(?<!\w){re.escape(trigger)}(?!\w)", text, re.IGNORECASE):
            text = f"{trigger}, {text}" if text else trigger
        return text

    def _from(self, source: str, review: Review, row: int, record: ClusterRecord, tags: Sequence[str]) -> str:
        table = review.session.table
        if source == "review":
            return _one_line(str(review.session.state.notes["caption"].get(row) or ""))
        if source == "sidecar":
            return _sidecar(review.file(table.ids[row]))
        view = next((tag[5:] for tag in tags if tag.startswith(("view:", "view="))), "")
        plain = ", ".join(tag for tag in tags if not tag.startswith(("view:", "view=")))
        text = self.template.format(
            cluster=record.name,
            description=_one_line(record.description),
            tags=plain,
            view=view,
            trigger=self.triggers.get(record.name, ""),
        )
        return re.sub(r"(\s*,)+\s*", ", ", text).strip(" ,")


def _sidecar(file: Path) -> str:
    for suffix in _SIDECARS:
        for path in (file.with_suffix(suffix), file.with_name(file.name + suffix)):
            if path.is_file() and path.stat().st_size <= _LONGEST:
                return _one_line(path.read_text(encoding="utf-8-sig", errors="replace"))
    return ""


def _one_line(text: str) -> str:
    """Trainers read a caption as one line."""
    return " ".join(text.split())
