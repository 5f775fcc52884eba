"""Where the shots of a film begin: accuracy, speed and memory beside PySceneDetect, in the same run."""

from __future__ import annotations

import csv
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from shoal.steps.shots import find_cuts
from tests.benchmarks.film_data import shared, whole_film

IDS = ("shots.",)
RUNS = 3
PEAK = """
import json, resource, sys
from pathlib import Path
from shoal.steps.shots import find_cuts
part = json.loads(sys.argv[2])
find_cuts(Path(sys.argv[1]), detector="adaptive", threshold=27.0, min_length=15,
          frame_range=part and tuple(part))
status = Path("/proc/self/status")  # the peak of getrusage counts the parent's, from before the start
lines = status.read_text().splitlines() if status.exists() else []
own = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
print((own[0] if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1024)
"""


def truth() -> tuple[list[int], int, int]:
    """Cuts that were checked by eye, and the part of the film in which all of them are known."""
    with (shared() / "bbb_shots_dev.csv").open() as file:
        rows = list(csv.DictReader(file))
    first, last = int(rows[0]["first_frame"]), int(rows[-1]["last_frame"])
    return [int(row["first_frame"]) for row in rows[1:]], first, last


def score(found: list[int], known: list[int], tolerance: int) -> tuple[float, float, float]:
    """Precision, recall, F1; each known cut is matched once, the nearest first."""
    free = set(found)
    hits = 0
    for cut in known:
        near = [f for f in free if abs(f - cut) <= tolerance]
        if near:
            free.remove(min(near, key=lambda f: abs(f - cut)))
            hits += 1
    precision, recall = hits / max(1, len(found)), hits / len(known)
    return precision, recall, 2 * hits / max(1, len(found) + len(known))


def ours(film: Path) -> list[int]:
    """Every boundary of the film by shoal, dissolves and fades too."""
    return list(find_cuts(film, detector="adaptive", threshold=27.0, min_length=15).cuts)


def theirs(film: Path, detector: str) -> list[int]:
    """Cuts by PySceneDetect at its defaults."""
    import scenedetect

    kind = {"adaptive": scenedetect.AdaptiveDetector, "content": scenedetect.ContentDetector}[detector]
    return [start.frame_num for start, _ in scenedetect.detect(str(film), kind())][1:]


def peak(film: Path, part: tuple[int, int] | None) -> float:
    """Peak memory in MiB of a fresh process that finds the cuts of a part."""
    command = [sys.executable, "-c", PEAK, str(film), json.dumps(part)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak_row(film: Path) -> dict[str, Any]:
    """Memory does not grow with the length of the film."""
    whole, part = peak(film, None), peak(film, (0, 2999))
    return {
        "id": "shots.peak_mib", "value": round(whole, 1), "unit": "MiB", "peer": "a fifth of the film",
        "peer_value": round(part, 1), "ratio": round(whole / part, 3), "bar": 1.15,
        "passed": whole / part <= 1.15, "note": "peak memory of a process that finds the shots",
    }  # fmt: skip


def rows(only: str = "") -> list[dict[str, Any]]:
    """``shots.f1_0``, ``shots.f1_2``, ``shots.vs_pyscenedetect_speed`` and the memory."""
    film = whole_film()
    if only.startswith("shots.peak"):
        return [peak_row(film)]
    known, first, last = truth()
    seconds: dict[str, list[float]] = {"shoal": [], "adaptive": []}
    cuts: dict[str, list[int]] = {"content": theirs(film, "content")}
    for _ in range(RUNS):
        for name in seconds:
            start = time.perf_counter()
            cuts[name] = ours(film) if name == "shoal" else theirs(film, name)
            seconds[name].append(time.perf_counter() - start)
    inside = {name: [c for c in found if first < c <= last] for name, found in cuts.items()}
    made = []
    for tolerance in (0, 2):
        scores = {name: score(found, known, tolerance) for name, found in inside.items()}
        best = max(("adaptive", "content"), key=lambda name: scores[name][2])
        told = "; ".join(
            f"{n} precision {p:.3f} recall {r:.3f} F1 {f:.3f}" for n, (p, r, f) in scores.items()
        )
        value, peer = scores["shoal"][2], scores[best][2]
        made.append(
            {
                "id": f"shots.f1_{tolerance}", "value": round(value, 4), "unit": "F1",
                "peer": f"PySceneDetect {best}", "peer_value": round(peer, 4),
                "ratio": round(value / peer, 3),
                "bar": 1.0, "passed": value >= peer, "note": f"{len(known)} cuts checked by eye; {told}",
            }
        )  # fmt: skip
    mine, other = statistics.median(seconds["shoal"]), statistics.median(seconds["adaptive"])
    n = 14_315
    made.append(
        {
            "id": "shots.vs_pyscenedetect_speed", "value": round(n / mine, 1), "unit": "frames/s",
            "peer": "PySceneDetect adaptive", "peer_value": round(n / other, 1),
            "ratio": round(other / mine, 2), "bar": 2.0, "passed": other / mine >= 2.0,
            "note": "the whole film of 14,315 frames at 1280 × 720; ours with dissolves and fades",
        }
    )  # fmt: skip
    made.append(peak_row(film))
    return made
