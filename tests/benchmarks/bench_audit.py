"""How often the audit's 95 % intervals cover the truth, over simulated reviews of many kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.review.assist.estimate import estimate
from tests.benchmarks.reviewer import pair_scores

IDS = ["audit."]
SIMULATIONS = 1_000
Ints = npt.NDArray[np.int64]


def world(rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Truth and clusters of one review: 400–4,000 items of 5–40 people, with mistakes, pieces and noise."""
    n, k = int(rng.integers(400, 4_000)), int(rng.integers(5, 41))
    truth = rng.choice(k, n, p=rng.dirichlet(np.full(k, 2.0)))
    codes = truth.copy()
    wrong = rng.random(n) < rng.choice([0.005, 0.01, 0.02, 0.05, 0.1, 0.2])
    alike = rng.integers(0, k, k)  # half of the mistakes go to the one who looks most alike
    somewhere = rng.integers(0, k, int(wrong.sum()))
    codes[wrong] = np.where(rng.random(int(wrong.sum())) < 0.5, alike[truth[wrong]], somewhere)
    pieces = codes.copy()
    for who in range(k):
        if rng.random() < 0.15:
            rows = np.flatnonzero(codes == who)
            pieces[rows[rng.random(len(rows)) < rng.uniform(0.1, 0.5)]] = k + who
    pieces[rng.random(n) < rng.choice([0.0, 0.02, 0.1])] = -1
    return truth, pieces


def main_clusters(truth: Ints, codes: Ints) -> dict[int, int]:
    """Person → the largest cluster that is mostly theirs: what an auditor answers."""
    out: dict[int, int] = {}
    sizes = {int(c): int((codes == c).sum()) for c in np.unique(codes) if c >= 0}
    for code in sorted(sizes, key=lambda c: -sizes[c]):
        out.setdefault(int(np.bincount(truth[codes == code]).argmax()), code)
    return out


def coverage(simulations: int, *, seed: int = 0) -> dict[str, float]:
    """Share of the simulations in which each interval covers the truth."""
    hits: dict[str, list[bool]] = {"precision": [], "recall": [], "purity": []}
    for number in range(simulations):
        rng = np.random.default_rng([seed, number])
        truth, codes = world(rng)
        main = main_clusters(truth, codes)
        _, precision, recall = pair_scores(codes, truth)
        inside = codes >= 0
        most = {int(c): int(np.bincount(truth[codes == c]).argmax()) for c in np.unique(codes[inside])}
        purity = float(
            np.mean([most[int(c)] == t for c, t in zip(codes[inside], truth[inside], strict=True)])
        )
        size = min(int(rng.choice([100, 150, 200])), len(truth) // 2)
        rows = rng.choice(len(truth), size, replace=False)
        belongs = [main.get(int(truth[row]), 10**6 + int(truth[row])) for row in rows]
        result = estimate(codes[rows].tolist(), belongs, len(truth))
        for name, real in (("precision", precision), ("recall", recall), ("purity", purity)):
            interval = getattr(result, name)
            hits[name].append(interval.low <= real <= interval.high)
    return {name: float(np.mean(of)) for name, of in hits.items()}


def rows(only: str = "") -> list[dict[str, Any]]:
    """One row for each of pairwise precision and recall, and purity."""
    found = coverage(SIMULATIONS)
    note = f"{SIMULATIONS:,} simulated reviews of 400-4,000 items, samples of 100-200; nominal 95 %"
    out = [
        {"id": f"audit.coverage_{name}", "value": round(100 * share, 1), "unit": "%", "note": note}
        for name, share in found.items()
    ]
    worst = max(found.values(), key=lambda share: abs(share - 0.95))
    passed = all(0.93 <= share <= 0.97 for share in found.values())
    out.append(
        {
            "id": "audit.coverage",
            "value": round(100 * worst, 1),
            "unit": "%",
            "bar": "93 to 97",
            "passed": passed,
            "note": note + "; that of precision, recall and purity which is farthest from 95 %",
        }
    )
    return [row for row in out if row["id"].startswith(only)]
