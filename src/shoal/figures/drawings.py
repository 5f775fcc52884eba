"""Figures as SVG without a script, for pages that run none: sizes of clusters, who appears when."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["sizes_svg", "timeline_svg"]

_ROW, _LABEL, _WIDTH = 20, 150, 1000
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_TEXT = 'font-size="12" font-family="system-ui, sans-serif" fill="currentColor"'
_GREY = (150, 150, 156)
Colour = tuple[int, int, int]


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _svg(height: int, label: str, body: list[str], width: int = _WIDTH) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html.escape(label)}" style="width: 100%; height: auto">{"".join(body)}</svg>'
    )


def _short(name: str, most: int = 20) -> str:
    return html.escape(name if len(name) <= most else name[: most - 1] + "…")


def sizes_svg(
    sizes: Mapping[str, int], *, colours: Mapping[str, Colour] | None = None, most: int = 40
) -> str:
    """Draw the sizes of clusters as bars, in the order given.

    Parameters
    ----------
    sizes : mapping of str to int
        Name → pictures.
    colours : mapping of str to tuple of int, optional
        Name → RGB; grey without one.
    most : int
        Bars at most; how many are left out is said.

    Returns
    -------
    str
        One ``<svg>`` element; names are text in it.
    """
    shown = list(sizes.items())[:most]
    longest = max((n for _, n in shown), default=1) or 1
    wide = 560
    body: list[str] = []
    for line, (name, n) in enumerate(shown):
        y = line * _ROW
        bar = max(1.0, n / longest * (wide - _LABEL - 70))
        fill = _hex((colours or {}).get(name, _GREY))
        body.append(
            f'<g><title>{html.escape(name)}: {n:,}</title><text x="{_LABEL - 8}" y="{y + 14}" '
            f'text-anchor="end" {_TEXT}>{_short(name)}</text>'
            f'<rect x="{_LABEL}" y="{y + 3}" width="{bar:.1f}" height="{_ROW - 6}" rx="2" fill="{fill}"/>'
            f'<text x="{_LABEL + bar + 6:.1f}" y="{y + 14}" {_TEXT} opacity=".75">{n:,}</text></g>'
        )
    if left := list(sizes.items())[most:]:
        words = f"and {len(left)} smaller ones with {sum(n for _, n in left):,}"
        body.append(f'<text x="{_LABEL}" y="{len(shown) * _ROW + 14}" {_TEXT} opacity=".75">{words}</text>')
    lines = len(shown) + bool(left)
    return _svg(lines * _ROW + 4, f"sizes of {len(sizes)} clusters", body, wide)


def timeline_svg(
    entries: Sequence[Mapping[str, Any]],
    *,
    colours: Mapping[str, Colour] | None = None,
    most: int = 30,
    least_px: float = 2.0,
) -> str:
    """Draw who appears when.

    Parameters
    ----------
    entries : sequence of mapping
        From `shoal.figures.timeline.appearances`.
    colours : mapping of str to tuple of int, optional
        Name → RGB; grey without one.
    most : int
        Rows at most, of those with the most sights.
    least_px : float
        How wide a single sight is drawn, of 1,000.

    Returns
    -------
    str
        One ``<svg>`` element; hovering a stretch says its shot, time and sights.
    """
    sights: dict[str, int] = {}
    for entry in entries:
        sights[entry["name"]] = sights.get(entry["name"], 0) + entry["sights"]
    kept = set(sorted(sights, key=lambda name: -sights[name])[:most])
    rows = {name: line for line, name in enumerate(name for name in sights if name in kept)}
    end = max((entry["end_s"] for entry in entries), default=0.0) or 1.0
    scale = (_WIDTH - _LABEL - 12) / end
    height = len(rows) * _ROW + 24
    body = _ticks(end, scale, height)
    for name, line in rows.items():
        body.append(
            f'<text x="{_LABEL - 8}" y="{line * _ROW + 14}" text-anchor="end" {_TEXT}>{_short(name)}</text>'
        )
    for entry in entries:
        if (line := rows.get(entry["name"])) is None:
            continue
        start, stop = entry["start_s"], entry["end_s"]
        fill = _hex((colours or {}).get(entry["name"], _GREY))
        body.append(
            f'<rect x="{_LABEL + start * scale:.2f}" y="{line * _ROW + 3}" '
            f'width="{max(least_px, (stop - start) * scale):.2f}" height="{_ROW - 6}" rx="1.5" fill="{fill}">'
            f"<title>{html.escape(entry['name'])}, shot {entry['shot']}, {start:.1f}–{stop:.1f} s, "
            f"{entry['sights']} sights</title></rect>"
        )
    return _svg(height, "who appears when", body)


def _ticks(end: float, scale: float, height: int) -> list[str]:
    """Lines at round times, about ten of them."""
    step = next((s for s in _STEPS if end / s <= 12), _STEPS[-1])
    body: list[str] = []
    for number in range(int(end // step) + 1):
        x = _LABEL + number * step * scale
        minutes, seconds = divmod(number * step, 60)
        body.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - 20}" stroke="currentColor" opacity=".15"/>'
            f'<text x="{x:.1f}" y="{height - 5}" text-anchor="middle" {_TEXT} opacity=".75">'
            f"{minutes}:{seconds:02d}</text>"
        )
    return body
