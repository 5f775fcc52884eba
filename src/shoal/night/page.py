"""The report of a run as one HTML file: no script, nothing from elsewhere, every picture inside."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.night.figures import FIGURES_NAME
from shoal.night.summary import COLUMNS, details, stage_seconds, summary_row

if TYPE_CHECKING:
    from shoal.night.run import TitleResult

__all__ = ["page"]

_STYLE = """
:root { color-scheme: light dark; --line: #8883; --soft: #8881; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto 4rem; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.25rem; margin: 0; }
h3 { font-size: .85rem; font-weight: 600; margin: 0 0 .4rem; opacity: .75; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
th { font-weight: 600; font-size: .85rem; opacity: .75; }
th, td { padding: .35rem .75rem; text-align: left; border-bottom: 1px solid var(--line); }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.failed, .done { font-weight: 600; border-radius: 1rem; padding: .05rem .6rem; font-size: .85rem; }
.failed { color: #b3261e; background: #b3261e1f; } .done { color: #2e7d32; background: #2e7d321f; }
@media (prefers-color-scheme: dark) { .failed { color: #ff8a80; } .done { color: #81c784; } }
section { border: 1px solid var(--line); border-radius: .75rem; padding: 1.1rem 1.25rem; margin: 1.5rem 0; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; }
header code { margin-left: auto; }
code { background: var(--soft); border-radius: .3rem; padding: .1rem .35rem; font-size: .9em; }
ul { padding-left: 1.1rem; margin: .75rem 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1.25rem; }
figure { margin: 1.25rem 0 0; } img { max-width: 100%; border-radius: .4rem; display: block; }
.time { display: flex; height: .9rem; border-radius: .3rem; overflow: hidden; gap: 1px; }
.time span { min-width: 2px; } .key { font-size: .85rem; margin-top: .35rem; }
.key span { white-space: nowrap; margin-right: 1rem; }
.dot { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .35em; }
details > summary { cursor: pointer; margin-top: 1rem; }
"""
_HUES = (211, 28, 122, 275, 52, 348, 176, 92, 240, 12)


def page(folder: Path, plan: Mapping[str, Any], titles: Sequence[TitleResult]) -> str:
    """Write the page.

    Parameters
    ----------
    folder : Path
        The run's folder, for its name and the titles' places below it.
    plan : mapping
        ``titles``, ``preset`` and ``seed`` of the run.
    titles : sequence of TitleResult
        Those that are finished.

    Returns
    -------
    str
        HTML. Names are text wherever they stand; a content policy lets no script run.
    """
    esc = html.escape
    head = "".join(f"<th{' class=n' if at > 1 else ''}>{esc(name)}</th>" for at, name in enumerate(COLUMNS))
    body = ""
    for number, title in enumerate(titles):
        cells = summary_row(title)
        numbers = "".join(f'<td class="n">{esc(cell)}</td>' for cell in cells[2:])
        name = f'<td><a href="#t{number}">{esc(cells[0])}</a></td>'
        body += f'<tr>{name}<td><span class="{cells[1]}">{cells[1]}</span></td>{numbers}</tr>\n'
    done, waiting = sum(t.ok for t in titles), len(plan["titles"]) - len(titles)
    to_come = f" {waiting} still to come;" if waiting else ""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    sections = "".join(_section(number, folder, title) for number, title in enumerate(titles))
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>Night run {esc(folder.name)}</title>\n<style>{_STYLE}</style>\n"
        f"<h1>Night run {esc(folder.name)}</h1>\n"
        f"<p>{done} of {len(plan['titles'])} titles done;{to_come} preset "
        f"<code>{esc(str(plan['preset']))}</code>, seed {plan['seed']}.</p>\n"
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>\n'
        f"{sections}</html>\n"
    )


def _section(number: int, folder: Path, title: TitleResult) -> str:
    esc = html.escape
    state = "done" if title.ok else "failed"
    clustered = title.folder / "clustered"
    way = ""
    if clustered.is_dir() and title.folder.is_relative_to(folder):
        way = f"<code>shoal review {esc(clustered.relative_to(folder.parent).as_posix())}</code>"
    failed = "" if title.ok else f"<p>{esc(title.error)}</p>"
    lines = "".join(f"<li>{esc(line)}</li>" for line in details(title))
    return (
        f'<section id="t{number}"><header><h2>{esc(title.name)}</h2><span class="{state}">{state}</span>{way}'
        f"</header>{failed}<ul>{lines}</ul>{_time(title)}{_figures(title.folder)}</section>\n"
    )


def _time(title: TitleResult) -> str:
    """One bar of all stages, and what its colours mean."""
    taken = {stage: seconds for stage, seconds in stage_seconds(title).items() if seconds > 0}
    if not taken:
        return ""
    colours = {stage: f"hsl({_HUES[at % len(_HUES)]} 55% 55%)" for at, stage in enumerate(taken)}
    bar = "".join(
        f'<span style="flex: {seconds:.3f}; background: {colours[stage]}" title="{stage}"></span>'
        for stage, seconds in taken.items()
    )
    key = "".join(
        f'<span><i class="dot" style="background: {colours[stage]}"></i>{stage} {seconds:.1f} s</span>'
        for stage, seconds in taken.items()
    )
    return f'<figure><h3>Time</h3><div class="time">{bar}</div><div class="key">{key}</div></figure>'


def _figures(folder: Path) -> str:
    drawn = folder / FIGURES_NAME
    shown = _picture(drawn / "map.png", "The map", "map of the clusters")
    pair = shown + _drawing(drawn / "sizes.svg", "Sizes")
    sheet = _picture(drawn / "clusters.jpg", "Who is where", "pictures of each cluster")
    stills = _picture(drawn / "shots.jpg", "", "stills of the shots, a row each")
    return (
        (f'<div class="pair">{pair}</div>' if pair else "")
        + sheet
        + _drawing(drawn / "timeline.svg", "Who appears when")
        + (f"<details><summary>Stills, a row for each shot</summary>{stills}</details>" if stills else "")
    )


def _picture(file: Path, heading: str, words: str) -> str:
    if not file.is_file():
        return ""
    kind = "jpeg" if file.suffix == ".jpg" else "png"
    data = base64.b64encode(file.read_bytes()).decode("ascii")
    image = f'<img alt="{words}" src="data:image/{kind};base64,{data}">'
    return f"<figure>{f'<h3>{heading}</h3>' if heading else ''}{image}</figure>"


def _drawing(file: Path, heading: str) -> str:
    # Our own SVG, in which names were made text when it was drawn.
    return f"<figure><h3>{heading}</h3>{file.read_text(encoding='utf-8')}</figure>" if file.is_file() else ""
