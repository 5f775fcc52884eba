"""Measure side by side with named peers, and write the committed tables: ``make bench [ONLY=<id prefix>]``.

Each ``bench_*.py`` beside this file has ``IDS`` (prefixes of the ids that it can measure) and ``rows(only)``,
which returns rows ``{id, value, unit, peer, peer_value, ratio, bar, passed}``, if wanted with ``p95`` and a
``note``; ``value`` is the median. The runner adds the machine and the time, and replaces rows of the same id
in ``docs/benchmarks``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DOCS = HERE.parents[1] / "docs" / "benchmarks"
KEYS = ("id", "value", "unit", "peer", "peer_value", "ratio", "bar", "passed")

Row = dict[str, Any]


def machine() -> str:
    """Cores, memory and Python of this machine in one line; nothing that names it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{cores} cores, {memory:.0f} GiB, {system}"


def modules(only: str) -> list[str]:
    """Names of the bench modules that can measure an id beginning with ``only``."""
    wanted = []
    for path in sorted(HERE.glob("bench_*.py")):
        name = f"tests.benchmarks.{path.stem}"
        prefixes = getattr(importlib.import_module(name), "IDS", None)
        if not only or prefixes is None or any(p.startswith(only) or only.startswith(p) for p in prefixes):
            wanted.append(name)
    return wanted


def checked(row: Row, *, made_on: str, when: str) -> Row:
    """The row with every key, the machine and the time.

    Raises
    ------
    ValueError
        If a key is unknown, or the id, value or unit is missing.
    """
    unknown = set(row) - {*KEYS, "p95", "note"}
    missing = {"id", "value", "unit"} - set(row)
    if unknown or missing:
        raise ValueError(f"row {row.get('id')!r}: unknown {sorted(unknown)}, missing {sorted(missing)}")
    whole = {key: row.get(key) for key in KEYS}
    extra = {key: row[key] for key in ("p95", "note") if row.get(key) is not None}
    return {**whole, **extra, "machine": made_on, "when": when}


def merge(old: list[Row], new: list[Row]) -> list[Row]:
    """Old rows with those of the same id replaced, sorted by id."""
    return sorted({row["id"]: row for row in [*old, *new]}.values(), key=lambda row: row["id"])


def number(value: Any) -> str:
    """A number as a person reads it: three digits that matter."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, int) or (isinstance(value, float) and abs(value) >= 1000):
        return f"{value:,.0f}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def markdown(rows: list[Row]) -> str:
    """The tables as a page, one for each first word of the ids."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; do not edit. `value` is the median of the runs. A `ratio` compares with",
        "the peer of the same run on the same machine, so it means more than any single time.",
        "",
    ]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["id"].split(".")[0], []).append(row)
    for name, group in groups.items():
        lines += [
            f"## {name}",
            "",
            "| id | value | p95 | unit | peer | peer's value | ratio | bar | passed |",
        ]
        lines += ["| --- | ---: | ---: | --- | --- | ---: | ---: | --- | --- |"]
        for row in group:
            cells = [
                f"`{row['id']}`",
                number(row["value"]),
                number(row.get("p95")),
                row["unit"],
                row["peer"] or "",
            ]
            cells += [
                number(row["peer_value"]),
                number(row["ratio"]),
                number(row["bar"]),
                number(row["passed"]),
            ]
            lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
        notes = [f"- `{row['id']}`: {row['note']}" for row in group if row.get("note")]
        made = sorted({f"{row['machine']}, {row['when'][:10]}" for row in group})
        lines += ["", *notes, *([""] if notes else []), *(f"Measured on: {line}." for line in made), ""]
    return "\n".join(lines)


def read(path: Path) -> list[Row]:
    """The committed rows, none if there are none yet."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def write(rows: list[Row], folder: Path) -> None:
    """Write ``results.json`` and ``README.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"
    (folder / "results.json").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(markdown(rows), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Run the bench modules; 0 when every one ran and every bar was met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="measure only ids that begin so")
    parser.add_argument("--into", type=Path, default=DOCS, help="folder of the tables")
    args = parser.parse_args(argv)
    made_on, failures = machine(), 0
    for name in modules(args.only):
        print(f"== {name}", file=sys.stderr, flush=True)
        try:
            measured = importlib.import_module(name).rows(args.only)
        except Exception:  # noqa: BLE001 - one broken bench must not lose the others' numbers; it still fails the run
            traceback.print_exc()
            failures += 1
            continue
        when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        new = [checked(r, made_on=made_on, when=when) for r in measured if r["id"].startswith(args.only)]
        for row in new:
            failures += row["passed"] is False
            print(
                f"{row['id']:40} {number(row['value']):>10} {row['unit']:6} {number(row['passed'])}",
                flush=True,
            )
        # After each module: a later one that is killed costs only its own numbers.
        write(merge(read(args.into / "results.json"), new), args.into)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
