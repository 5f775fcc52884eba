"""Keys and clicks from the automatic clusters to 99 % pairwise F1: browsing, careful browsing, the queue.

The reviewer is simulated (``reviewer.py``): it answers from labels, looks only at pictures that are on the
screen, and works by the real commands.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from shoal.review.assist.neighbours import unit
from shoal.review.assist.queue import ReviewQueue
from tests.benchmarks.labelled import SOURCES, load, looks
from tests.benchmarks.reviewer import GOAL, Reviewer, make_review, pair_scores

IDS = ["gestures.", "queue."]
LARGE = 100_000
PEOPLE = 150
ANSWERS = 40
LEARNT_AT = 10
CONFIRMED = 1_000
LIMIT_MS = 50.0

Row = dict[str, Any]


def gestures(name: str, vectors: Any, labels: Any, truth: Any) -> list[Row]:
    """The three ways on one set."""
    n, rows, used = len(truth), list[Row](), dict[str, int]()
    start = pair_scores(labels, truth)[0]
    for way in ("plain", "careful", "queue"):
        person = Reviewer(make_review(vectors, labels), truth, looks=looks(name))
        began = perf_counter()
        if way == "queue":
            person.by_queue(most=4 * n)
        else:
            person.by_browsing(careful=way == "careful")
        used[way] = person.gestures
        reached = person.score()
        note = f"{n} items, F1 {start:.3f} at the start, {reached:.4f} at the end; " + ", ".join(
            f"{kind} {count}" for kind, count in sorted(person.kinds.items())
        )
        if way == "queue":
            note += f"; {perf_counter() - began:.0f} s of reckoning"
        row: Row = {
            "id": f"gestures.{name}.{way}",
            "value": round(1000 * person.gestures / n, 1),
            "unit": "per 1,000 items",
            "note": note,
        }
        if way == "queue":
            ratio = used["queue"] / max(1, used["careful"])
            row |= {
                "peer": "careful browsing",
                "peer_value": round(1000 * used["careful"] / n, 1),
                "ratio": round(ratio, 3),
                "bar": "0.5 or less",
                "passed": ratio <= 0.5 and reached >= GOAL,
            }
        rows.append(row)
    return rows


def median_row(rows: list[Row]) -> Row:
    """The ratio of queue to careful browsing, over the sets."""
    ratios = [row["ratio"] for row in rows if row.get("ratio") is not None]
    value = float(np.median(ratios))
    return {
        "id": "gestures.median_ratio",
        "value": round(value, 3),
        "unit": "of careful browsing",
        "bar": "0.25 or less",
        "passed": value <= 0.25,
        "note": f"over {len(ratios)} sets; the largest is {max(ratios):.3f}",
    }


def next_question() -> Row:
    """From an answer to the next question, at 100,000 items in 450 pieces of 150 people."""
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(PEOPLE, 96)).astype(np.float32)
    truth = rng.integers(0, PEOPLE, LARGE)
    vectors = unit(centres[truth] + 0.55 * rng.normal(size=(LARGE, 96)).astype(np.float32))
    labels = truth + PEOPLE * rng.integers(0, 3, LARGE)
    labels[rng.random(LARGE) < 0.05] = -1
    wrong = rng.random(LARGE) < 0.02
    labels[wrong] = rng.integers(0, 3 * PEOPLE, int(wrong.sum()))
    with tempfile.TemporaryDirectory() as folder:
        review = make_review(vectors, labels, log=Path(folder) / "actions.jsonl")
        person = Reviewer(review, truth)
        began = perf_counter()
        queue = ReviewQueue(review)
        made = perf_counter() - began
        question, taken, learning = queue.next(), list[float](), 0.0
        for number in range(ANSWERS):
            if question is None:
                break
            if number == LEARNT_AT:  # the widget learns in a thread of its own
                review.pin(np.flatnonzero(review.session.state.codes == truth)[:CONFIRMED])
                learning = perf_counter()
                queue.learn()
                learning, question = perf_counter() - learning, queue.next()
                if question is None:
                    break
            verdicts = person.verdicts(question)
            began = perf_counter()
            if question.kind == "who":
                queue.answer(question, choice=question.suggestions[0].cluster)
            else:
                queue.answer(question, verdicts)
            question = queue.next()
            taken.append(1000 * (perf_counter() - began))
        queue.close()
    median = float(np.median(taken))
    return {
        "id": "queue.next_ms",
        "value": round(median, 1),
        "p95": round(float(np.quantile(taken, 0.95)), 1),
        "unit": "ms",
        "bar": LIMIT_MS,
        "passed": median <= LIMIT_MS,
        "note": f"answer, log on disk, next question; {LARGE:,} items, {len(taken)} answers; "
        f"opening the queue takes {made:.1f} s, learning from {CONFIRMED:,} items {learning:.0f} s beside it",
    }


def rows(only: str = "") -> list[Row]:
    """The rows that were asked for."""
    out: list[Row] = []
    if "queue.".startswith(only) or only.startswith("queue."):
        out.append(next_question())
    if "gestures.".startswith(only) or only.startswith("gestures."):
        wanted = [name for name in SOURCES if f"gestures.{name}".startswith(only)]
        wanted = wanted or [name for name in SOURCES if only.startswith(f"gestures.{name}")]
        for name in wanted:
            found = load(name)
            if found is not None:
                out += gestures(name, *found)
        if len(wanted) == len(SOURCES) and out:
            out.append(median_row(out))
    return out
