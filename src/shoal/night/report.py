"""The report of a run: every figure as CSV, a summary as Markdown, and one HTML page with the pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.night.page import page
from shoal.night.summary import COLUMNS, details, grouping, stage_seconds, summary_row

if TYPE_CHECKING:
    from shoal.night.run import TitleResult

__all__ = ["metrics", "write_report"]

_KEYS = frozenset({"key", "table"})


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
        "report.html": page(folder, plan, titles),
    }
    for name, text in pages.items():
        temporary = folder / f".{name}.tmp"
        temporary.write_text(text, encoding="utf-8", errors="replace", newline="\n")
        temporary.replace(folder / name)


def _cell(value: Any) -> Any:
    """No cell begins a formula in a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def _markdown(plan: Mapping[str, Any], titles: Sequence[TitleResult]) -> str:
    def plain(text: str) -> str:
        return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")

    lines = [
        "# Night run",
        "",
        f"{sum(t.ok for t in titles)} of {len(plan['titles'])} titles done; "
        f"preset `{plain(plan['preset'])}`, seed {plan['seed']}.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{' --- |' * len(COLUMNS)}",
        *(f"| {' | '.join(plain(cell) for cell in summary_row(title))} |" for title in titles),
        "",
    ]
    for title in titles:
        lines += [f"## {plain(title.name)}", ""]
        lines += [] if title.ok else [f"**Failed**: {plain(title.error)}", ""]
        sizes = grouping(title).get("sizes", [])
        lines += [f"- sizes of the clusters: {', '.join(map(str, sizes))}"] if sizes else []
        seconds = ", ".join(f"{stage} {taken:.1f} s" for stage, taken in stage_seconds(title).items())
        told = [*details(title), seconds] if seconds else details(title)
        lines += [f"- {plain(line)}" for line in told] + [""]
    return "\n".join(lines).rstrip() + "\n"
