"""The gates of one title: what is not good enough is kept out of the clusters, with the reason."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from shoal.data.tables import Items, Shots
from shoal.steps.gate import Gated, gate, score_nsfw

__all__ = ["all_rejected", "gated", "reasons"]


def gated(items: Items | Shots, settings: Mapping[str, Any], **how: Any) -> Gated:
    """Part the items by a preset's ``[gate]`` table; with ``most_nsfw`` they are scored first."""
    table = items.frames if isinstance(items, Shots) else items
    if settings.get("most_nsfw") is not None and "nsfw" not in table.columns:
        table = score_nsfw(table, **how)
    return gate(table, **settings, **how)


def reasons(rejected: Items) -> dict[str, int]:
    """Count the reasons, each by its first word: ``small``, ``blurred``, ``duplicate`` and so on."""
    counted = Counter(reason.partition(":")[0] for reason in rejected.columns["reason"].tolist())
    return dict(sorted(counted.items()))


def all_rejected(*tables: Items | None) -> Items | None:
    """Put rejected items of several steps into one table, with the columns that all of them have."""
    given = [table for table in tables if table is not None and len(table)]
    if len(given) < 2:
        return given[0] if given else None
    root = given[0].root
    paths = [
        Path(os.path.relpath(table.file(row), root)).as_posix()
        for table in given
        for row in range(len(table))
    ]
    shared = [name for name in given[0].columns if all(name in table.columns for table in given)]
    columns = {name: np.concatenate([table.columns[name] for table in given]) for name in shared}
    return Items(root, paths, columns)
