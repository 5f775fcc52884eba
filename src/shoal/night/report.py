"""The report of a run: every figure as CSV, a summary as Markdown, and one HTML page with the maps."""

from __future__ import annotations

import base64
import csv
import html
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shoal.night.run import TitleResult

__all__ = ["metrics", "write_report"]

_KEYS = frozenset({"key", "table"})
_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem;
  color-scheme: light dark; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .25rem .75rem; text-align: left;
  border-bottom: 1px solid #8884; } td.n { text-align: right; font-variant-numeric: tabular-nums; }
.failed { color: #c62828; font-weight: 600; } .done { color: #2e7d32; }
img { max-width: 100%; background: #fff; }
.bar { display: inline-block; height: .8em; background: #4a7fd4; vertical-align: baseline; }
"""


def metrics(titles: Sequence[TitleResult]) -> Iterator[tuple[str, str, str, Any]]:
    """Every figure as (title, stage, measure, value); tables become one row an entry."""
    for title in titles:
        yield title.name, "title", "done", int(title.ok)
        for stage, facts in title.stages.items():
            for measure, value in facts.items():
                if measure in _KEYS:
                    continue
                if isinstance(value, Mapping):
                    for name, number in value.items():
                        yield title.name, stage, f"{measure}: {name}", number
                elif isinstance(value, list):
                    for place, number in enumerate(value):
                        yield title.name, stage, f"{measure}[{place}]", number
                else:
                    yield title.name, stage, measure, value


def write_report(folder: Path, plan: Mapping[str, Any], titles: Sequence[TitleResult]) -> None:
    """Write ``metrics.csv``, ``report.md`` and ``report.html`` into the run's folder."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(("title", "stage", "measure", "value"))
    writer.writerows((_cell(t), s, _cell(m), _cell(v)) for t, s, m, v in metrics(titles))
    pages = {
        "metrics.csv": target.getvalue(),
        "report.md": _markdown(plan, titles),
        "report.html": _page(folder, plan, titles),
    }
    for name, text in pages.items():
        temporary = folder / f".{name}.tmp"
        temporary.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        temporary.replace(folder / name)


def _cell(value: Any) -> Any:
    """No cell begins a formula in a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


_COLUMNS = (
    "title",
    "",
    "frames",
    "pictures",
    "rejected",
    "alike",
    "clusters",
    "noise",
    "training",
    "minutes",
)


def _row(title: TitleResult) -> list[str]:
    stages = title.stages

    def of(stage: str, measure: str) -> Any:
        return stages.get(stage, {}).get(measure, "")

    pictures = of("segment", "instances")
    if pictures == "":
        pictures = of("list", "pictures") if "list" in stages else of("extract_frames", "frames")
    rejected = of("segment", "rejected")
    trained = of("export_dataset", "train")
    minutes = sum(float(facts.get("seconds", 0)) for facts in stages.values()) / 60
    cells = [
        title.name,
        "done" if title.ok else "failed",
        of("extract_frames", "frames"),
        pictures,
        sum(rejected.values()) if isinstance(rejected, Mapping) else "",
        of("duplicates", "superfluous"),
        _grouping(title).get("clusters", ""),
        _grouping(title).get("noise", ""),
        f"{trained} + {of('export_dataset', 'validation')}" if trained != "" else "",
        f"{minutes:.1f}",
    ]
    return [str(cell) for cell in cells]


def _grouping(title: TitleResult) -> Mapping[str, Any]:
    """The figures of the clusters that were written: those of the last step that changed them."""
    return title.stages.get("join_identities") or title.stages.get("cluster") or {}


def _details(title: TitleResult) -> list[str]:
    lines: list[str] = []
    film = title.stages.get("extract_frames", {})
    if "stated_s" in film:
        lines.append(
            f"the film says that it lasts {film['stated_s']} s, but only {film['read_s']} s can be read: "
            "is the file cut short?"
        )
    rejected: Mapping[str, int] = title.stages.get("segment", {}).get("rejected", {})
    lines += [f"rejected as {reason}: {n}" for reason, n in rejected.items()]
    exported = title.stages.get("export_dataset", {})
    if exported:
        lines += [line.strip() for line in str(exported["seen"]).splitlines()]
        lines.append(
            f"captions up to {exported['longest_caption']} tokens ({exported['tokens_how']}), "
            f"{exported['captions_over']} over the limit"
        )
    if title.stages.get("embed"):
        lines.append(f"model {title.stages['embed']['model']}")
    seconds = ", ".join(f"{stage} {facts['seconds']:.1f} s" for stage, facts in title.stages.items())
    return [*lines, seconds] if seconds else lines


def _markdown(plan: Mapping[str, Any], titles: Sequence[TitleResult]) -> str:
    def plain(text: str) -> str:
        return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")

    lines = [
        "# Night run",
        "",
        f"{sum(t.ok for t in titles)} of {len(plan['titles'])} titles done; "
        f"preset `{plain(plan['preset'])}`, seed {plan['seed']}.",
        "",
        f"| {' | '.join(_COLUMNS)} |",
        f"|{' --- |' * len(_COLUMNS)}",
        *(f"| {' | '.join(plain(cell) for cell in _row(title))} |" for title in titles),
        "",
    ]
    for title in titles:
        lines += [f"## {plain(title.name)}", ""]
        lines += [] if title.ok else [f"**Failed**: {plain(title.error)}", ""]
        sizes = _grouping(title).get("sizes", [])
        lines += [f"- sizes of the clusters: {', '.join(map(str, sizes))}"] if sizes else []
        lines += [f"- {plain(line)}" for line in _details(title)] + [""]
    return "\n".join(lines).rstrip() + "\n"


def _page(folder: Path, plan: Mapping[str, Any], titles: Sequence[TitleResult]) -> str:
    esc = html.escape
    head = "".join(f"<th>{esc(name)}</th>" for name in _COLUMNS)
    body = ""
    for title in titles:
        cells = _row(title)
        state = f'<td class="{cells[1]}">{cells[1]}</td>'
        numbers = "".join(f'<td class="n">{esc(cell)}</td>' for cell in cells[2:])
        body += f"<tr><td>{esc(cells[0])}</td>{state}{numbers}</tr>\n"
    sections = "".join(_section(title) for title in titles)
    # No script and nothing from elsewhere: names of titles are text wherever they stand.
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>Night run {esc(folder.name)}</title>\n<style>{_STYLE}</style>\n"
        f"<h1>Night run {esc(folder.name)}</h1>\n"
        f"<p>{sum(t.ok for t in titles)} of {len(plan['titles'])} titles done; preset "
        f"<code>{esc(str(plan['preset']))}</code>, seed {plan['seed']}.</p>\n"
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n{sections}</html>\n"
    )


def _section(title: TitleResult) -> str:
    esc = html.escape
    lines = "".join(f"<li>{esc(line)}</li>" for line in _details(title))
    failed = "" if title.ok else f'<p class="failed">Failed: {esc(title.error)}</p>'
    sizes: list[int] = _grouping(title).get("sizes", [])
    most = max(sizes, default=1)
    bars = "".join(
        f'<tr><td>{place}</td><td class="n">{n}</td>'
        f'<td><span class="bar" style="width: {max(1, round(240 * n / most))}px"></span></td></tr>'
        for place, n in enumerate(sizes)
    )
    table = f"<table><tr><th>cluster</th><th>pictures</th><th></th></tr>{bars}</table>" if sizes else ""
    picture = title.folder / "clustered" / "clusters.png"
    image = ""
    if picture.is_file():
        data = base64.b64encode(picture.read_bytes()).decode("ascii")
        image = f'<p><img alt="map of the clusters" src="data:image/png;base64,{data}"></p>'
    return f"<h2>{esc(title.name)}</h2>{failed}<ul>{lines}</ul>{table}{image}\n"
