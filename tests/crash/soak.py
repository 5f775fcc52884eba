"""Many crash states, the control beside them: ``python -m tests.crash.soak --states 1000000``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from typing import Any

from tests.crash.naive import naive_soak
from tests.crash.renamer import compare, find_renamer
from tests.crash.states import soak

CHUNK = 5_000
FOLDERS = 1_000
"""Folders for the bulk renamer."""


def spread(work: Callable[[int, int], Counter[str]], states: int, seed: int, say: str) -> Counter[str]:
    """``work(n, seed)`` in chunks over the cores, added up; the same seed gives the same states."""
    chunks = [min(CHUNK, states - at) for at in range(0, states, CHUNK)]
    total: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        seeds = [seed * 1_000_003 + i for i in range(len(chunks))]
        for found in pool.map(work, chunks, seeds):
            total += found
            if say:
                print(f"\r{say}: {total.total():,} of {states:,} states", end="", file=sys.stderr, flush=True)
    if say:
        print(file=sys.stderr)
    return total


def measure(states: int, seed: int, *, quiet: bool = False) -> list[dict[str, Any]]:
    """The rows ``soak.*``: shoal and the control, each over ``states`` crash states."""
    own = spread(soak, states, seed, "" if quiet else "shoal")
    control = spread(naive_soak, states, seed, "" if quiet else "control")
    peer = "naive save (shutil.move)"

    def row(name: str, value: int, bar: int, ok: bool, peer_value: int | None = None) -> dict[str, Any]:
        against = None if peer_value is None else peer
        return {
            "id": f"soak.{name}", "value": value, "unit": "states", "peer": against, "peer_value": peer_value,
            "ratio": None, "bar": bar, "passed": ok,
        }  # fmt: skip

    return [
        *renamer_rows(seed),
        row("states", own.total(), 1_000_000, own.total() >= 1_000_000),
        row("lost", own["lost"], 0, own["lost"] == 0, control["lost"]),
        row("mixed", own["mixed"], 0, own["mixed"] == 0, control["mixed"]),
        row("unrecovered", own["unrecovered"], 0, own["unrecovered"] == 0),
        row("control_lost", control["lost"], 1, control["lost"] > 0),
    ]


def renamer_rows(seed: int) -> list[dict[str, Any]]:
    """A well-known bulk renamer beside shoal on real folders; no row where it is not installed."""
    renamer = find_renamer()
    if renamer is None:
        return []
    own, peer = compare(renamer, FOLDERS, seed)
    return [
        {
            "id": "soak.renamer_lost", "value": own["lost"], "unit": "folders", "peer": "rename (util-linux)",
            "peer_value": peer["lost"], "ratio": None, "bar": 0, "passed": own["lost"] == 0,
            "note": f"{FOLDERS:,} folders, one picture given another name; the renamer also renamed others "
            f"in {peer['wrong']:,}",
        }
    ]  # fmt: skip


def main() -> int:
    """Run, print the rows, write them into the committed tables; 1 when anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--states", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action=argparse.BooleanOptionalAction, default=None,
                        help="write docs/benchmarks (the default for a million states or more)")  # fmt: skip
    given = parser.parse_args()
    start = time.perf_counter()
    rows = measure(given.states, given.seed)
    for row in rows:
        print(json.dumps(row))
    print(f"{given.states / (time.perf_counter() - start):,.0f} states a second", file=sys.stderr)
    if given.write if given.write is not None else given.states >= 1_000_000:
        from tests.benchmarks.runner import DOCS, checked, machine, merge, read, write

        when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        new = [checked(row, made_on=machine(), when=when) for row in rows]
        write(merge(read(DOCS / "results.json"), new), DOCS)
    bad = [row for row in rows if not row["passed"] and row["id"] != "soak.states"]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
