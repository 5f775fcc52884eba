"""How often the precision that auto-move claims is within its interval, from random starts by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from shoal.review.assist.auto_move import AutoMoves
from tests.benchmarks.labelled import sets
from tests.benchmarks.reviewer import make_review

IDS = ["automove."]
STARTS = 200


def one_start(vectors: Any, truth: Any, rng: np.random.Generator) -> tuple[bool, float] | None:
    """A person has placed a random part of the pictures; is the claim right, and how far off is it?"""
    n = len(truth)
    seen = rng.choice(n, int(rng.integers(min(40, n // 4), max(41, n // 3))), replace=False)
    labels = np.full(n, -1)
    names = np.unique(truth[seen])
    labels[seen] = np.searchsorted(names, truth[seen])
    review = make_review(vectors, labels)
    review.pin(seen)
    moves = AutoMoves(review)
    found = moves.at(float(np.quantile(moves.scores, rng.uniform(0, 0.9))))
    if not found.held_out or not len(found.rows):
        return None
    right = float((names[found.codes] == truth[found.rows]).mean())
    return found.low <= right <= found.high, abs(found.precision - right)


def rows(only: str = "") -> list[dict[str, Any]]:
    """Coverage over random starts on every labelled set there is."""
    out: list[dict[str, Any]] = []
    everything: list[tuple[bool, float]] = []
    for name, (vectors, _, truth) in sets().items():
        found = [one_start(vectors, truth, np.random.default_rng([7, i])) for i in range(STARTS)]
        good = [f for f in found if f is not None]
        everything += good
        out.append(
            {
                "id": f"automove.coverage.{name}",
                "value": round(100 * float(np.mean([hit for hit, _ in good])), 1),
                "unit": "%",
                "note": f"{len(good)} random starts and thresholds; mean distance between claimed and real "
                f"precision {100 * float(np.mean([off for _, off in good])):.1f} points",
            }
        )
    if everything:
        share = 100 * float(np.mean([hit for hit, _ in everything]))
        worst = min(float(row["value"]) for row in out)
        out.append(
            {
                "id": "automove.coverage",
                "value": round(share, 1),
                "unit": "%",
                "bar": "95 or more",
                "passed": share >= 95,
                "note": f"over all sets; the worst has {worst:.1f} %",
            }
        )
    return [row for row in out if row["id"].startswith(only)]
