"""Clustering again after 200 corrections: how many are lost, and what share of the rest it mends."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.review import commands as cmd
from shoal.review.assist.repair import Kept, broken
from shoal.review.constraints import Known
from shoal.review.recluster import recluster
from shoal.review.review import Review
from tests.benchmarks.labelled import sets
from tests.benchmarks.reviewer import make_review

IDS = ["recluster."]
CORRECTIONS = 200
Ints = npt.NDArray[np.int64]


def homes(codes: npt.NDArray[np.int32], truth: Ints) -> Ints:
    """For each row the main cluster of whom it shows: the largest that is mostly theirs; −3 for none."""
    main: dict[int, int] = {}
    found, counts = np.unique(codes[codes >= 0], return_counts=True)
    for code in found[np.argsort(-counts, kind="stable")].tolist():
        main.setdefault(int(np.bincount(truth[codes == code]).argmax()), code)
    return np.array([main.get(int(t), -3) for t in truth])


def misplaced(codes: npt.NDArray[np.int32], truth: Ints) -> Ints:
    """Rows that are not in the main cluster of whom they show."""
    return np.flatnonzero(codes != homes(codes, truth))


def correct(review: Review, truth: Ints, count: int, rng: np.random.Generator) -> int:
    """Right up to ``count`` mistakes as a person does: join two clusters, move one picture, split one off."""
    done = 0
    while done < count:
        state = review.session.state
        of: dict[int, list[str]] = {}
        for record in state.clusters.values():
            rows = state.members(record.code)
            if len(rows):
                of.setdefault(int(np.bincount(truth[rows]).argmax()), []).append(record.id)
        doubles = [ids for ids in of.values() if len(ids) > 1]
        if doubles and done % 8 == 0:
            one, other = doubles[0][:2]
            review.session.do(cmd.MergeClusters([one, other], state.clusters[one].name, one))
            done += 1
            continue
        home = homes(state.codes, truth)
        wrong = np.flatnonzero((state.codes != home) & (home >= 0))
        if not len(wrong):
            lost = np.flatnonzero((state.codes >= 0) & (home < 0))
            if not len(lost):
                break
            first = int(rng.choice(lost))  # somebody without a cluster: what is seen of them gets one
            same = (truth == truth[first]) & (state.codes == state.codes[first])
            review.split(np.flatnonzero(same))
            done += 1
            continue
        row = int(rng.choice(wrong))
        review.session.do(cmd.MoveItems(np.array([row]), state.id_of(int(home[row]))))
        done += 1
    return done


def one_set(name: str, vectors: Any, labels: Any, truth: Any) -> list[dict[str, Any]]:
    """Corrections, clustering again by what they teach and by a new partition, and what became of them."""
    review = make_review(vectors, labels)
    made = correct(review, truth, min(CORRECTIONS, len(truth) // 3), np.random.default_rng(0))
    known = Known(review)
    kept = Kept.of(known, review.session.state.codes)
    before = len(misplaced(review.session.state.codes, truth))
    fresh = recluster(review, labels)
    lost = len(broken(kept, fresh.codes))
    proposal = recluster(review)
    lost += len(broken(kept, proposal.codes))
    after = len(misplaced(proposal.codes, truth))
    # where nothing was left to mend, leaving it alone is all that can be right
    share = (before - after) / before if before else 1.0 - after
    note = f"{made} corrections, {before} of {len(truth)} items misplaced before, {after} after; {proposal}"
    return [
        {"id": f"recluster.lost.{name}", "value": lost, "unit": "corrections", "bar": 0, "passed": lost == 0},
        {
            "id": f"recluster.fixed_share.{name}",
            "value": round(share, 3),
            "unit": "of mistakes",
            "note": note,
        },
    ]


def rows(only: str = "") -> list[dict[str, Any]]:
    """Each set, and all together."""
    out = [row for name, of in sets().items() for row in one_set(name, *of)]
    if out:
        lost = sum(row["value"] for row in out if row["id"].startswith("recluster.lost"))
        shares = [row["value"] for row in out if row["id"].startswith("recluster.fixed_share")]
        out += [
            {"id": "recluster.lost", "value": lost, "unit": "corrections", "bar": 0, "passed": lost == 0},
            {
                "id": "recluster.fixed_share",
                "value": round(float(np.median(shares)), 3),
                "unit": "of mistakes",
                "note": f"median over {len(shares)} sets, the least {min(shares):.3f}",
            },
        ]
    return [row for row in out if row["id"].startswith(only)]
