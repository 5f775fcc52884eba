"""A review as one HTML file that opens without a server or a kernel; edits leave it as a file of changes."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np

from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.pictures import picture_size, read_picture
from shoal.errors import BadInputError, ExistsError, MissingError, ShoalError
from shoal.review.records import NOISE, RESERVED
from shoal.review.review import Review
from shoal.store.atomic import write_atomic
from shoal.widgets.codec import visible_text
from shoal.widgets.columns import Columns
from shoal.widgets.describe import clusters as cluster_infos
from shoal.widgets.view import STATIC

__all__ = ["write_page"]

_SIDES = (256, 192, 144, 112, 80)
_CSP = "default-src 'none'; img-src blob: data:; style-src 'unsafe-inline'; script-src {scripts}"
_STYLE = "html, body { margin: 0; height: 100%; } #shoal-page { height: 100%; }"


def write_page(
    review: Review,
    out: str | os.PathLike[str],
    *,
    clusters: Sequence[str] | None = None,
    side: int | None = None,
    max_mb: float = 48.0,
    force: bool = False,
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Path:
    """Write a review as one HTML file that anybody can open, correct, and send back the corrections of.

    The file holds the browser, the map and small pictures. Its *Export* button gives a file of changes, which
    `apply_changes` or ``shoal apply FOLDER FILE`` carries out. It asks nothing of any network.

    Parameters
    ----------
    review : Review
        What to show; edits that are not saved yet are in it.
    out : path
        The file, ``….html``.
    clusters : sequence of str, optional
        Only these, by name or id, and noise when it is named; trash is never in it.
    side : int, optional
        Longest side of the pictures, 48..512 px. Left out: the largest of 256, 192, 144, 112 and 80 that fits
        ``max_mb``.
    max_mb : float
        Largest size of the file in MB (10**6 bytes). Browsers open 48 MB in a second or two; far above 200 MB
        they may run out of memory.
    force : bool
        Replace ``out`` when it is there.
    executor : concurrent.futures.Executor, optional
        Where pictures are made; default a few threads.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    BadInputError
        It would be larger than ``max_mb``, or an argument is out of range.
    ExistsError
        ``out`` is there and ``force`` is false.
    MissingError
        The widget's bundle has not been built.
    """
    target = Path(out)
    if target.exists() and not force:
        raise ExistsError(f"{str(out)!r} exists", hint="Pass force=True to replace it.")
    if side is not None and not 48 <= side <= 512:
        raise BadInputError(f"side={side} is outside 48..512", hint="192 suits most screens.")
    script, style = _bundle("page.js"), _bundle("browser.css")
    with review.session.reading():
        data, rows = _describe(review, clusters)
    files = [(review.file(item), row) for item, row in zip(data["ids"], rows, strict=True)]
    room = max_mb * 1e6 - len(script) - len(style) - len(json.dumps(data))
    wanted = (side,) if side is not None else _SIDES
    if not files:
        raise BadInputError("there are no pictures to show", hint="Name clusters that hold some.")
    size = 0
    for chosen in wanted:
        if len(wanted) > 1 and _sampled(files, chosen) > room:
            continue
        pictures = _pictures(files, chosen, executor, progress)
        size = sum(len(data) for _, data, _ in pictures) * 4 // 3
        if size <= room:
            break
    else:
        raise BadInputError(
            f"{len(files):,} pictures of {wanted[-1]} px make more than {max_mb:g} MB",
            hint="Name fewer clusters=, or pass a larger max_mb.",
        )
    data |= {"side": chosen, "sizes": [s for _, _, s in pictures]}
    data["pictures"] = [
        [kind, base64.b64encode(raw).decode("ascii")] if raw else {"reason": kind}
        for kind, raw, _ in pictures
    ]
    write_atomic(target, _page(data, script, style).encode("utf-8"))
    return target


def _bundle(name: str) -> str:
    path = STATIC / name
    if not path.exists():
        raise MissingError(f"the widget's {name} is not built", hint="Run `make widget`, or install a wheel.")
    return path.read_text(encoding="utf-8")


def _describe(review: Review, wanted: Sequence[str] | None) -> tuple[dict[str, Any], list[int]]:
    """Everything but the pictures, and the rows that are shown."""
    table, state = review.session.table, review.session.state
    columns = Columns(review)
    ids = None if wanted is None else {review.cluster_id(name) for name in wanted}
    shown = [
        info
        for info in cluster_infos(review, columns)
        if ids is None or info.id in ids or info.kind != "cluster"
    ]
    codes = {info.code for info in shown if info.kind == "cluster"}
    codes |= {RESERVED[NOISE]} if ids is None or NOISE in ids else set[int]()
    rows = [
        row for row, code in enumerate(state.codes.tolist()) if code in codes and row not in table.missing
    ]
    index = np.array(rows, np.int64)
    place = {row: at for at, row in enumerate(rows)}
    listed: list[dict[str, Any]] = []
    for info in columns.listed():
        values = np.ascontiguousarray(columns.values(info.name, 0, len(table))[index])
        raw = base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode("ascii")
        listed.append(
            {
                "name": info.name, "title": info.title, "dtype": info.dtype, "perItem": info.per_item,
                "role": info.role, "ascending": info.ascending, "words": info.words, "data": raw,
            }
        )  # fmt: skip
    infos: list[dict[str, Any]] = []
    true_names: dict[str, str] = {}
    counted: Counter[int] = Counter(state.codes[index].tolist())
    for info in shown:
        cover = None if info.cover is None else place.get(info.cover)
        size = counted[info.code]
        infos.append({**info.model_dump(), "cover": cover, "size": size})
        name = state.clusters[info.id].name if info.kind == "cluster" else info.name
        if name != info.name:
            true_names[info.name] = name
    tags, captions = state.notes["tags"], state.notes["caption"]
    data = {
        "version": 1,
        "title": review.root.name if review.root is not None else "review",
        "ids": [table.ids[row] for row in rows],
        "paths": [table.paths[row] for row in rows],
        "columns": listed,
        "clusters": infos,
        "trueNames": true_names,
        "facts": [columns.facts(row) for row in rows],
        "tags": {str(place[row]): list(value) for row, value in tags.items() if row in place},
        "captions": {str(place[row]): value for row, value in captions.items() if row in place},
        "broken": [{"path": path, "reason": reason} for path, reason in review.broken[:1000]],
    }
    return data, rows


def _small(task: tuple[Path, int]) -> tuple[str, bytes, tuple[int, int]]:
    """Media type, bytes and the size of the original; the reason and no bytes for what cannot be read."""
    path, side = task
    try:
        picture = read_picture(path, max_side=side, alpha="keep")
        size = picture_size(path)
    except ShoalError as error:
        return error.message.removeprefix(repr(str(path))).strip(), b"", (0, 0)
    target = io.BytesIO()
    if picture.mode == "RGBA":
        picture.save(target, "WEBP", quality=70, method=2)
        return "image/webp", target.getvalue(), size
    picture.save(target, "JPEG", quality=72, optimize=True)
    return "image/jpeg", target.getvalue(), size


def _sampled(files: Sequence[tuple[Path, int]], side: int) -> float:
    """Bytes that the pictures would take, from two dozen of them."""
    step = max(1, len(files) // 24)
    some = [len(_small((path, side))[1]) for path, _ in files[::step]]
    return 0.9 * sum(some) / len(some) * len(files) * 4 / 3


def _pictures(
    files: Sequence[tuple[Path, int]], side: int, executor: Executor | None, option: ProgressOption
) -> list[tuple[str, bytes, tuple[int, int]]]:
    made: list[tuple[str, bytes, tuple[int, int]]] = []
    with (
        reading_threads(executor) as pool,
        show(f"Pictures of {side} px", len(files), option, unit="pictures") as bar,
    ):
        for picture in map_ordered(_small, ((path, side) for path, _ in files), executor=pool, window=64):
            made.append(picture)
            bar.update()
    return made


def _page(data: dict[str, Any], script: str, style: str) -> str:
    # Inside a script element only "</" and "<!--" mean anything; escaped, no name can end it.
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    text = text.replace("<", "\\u003c")
    code = script.replace("</script", "<\\/script")
    style = style.replace("</style", "<\\/style")
    digest = base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode("ascii")
    policy = _CSP.format(scripts=f"'sha256-{digest}'")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(visible_text(data['title']))} · shoal</title>\n"
        f"<style>{_STYLE}\n{style}</style></head>\n"
        '<body><div id="shoal-page"></div>\n'
        f'<script type="application/json" id="shoal-data">{text}</script>\n'
        f'<script type="module">{code}</script></body></html>\n'
    )
