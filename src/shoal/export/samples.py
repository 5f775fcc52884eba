"""What is exported: the items of a review's clusters, each with a unique plain file stem and its caption."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shoal.errors import BadInputError, MissingError
from shoal.export.captions import Captions
from shoal.review.review import Review

__all__ = ["Sample", "TrainingSet", "collect", "slug", "unique_stems"]

_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of a training set.

    Parameters
    ----------
    item : str
        Id in the review.
    file : Path
        Where the picture is.
    stem : str
        Name of its files in the export, without extension: ASCII letters, digits, ``-`` and ``_``; unique
        even where case does not count.
    cluster : str
        Name of its cluster.
    label : str
        The cluster's name as a plain file name.
    group : str
        What repeats are counted by: ``label``, or ``label_<view>`` when balanced by a view.
    caption : str
        The whole caption.
    tags : tuple of str
        Of the item and of its cluster.
    shot : str or None
        Which shot of which film it is from.
    time_s : float or None
        When in the film.
    mask : Path or None
        A matte that lies beside the picture.
    validation : bool
        Whether it is kept from training.
    repeats : int
        How often an epoch shows it.
    """

    item: str
    file: Path
    stem: str
    cluster: str
    label: str
    group: str
    caption: str
    tags: tuple[str, ...] = ()
    shot: str | None = None
    time_s: float | None = None
    mask: Path | None = None
    validation: bool = False
    repeats: int = 1


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Everything that a layout has to know.

    Parameters
    ----------
    samples : sequence of Sample
        Sorted by stem.
    triggers : mapping of str to str
        Cluster name → trigger word; clusters without one are missing.
    size : int
        Target resolution: side of the square whose area pictures are trained at, pixels.
    matte : {"alpha", "mask", "flat"}
        What becomes of transparency.
    root : str
        What the paths in configuration files begin with.
    """

    samples: Sequence[Sample]
    triggers: Mapping[str, str]
    size: int
    matte: str
    root: str

    def part(self, validation: bool) -> list[Sample]:
        """The samples of training, or of validation."""
        return [sample for sample in self.samples if sample.validation is validation]

    def groups(self, validation: bool) -> dict[str, list[Sample]]:
        """Group → its samples, of training or of validation; sorted."""
        out: dict[str, list[Sample]] = {}
        for sample in self.part(validation):
            out.setdefault(sample.group, []).append(sample)
        return dict(sorted(out.items()))

    @property
    def labels(self) -> list[str]:
        """Plain names of the clusters, sorted."""
        return sorted({sample.label for sample in self.samples})

    def path(self, relative: str) -> str:
        """How a file of the export is named in a configuration file."""
        return f"{self.root}/{relative}" if self.root else relative

    def token(self, sample: Sample) -> str:
        """The word that stands for the sample's cluster."""
        return self.triggers.get(sample.cluster, sample.cluster)


def slug(text: str, default: str = "item") -> str:
    """A plain file name: ASCII letters, digits, ``-`` and ``_``, at most 60 characters.

    >>> slug("Frank, the bunny (front)")
    'Frank_the_bunny_front'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_-")[:60].strip("_-") or default


def unique_stems(wanted: Sequence[str]) -> list[str]:
    """Names made different by ``_2``, ``_3`` …, also where case does not count."""
    used: set[str] = set()
    out: list[str] = []
    for name in wanted:
        candidate, n = name, 1
        while candidate.casefold() in used:
            n += 1
            candidate = f"{name}_{n}"
        used.add(candidate.casefold())
        out.append(candidate)
    return out


def collect(
    review: Review,
    *,
    clusters: Sequence[str] | None,
    captions: Captions,
    balance: str | None,
) -> tuple[list[Sample], list[tuple[str, str]]]:
    """The samples of the review's clusters, and the items that were left out with the reason.

    Noise and trash are never exported.

    Raises
    ------
    BadInputError
        When no cluster has items, or nothing is known of what to balance by.
    """
    session = review.session
    state, table = session.state, session.table
    ids = list(state.clusters) if clusters is None else [review.cluster_id(name) for name in clusters]
    records = sorted((state.clusters[i] for i in ids), key=lambda r: r.name)
    labels = dict(
        zip([r.id for r in records], unique_stems([slug(r.name, "cluster") for r in records]), strict=True)
    )
    broken = dict(review.broken)
    rows = [(record, row) for record in records for row in state.members(record.code).tolist()]
    left_out: list[tuple[str, str]] = []
    kept: list[tuple[int, Sample]] = []
    views = None if balance in (None, "cluster") else _views(review, str(balance))
    for record, row in rows:
        path = table.paths[row]
        if row in table.missing or path in broken:
            left_out.append((table.ids[row], broken.get(path, "the file is gone")))
            continue
        tags = tuple(dict.fromkeys([*state.notes["tags"].get(row, ()), *record.tags]))
        file = review.file(table.ids[row])
        label = labels[record.id]
        group = label if views is None else f"{label}_{slug(views[row], _OTHER)}"
        stem = f"{label}_{slug(table.names[row].rpartition('.')[0] or table.names[row])}"
        sample = Sample(
            item=table.ids[row],
            file=file,
            stem=stem,
            cluster=record.name,
            label=label,
            group=group,
            caption=captions.of(review, row, record, tags),
            tags=tags,
            shot=_shot(review, row),
            time_s=_number(review, "time_s", row),
            mask=_mask(file),
        )
        kept.append((row, sample))
    if not kept:
        raise BadInputError(
            "there is nothing to export: no cluster holds a readable picture",
            hint="Noise and trash are never exported; move items into clusters first.",
        )
    return [sample for _, sample in kept], left_out


def _shot(review: Review, row: int) -> str | None:
    columns = review.session.table.columns
    shots = columns.get("shot")
    if shots is None or int(shots[row]) < 0:
        return None
    films = columns.get("film")
    return f"{'' if films is None else films[row]}#{int(shots[row])}"


def _number(review: Review, column: str, row: int) -> float | None:
    values = review.session.table.columns.get(column)
    if values is None or not np.isfinite(values[row]):
        return None
    return float(values[row])


def _mask(file: Path) -> Path | None:
    for place in (file.parent / "masks" / f"{file.stem}.png", file.with_name(f"{file.stem}_mask.png")):
        if place.is_file():
            return place
    return None


def _views(review: Review, name: str) -> list[str]:
    """A word for each item: from a column, or from tags like ``view:front``."""
    table, notes = review.session.table, review.session.state.notes["tags"]
    if name in table.columns and table.columns[name].ndim == 1:
        return [str(value) for value in table.columns[name].tolist()]
    prefixes = (f"{name}:", f"{name}=")
    found = [
        next((tag.partition(tag[len(name)])[2] for tag in notes.get(row, ()) if tag.startswith(prefixes)), "")
        for row in range(len(table))
    ]
    if not any(found):
        raise MissingError(
            f"nothing is known of {name!r} to balance by",
            hint=f'There is no column {name!r} and no tag "{name}:…"; pass balance="cluster" or None.',
        )
    return [value or _OTHER for value in found]
