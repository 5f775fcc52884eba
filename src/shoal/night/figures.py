"""The figures of one title, drawn once when it is clustered: who is where, how many, and when."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from shoal.data.tables import Clusters, Items, Projection, Shots
from shoal.figures.cluster_sheet import cluster_names, cluster_sheet
from shoal.figures.contact_sheet import contact_sheet
from shoal.figures.drawings import sizes_svg, timeline_svg
from shoal.figures.timeline import appearances
from shoal.steps.map_picture import cluster_colour, draw_map

__all__ = ["FIGURES_NAME", "draw_figures"]

FIGURES_NAME = "figures"
_MOST_SHOTS = 150
_QUALITY = 82
_MAP = (720, 560)


def draw_figures(
    folder: Path,
    items: Items,
    clusters: Clusters,
    *,
    points: Projection | None = None,
    shots: Shots | None = None,
    prefix: str = "character",
) -> dict[str, int]:
    """Write ``sizes.svg``, ``clusters.jpg``, ``map.png``, and for a film ``timeline.svg`` and ``shots.jpg``.

    Parameters
    ----------
    folder : Path
        Where; made when it is not there.
    items : Items
        What was clustered.
    clusters : Clusters
        The clusters that were written.
    points : Projection, optional
        The map; without it none is drawn.
    shots : Shots, optional
        Of a film: its stills. Those of more than 150 shots are thinned out.
    prefix : str
        Names are ``<prefix>_<number>``.

    Returns
    -------
    dict
        How many clusters were drawn, and how many stretches of the timeline.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = cluster_names(clusters, len(items), prefix=prefix)
    colours = {name: cluster_colour(int(label)) for name, label in zip(names, clusters.labels, strict=True)}
    counted = Counter(names)
    order = sorted(counted, key=lambda name: (name == "noise", -counted[name], name))
    sizes = {name: counted[name] for name in order}
    (folder / "sizes.svg").write_text(sizes_svg(sizes, colours=colours), encoding="utf-8")
    sheet = cluster_sheet(items, names, colours=colours)
    sheet.save(folder / "clusters.jpg", quality=_QUALITY)
    if points is not None:  # smaller than the one beside the clusters, so that its names can be read here
        numbered = [f"{prefix}_{number}" for number in range(clusters.n_clusters)]
        draw_map(points.xy, clusters.labels, numbered, size=_MAP).save(folder / "map.png", optimize=True)
    stretches = 0
    if {"time_s", "shot"} <= items.columns.keys():
        entries = appearances(items, names)
        stretches = len(entries)
        (folder / "timeline.svg").write_text(timeline_svg(entries, colours=colours), encoding="utf-8")
    if shots is not None and len(shots.frames):
        thinned = _thinned(shots)
        contact_sheet(thinned, columns=10, height=60).save(folder / "shots.jpg", quality=_QUALITY)
    return {"clusters": len(sizes), "stretches": stretches}


def _thinned(shots: Shots) -> Shots:
    """The stills of at most so many shots, from all over the film."""
    numbers = shots.frames.columns["shot"]
    held = sorted(set(numbers.tolist()))
    if len(held) <= _MOST_SHOTS:
        return shots
    kept = set(held[:: -(-len(held) // _MOST_SHOTS)])
    rows = [row for row, number in enumerate(numbers.tolist()) if number in kept]
    return Shots(shots.frames.take(rows), shots.first_frame, shots.last_frame, shots.fps)
