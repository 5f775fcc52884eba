"""From a cluster of a review to a proposal, and from a proposal to an edit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from shoal.compute.progress import progress as counted
from shoal.disk.names import folded
from shoal.errors import BadInputError, ConflictError, MissingError
from shoal.review.commands import AssignItems, Assignment, name_of
from shoal.review.partition import Check, Floats
from shoal.review.proposals import Method, SplitProposal, propose
from shoal.review.records import ClusterRecord
from shoal.review.rows import Rows
from shoal.review.session import Session
from shoal.review.state import State

if TYPE_CHECKING:
    from shoal.review.review import Review

__all__ = ["accept_proposal", "free_names", "points_of", "propose_for"]


def points_of(review: Review, rows: Rows) -> Floats:
    """Where items lie: their unit vectors, else their places on the map; NaN where unknown.

    Raises
    ------
    MissingError
        When the review has neither.
    """
    quality = review.quality
    if quality is not None and quality.known[rows[rows < len(quality.known)]].any():
        return quality.points(rows)
    xy = review.session.table.columns.get("xy")
    if xy is None:
        raise MissingError(
            "this review has neither vectors nor a map, so nothing can be proposed",
            hint="Give write_clusters() embeddings or a projection, or the review use_vectors().",
        )
    return np.asarray(xy[rows], np.float32)


def propose_for(
    review: Review,
    cluster: str,
    *,
    method: Method = "auto",
    seed: int = 0,
    bar: bool = False,
    check: Check = lambda: None,
    progress: Callable[[str, int, int], None] | None = None,
) -> SplitProposal:
    """See :meth:`Review.propose_split`; the review is held only while it is read."""
    with review.session.reading():
        state = review.session.state
        rows = state.members(state.code_of(cluster)).copy()
        name = name_of(state, cluster)
        points = points_of(review, rows)
    if progress is not None:
        return propose(
            points, rows, cluster=cluster, name=name, method=method, seed=seed, check=check, progress=progress
        )
    with counted("looking for parts", 3, bar, unit="steps") as shown:

        def step(_what: str, done: int, _total: int) -> None:
            shown.update(done - shown.done)

        return propose(
            points, rows, cluster=cluster, name=name, method=method, seed=seed, check=check, progress=step
        )


def free_names(state: State, stem: str, count: int) -> list[str]:
    """``count`` names ``stem_2``, ``stem_3`` … that no cluster has."""
    taken = {folded(record.name) for record in state.clusters.values()}
    out: list[str] = []
    number = 2
    while len(out) < count:
        name = f"{stem}_{number}"
        if folded(name) not in taken:
            out.append(name)
        number += 1
    return out


def accept_proposal(
    session: Session,
    proposal: SplitProposal,
    parts: int | None = None,
    *,
    take: Sequence[int] | None = None,
    names: Sequence[str] | None = None,
) -> list[str]:
    """See :meth:`Review.accept_split`."""
    with session.editing():
        session.catch_up()
        state = session.state
        rows = proposal.parts(parts)
        record: ClusterRecord | None = state.clusters.get(proposal.cluster)
        fixed = record is None and proposal.cluster not in ("noise", "trash")
        if fixed or not np.array_equal(state.members(state.code_of(proposal.cluster)), proposal.rows):
            raise ConflictError(f"{proposal.name!r} has changed since the proposal", hint="Propose it again.")
        chosen = list(range(1, len(rows))) if take is None else list(take)
        if not chosen or any(not 0 <= part < len(rows) for part in chosen):
            raise BadInputError(f"parts go from 0 to {len(rows) - 1}", hint="Take at least one of them.")
        if names is None:
            names = free_names(state, record.name if record else "cluster", len(chosen))
        if len(names) != len(chosen):
            raise BadInputError(
                f"{len(names)} names for {len(chosen)} parts", hint="Give each part one name."
            )
        first = state.next_code
        whole = len(chosen) == len(rows)
        label = f"Split {proposal.name} into {len(chosen) + (0 if whole else 1)}"
        session.do(
            AssignItems(
                [Assignment(rows[part], name=name) for part, name in zip(chosen, names, strict=True)], label
            )
        )
        return [state.id_of(first + i) for i in range(len(chosen))]
