"""What `segment` has found: as items, as a report, and as the list of what was rejected."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.data.tables import Items
from shoal.errors import BadInputError, MissingError
from shoal.steps.tracks import link_instances

__all__ = ["Found", "read_rejected"]

RESULTS_NAME = "segmentation_results.json"
VERSION = 2
_INHERITED = {"frame": ("number", np.int64), "time_s": ("time_s", np.float64), "shot": ("shot", np.int32)}
"""Columns that instances take over from their frame: name → (key in the report, dtype)."""


class Found:
    """The rows and the report, in the order of the frames.

    Parameters
    ----------
    stills : Items
        The frames.
    noted : list of dict
        What was noted of each frame.
    """

    def __init__(self, stills: Items, noted: list[dict[str, Any]]) -> None:
        self.stills, self.noted = stills, noted
        pairs = [(row, cut) for row, noted in enumerate(self.noted) for cut in noted["cut_outs"]]
        self.kept = [(row, cut) for row, cut in pairs if not cut["reason"]]
        self.rejected = len(pairs) - len(self.kept)

    def items(self, root: Path, meta: dict[str, Any]) -> Items:
        """The kept instances, linked into tracks where the frames say their shots and numbers."""
        table = _table(self.stills, self.kept, root)
        more = {**meta, "frames": str(self.stills.root), "rejected": self.rejected}
        items = Items(root, table.paths, table.columns, more)
        columns = items.columns
        if not len(items) or "shot" not in columns or "frame" not in columns:
            return items
        looks = np.array([cut["look"] for _, cut in self.kept], dtype=np.float64)
        track = link_instances(columns["shot"], columns["frame"], columns["box"], looks)
        return items.with_columns(track=track)

    def listed(self, items: Items) -> list[dict[str, Any]]:
        """What ``segmentation_results.json`` says of each frame."""
        tracks = items.columns.get("track")
        track_of = {} if tracks is None else dict(zip(items.paths, tracks.tolist(), strict=True))
        result: list[dict[str, Any]] = []
        for row, noted in enumerate(self.noted):
            entry: dict[str, Any] = {"frame": self.stills.paths[row], "size": noted["size"]}
            for name, (key, _) in _INHERITED.items():
                if name in self.stills.columns:
                    entry[key] = self.stills.columns[name][row]
            for kind, key in (("masks", "mask"), ("background", "background"), ("overlays", "overlay")):
                if kind in noted:
                    entry[key] = noted[kind]
            if noted["error"]:
                entry["error"] = noted["error"]
            entry["instances"] = [_entry(cut, track_of) for cut in noted["cut_outs"]]
            result.append(entry)
        return result


def _entry(cut: dict[str, Any], track_of: dict[str, int]) -> dict[str, Any]:
    entry = {
        "file": cut["file"],
        "instance": cut["instance"],
        "box": cut["box"],
        "area": cut["area"],
        "confidence": round(cut["confidence"], 4),
        "sharpness": round(cut["sharpness"], 3),
        "edges": cut["edges"],
    }
    if cut["reason"]:
        return {"rejected": cut["reason"], **entry}
    return {**entry, **({"track": track_of[cut["file"]]} if cut["file"] in track_of else {})}


def _table(stills: Items, cuts: list[tuple[int, dict[str, Any]]], root: Path) -> Items:
    rows = np.asarray([row for row, _ in cuts], dtype=np.int64)
    columns: dict[str, npt.NDArray[Any]] = {
        name: values[rows] for name, values in stills.columns.items() if name in _INHERITED
    }
    sources = [stills.paths[row] for row, _ in cuts]
    columns["source"] = np.asarray(sources, dtype=np.str_) if sources else np.empty(0, dtype="U1")
    columns["edges"] = np.asarray([cut["edges"] for _, cut in cuts], dtype="U4")
    columns["box"] = np.asarray([cut["box"] for _, cut in cuts], dtype=np.float32).reshape(-1, 4)
    for name, kind in (
        ("instance", np.int32), ("area", np.int64), ("confidence", np.float32), ("sharpness", np.float32),
    ):  # fmt: skip
        columns[name] = np.asarray([cut[name] for _, cut in cuts], dtype=kind)
    return Items(root, [cut["file"] for _, cut in cuts], columns)


def read_rejected(folder: str | os.PathLike[str]) -> Items:
    """List the subjects that an earlier `segment` has rejected, from its folder.

    Returns
    -------
    Items
        As of `segment`, with the column ``reason`` (str): why each was rejected. Pass them to
        `shoal.write_clusters` as ``rejected=``, and they lie in the review's trash, where they can be
        restored.

    Raises
    ------
    MissingError
        There is no ``segmentation_results.json``.
    BadInputError
        It is damaged, or of another version.
    """
    root = Path(folder)
    path = root / RESULTS_NAME
    if not path.is_file():
        raise MissingError(f"{str(path)!r} does not exist", hint="Call shoal.segment(frames, out=…) first.")
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["version"] != VERSION:
            raise BadInputError(f"{str(path)!r} is of version {held['version']}", hint="Segment again.")
        entries = held["frames"]
        cuts = [
            (row, {**cut, "reason": cut["rejected"]})
            for row, entry in enumerate(entries)
            for cut in entry["instances"]
            if "rejected" in cut
        ]
        columns: dict[str, npt.NDArray[Any]] = {
            name: np.asarray([entry[key] for entry in entries], dtype=kind)
            for name, (key, kind) in _INHERITED.items()
            if entries and all(key in entry for entry in entries)
        }
        table = _table(Items(root, [entry["frame"] for entry in entries], columns), cuts, root)
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, BadInputError):
            raise
        raise BadInputError(f"{str(path)!r} is damaged: {error!r}", hint="Segment again.") from error
    reasons = [cut["reason"] for _, cut in cuts]
    return table.with_columns(
        reason=np.asarray(reasons, dtype=np.str_) if reasons else np.empty(0, dtype="U1")
    )
