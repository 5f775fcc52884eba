"""What is good enough to be clustered, and what is not, with the reason for each."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.registry import load_nsfw
from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.tables import Items, Shots
from shoal.errors import BadInputError
from shoal.steps.find_duplicates import find_duplicates
from shoal.steps.measures import sharpness

__all__ = ["Gated", "gate", "score_nsfw"]


@dataclass(frozen=True, slots=True)
class Gated:
    """Items that passed, and those that did not.

    Parameters
    ----------
    kept : Items
        What passed.
    rejected : Items
        What did not, with the column ``reason`` (str); for `shoal.write_clusters(rejected=…)`.
    """

    kept: Items
    rejected: Items

    def __len__(self) -> int:
        return len(self.kept)

    def __repr__(self) -> str:
        counted: dict[str, int] = {}
        for reason in self.rejected.columns["reason"].tolist():
            word = reason.partition(":")[0]
            counted[word] = counted.get(word, 0) + 1
        why = ", ".join(f"{n} {word}" for word, n in sorted(counted.items())) or "none"
        return f"Gated({len(self.kept)} kept; rejected: {why})"


def _sharp(path: Path) -> float:
    try:
        with Image.open(path) as picture:
            mask = None
            if picture.mode == "RGBA":
                mask = np.asarray(picture.getchannel("A")) > 127
            return sharpness(picture, mask)
    except (OSError, ValueError, Image.DecompressionBombError):
        return float("nan")


def _size(path: Path) -> float:
    try:
        with Image.open(path) as picture:
            return float(max(picture.size))
    except (OSError, ValueError, Image.DecompressionBombError):
        return float("nan")


def _score(task: tuple[Path, str]) -> float:
    path, model = task
    try:
        with Image.open(path) as picture:
            picture.load()
            return load_nsfw(model).score(picture)
    except (OSError, ValueError, Image.DecompressionBombError):
        return float("nan")


def _measured(
    items: Items, task: Callable[[Path], float], what: str, executor: Executor | None, option: ProgressOption
) -> npt.NDArray[np.float32]:
    values: list[float] = []
    with reading_threads(executor) as pool, show(what, len(items), option, unit="pictures") as bar:
        for value in map_ordered(task, map(items.file, range(len(items))), executor=pool, window=64):
            values.append(value)
            bar.update()
    return np.asarray(values, dtype=np.float32)


def score_nsfw(
    items: Items | Shots,
    *,
    model: str = "auto",
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Items:
    """Say how likely each picture is unsafe for work. A hint: it errs both ways, so look at the pictures.

    Parameters
    ----------
    items : Items or Shots
        The pictures.
    model : str
        Registry name, or ``"auto"``.
    executor : concurrent.futures.Executor, optional
        Where pictures are scored; default one thread for each core.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Items
        With the column ``nsfw`` (float32, 0..1; NaN where a picture cannot be read).

    Raises
    ------
    MissingError
        The model's weights or packages are not there.
    """
    table = items.frames if isinstance(items, Shots) else items
    load_nsfw(model)  # what is missing is said before the first picture
    values: list[float] = []
    tasks = ((table.file(row), model) for row in range(len(table)))
    with (
        reading_threads(executor) as pool,
        show("Scoring pictures", len(table), progress, unit="pictures") as bar,
    ):
        for value in map_ordered(_score, tasks, executor=pool, window=64):
            values.append(value)
            bar.update()
    return table.with_columns(nsfw=np.asarray(values, dtype=np.float32))


def gate(
    items: Items | Shots,
    *,
    least_sharpness: float | None = None,
    least_size: int | None = None,
    duplicates: float | None = None,
    most_nsfw: float | None = None,
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Gated:
    """Part items into those that are good enough and those that are not, each with its reason.

    Parameters
    ----------
    items : Items or Shots
        The pictures; they are only read.
    least_sharpness : float, optional
        Variance of the Laplacian, from the column ``sharpness`` or measured; of a cut-out inside the subject.
    least_size : int, optional
        Longer side in pixels.
    duplicates : float, optional
        Bits of 64 in which the perceptual hashes of near-duplicates may differ, as of
        `shoal.find_duplicates`; the sharpest of each group passes.
    most_nsfw : float, optional
        Largest score of the column ``nsfw`` (from `score_nsfw`), 0..1.
    executor : concurrent.futures.Executor, optional
        Where pictures are read; default a few threads.
    progress : bool or callable
        Show progress bars, or be told ``(what, done, total)``.

    Returns
    -------
    Gated
        ``kept`` and ``rejected``; together all of the items. A gate that is None rejects nothing.

    Raises
    ------
    BadInputError
        ``most_nsfw`` is given and there is no column ``nsfw``.
    """
    table = items.frames if isinstance(items, Shots) else items
    reasons = [""] * len(table)

    def reject(rows: npt.NDArray[np.bool_], text: Callable[[int], str]) -> None:
        for row in np.flatnonzero(rows).tolist():
            reasons[row] = reasons[row] or text(row)

    if least_size is not None:
        sizes = _measured(table, _size, "Measuring size", executor, progress)
        reject(np.isnan(sizes), lambda _: "unreadable: it cannot be opened")
        reject(sizes < least_size, lambda row: f"small: {sizes[row]:.0f} px, less than {least_size}")
    if least_sharpness is not None:
        sharp = table.columns.get("sharpness")
        if sharp is None:
            sharp = _measured(table, _sharp, "Measuring sharpness", executor, progress)
        reject(np.isnan(sharp), lambda _: "unreadable: it cannot be opened")
        reject(
            sharp < least_sharpness,
            lambda row: f"blurred: sharpness {sharp[row]:.1f}, less than {least_sharpness:g}",
        )
    if most_nsfw is not None:
        if "nsfw" not in table.columns:
            raise BadInputError(
                f"most_nsfw={most_nsfw:g}, but the items have no column 'nsfw'", hint="Call score_nsfw first."
            )
        scores = table.columns["nsfw"]
        reject(scores > most_nsfw, lambda row: f"nsfw: score {scores[row]:.2f}, more than {most_nsfw:g}")
    if duplicates is not None:
        _reject_twins(table, reasons, duplicates, executor, progress)
    why = np.asarray(reasons, dtype=np.str_) if reasons else np.empty(0, dtype="U1")
    passed = why == ""
    return Gated(table.take(passed), table.take(~passed).with_columns(reason=why[~passed]))


def _reject_twins(
    table: Items, reasons: list[str], bits: float, executor: Executor | None, option: ProgressOption
) -> None:
    """Reject all but one of each group of near-duplicates, among those that passed so far."""
    open_rows = np.array([row for row, reason in enumerate(reasons) if not reason], dtype=np.int64)
    twins = find_duplicates(table.take(open_rows), threshold=bits, executor=executor, progress=option)
    for row, why in twins.unreadable:
        reasons[int(open_rows[row])] = f"unreadable: {why}"
    for number in range(len(twins)):
        members = twins.members(number)
        kept = next(int(m) for m in members if twins.representative[m])
        for member in map(int, members):
            if member != kept:
                other = table.paths[int(open_rows[kept])]
                reasons[int(open_rows[member])] = f"duplicate: nearly the same as {other}"
