"""Who appears when: a bar for every stretch of a film in which an identity is seen."""

from __future__ import annotations

import html
import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from shoal.data.tables import Clusters, Items
from shoal.errors import BadInputError, MissingError
from shoal.figures.cluster_sheet import cluster_names

__all__ = ["appearances", "timeline"]


def appearances(
    items: Items, identities: Clusters | Sequence[str], *, gap_s: float = 2.0, noise: bool = False
) -> list[dict[str, Any]]:
    """List the stretches of a film in which each identity is seen.

    Parameters
    ----------
    items : Items
        Instances with the columns ``time_s`` and ``shot``.
    identities : Clusters or sequence of str
        Whose each instance is; names from a review (``[review.cluster_of(p) …]``) or machine clusters.
    gap_s : float
        Seconds without a sight, within one shot, that end a stretch.
    noise : bool
        List what is noise too.

    Returns
    -------
    list of dict
        ``name``, ``shot``, ``start_s``, ``end_s`` (of the last sight) and ``sights``; in the order of the
        identities' first sight, then of time.

    Raises
    ------
    BadInputError
        A column is missing, or the lengths differ.
    """
    missing = [name for name in ("time_s", "shot") if name not in items.columns]
    if missing:
        raise BadInputError(
            f"timeline: the items have no column {missing[0]!r}", hint="Pass instances cut out of a film."
        )
    names = cluster_names(identities, len(items))
    time, shot = items.columns["time_s"], items.columns["shot"]
    order = np.argsort(time, kind="stable").tolist()
    found: list[dict[str, Any]] = []
    last: dict[str, dict[str, Any]] = {}
    for row in order:
        name, at, where = names[row], float(time[row]), int(shot[row])
        if name == "noise" and not noise:
            continue
        open_one = last.get(name)
        if open_one is not None and open_one["shot"] == where and at - open_one["end_s"] <= gap_s:
            open_one["end_s"] = at
            open_one["sights"] += 1
        else:
            last[name] = {"name": name, "shot": where, "start_s": at, "end_s": at, "sights": 1}
            found.append(last[name])
    first = {entry["name"]: at for at, entry in reversed(list(enumerate(found)))}
    return sorted(found, key=lambda entry: (first[entry["name"]], entry["start_s"]))


def timeline(
    items: Items,
    identities: Clusters | Sequence[str],
    *,
    gap_s: float = 2.0,
    least_s: float = 0.5,
    noise: bool = False,
) -> Any:
    """Draw who appears when.

    Parameters
    ----------
    items, identities, gap_s, noise
        As of `appearances`.
    least_s : float
        Seconds that a single sight is drawn long, so that it can be seen.

    Returns
    -------
    plotly.graph_objects.Figure
        One row an identity, seconds from left to right; hover says the shot and how many sights.

    Raises
    ------
    MissingError
        plotly is not installed.
    """
    try:
        graphs: Any = importlib.import_module("plotly.graph_objects")
    except ImportError as error:
        raise MissingError(
            "The timeline needs the package plotly", hint='pip install "shoal[figures]", then try again.'
        ) from error
    found = appearances(items, identities, gap_s=gap_s, noise=noise)
    figure = graphs.Figure()
    for name in dict.fromkeys(entry["name"] for entry in found):
        mine = [entry for entry in found if entry["name"] == name]
        lengths = [max(entry["end_s"] - entry["start_s"], least_s) for entry in mine]
        shown = html.escape(name)  # plotly takes names for markup
        figure.add_bar(
            y=[shown] * len(mine), x=lengths, base=[entry["start_s"] for entry in mine], orientation="h",
            name=shown, customdata=[[e["shot"], e["sights"], e["start_s"], e["end_s"]] for e in mine],
            hovertemplate="%{y}<br>shot %{customdata[0]}, %{customdata[2]:.1f}–%{customdata[3]:.1f} s"
            "<br>%{customdata[1]} sights<extra></extra>",
        )  # fmt: skip
    rows = len({entry["name"] for entry in found})
    figure.update_layout(
        barmode="overlay", showlegend=False, xaxis_title="seconds", height=120 + 26 * max(1, rows),
        margin={"l": 10, "r": 10, "t": 30, "b": 40}, template="plotly_white",
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", automargin=True)
    return figure
