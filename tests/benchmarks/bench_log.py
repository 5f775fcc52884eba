"""What the edit log costs, how fast it opens, and whether a killed kernel loses acknowledged edits."""

from __future__ import annotations

import random
import signal
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from shoal.review.commands import MoveItems
from shoal.review.history import History
from shoal.review.log import EditLog
from shoal.review.opening import replay, store_snapshot
from shoal.review.records import ClusterRecord
from shoal.review.review import Review, open_review
from shoal.review.session import Session
from shoal.review.state import State
from shoal.review.table import ItemTable
from shoal.widgets.host import Host
from tests.unit.review.folders import make_folder
from tests.unit.widgets.fixtures import FakePictures

IDS = ("log.", "sigkill.")
CLUSTERS = 50


def session(n_items: int, folder: Path | None, *, sync: bool = True) -> Session:
    """``n_items`` in 50 clusters; with a log in ``folder``, or in memory."""
    log = None
    if folder is not None:
        log = EditLog(folder / "actions.jsonl", sync=sync)
        list(log.read_new())
    clusters = {f"c{i}": ClusterRecord(f"c{i}", i, f"character_{i}") for i in range(CLUSTERS)}
    state = State((np.arange(n_items) % CLUSTERS).astype(np.int32), clusters)
    return Session(ItemTable([f"a/{i}.png" for i in range(n_items)]), state, History(), log, actor="bench")


def replay_seconds(edits: int = 100_000, rounds: int = 3) -> float:
    """Median seconds to open and replay a log from the first snapshot on, edit by edit."""
    with tempfile.TemporaryDirectory() as place:
        home, dice = Path(place), random.Random(0)
        made = session(10_000, home, sync=False)
        store_snapshot(made, home, 0)
        for _ in range(edits):
            row = dice.randrange(10_000)
            made.do(MoveItems(np.array([row]), f"c{(int(made.state.codes[row]) + 1) % CLUSTERS}"))
        times: list[float] = []
        for _ in range(rounds):
            for newer in sorted((home / "snapshots").glob("*.npz"))[1:]:
                newer.unlink()  # opening wrote one; without it the next round replays everything again
            began = perf_counter()
            log = EditLog(home / "actions.jsonl")
            again = replay(home, log, "bench", limit=2 * edits)
            times.append(perf_counter() - began)
            assert again.state.equals(made.state)
            log.close()
        return statistics.median(times)


def ack_milliseconds(n_items: int, folder: Path, edits: int) -> tuple[list[float], list[float]]:
    """Milliseconds from request to reply for moves of 2,000 items, with the log and without, in turn."""
    reviews = [Review(session(n_items, place), None) for place in (folder, None)]
    hosts = [Host(review, lambda _content, _buffers: None, pictures=FakePictures()) for review in reviews]
    bits = np.zeros(n_items, np.uint8)
    bits[np.random.default_rng(0).choice(n_items, 2_000, replace=False)] = 1
    buffer = np.packbits(bits, bitorder="little").tobytes()
    times: tuple[list[float], list[float]] = ([], [])
    for i in range(edits):
        items = {"encoding": "bits", "count": 2_000, "buffer": 0}
        payload = {"kind": "edit", "command": {"type": "move_items", "items": items, "to": f"c{i % 2}"}}
        for host, review, found in zip(hosts, reviews, times, strict=True):
            request = {"v": 1, "id": str(i), "base": review.revision, "payload": payload}
            began = perf_counter()
            host.handle(request, [buffer])
            found.append(1_000 * (perf_counter() - began))
    assert all(review.revision == edits for review in reviews)
    return times


VICTIM = """
import random, sys
from shoal.review.review import open_review
review, dice = open_review(sys.argv[1]), random.Random(int(sys.argv[2]))
items, names = review.items(), ["character_0", "character_1", "character_2"]
while True:
    item = dice.choice(items)
    here = int(review.session.state.codes[review.rows(item)[0]])
    review.move(item, names[(here + 1) % 3])
    sys.stdout.write(f"{review.revision}\\n")
    sys.stdout.flush()
"""


def sigkill(acknowledged: int = 10_000) -> tuple[int, int, int]:
    """Kill kernels at random moments of their editing until enough edits were acknowledged.

    Returns
    -------
    tuple of int
        Acknowledged edits, kills, and acknowledged edits that were not there afterwards.
    """
    dice, total, kills, lost = random.Random(1), 0, 0, 0
    with tempfile.TemporaryDirectory() as place:
        folder = make_folder(Path(place) / "clustered")
        at = open_review(folder).revision
        while total < acknowledged:
            command = [sys.executable, "-c", VICTIM, str(folder), str(kills)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:
                assert victim.stdout is not None
                said, wanted = at, dice.randint(1, 800)
                for line in victim.stdout:
                    said = int(line)
                    if said - at >= wanted:
                        break
                victim.send_signal(signal.SIGKILL)
                for line in victim.stdout:  # acknowledged before the signal arrived
                    if line.endswith("\n"):
                        said = int(line)
            review = open_review(folder)
            lost += max(0, said - review.revision)
            total, kills, at = total + said - at, kills + 1, review.revision
    return total, kills, lost


def rows(only: str = "") -> list[dict[str, Any]]:
    """Rows ``log.replay_100k_s``, ``log.ack_ratio`` and ``sigkill.lost``."""
    found: list[dict[str, Any]] = []
    if "log.replay_100k_s".startswith(only) or only.startswith("log.replay"):
        seconds = replay_seconds()
        found.append(
            {"id": "log.replay_100k_s", "value": seconds, "unit": "s", "bar": 2.0, "passed": seconds < 2.0}
        )
    if "log.ack_ratio".startswith(only) or only.startswith("log.ack"):
        with tempfile.TemporaryDirectory(dir=".") as place:
            with_log, without = ack_milliseconds(1_000_000, Path(place), 300)
        mine, bare = statistics.median(with_log), statistics.median(without)
        found.append(
            {
                "id": "log.ack_ratio",
                "value": round(mine, 3),
                "unit": "ms",
                "peer": "the same edit without the log",
                "peer_value": round(bare, 3),
                "ratio": round(mine / bare, 3),
                "bar": "ratio ≤ 1.2",
                "passed": mine / bare <= 1.2,
            }
        )
    if "sigkill.lost".startswith(only) or only.startswith("sigkill"):
        total, kills, lost = sigkill()
        print(f"{total:,} acknowledged edits, {kills} kernels killed, {lost} edits lost")
        found.append({"id": "sigkill.lost", "value": lost, "unit": "edits", "bar": 0, "passed": lost == 0})
    return found
