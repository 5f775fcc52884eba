"""The items about which two models disagree, the surest disagreement first."""

from __future__ import annotations

import numpy as np

from shoal.review import commands as cmd
from shoal.review.constraints import ANSWER
from shoal.review.opinions import CLEAR
from shoal.review.review import Review

__all__ = ["Disputed"]


class Disputed:
    """Asks where disputed items belong; what somebody has said of an item is pinned, and not asked again.

    Parameters
    ----------
    review : Review
        With a second opinion: ``review.use_vectors(vectors, name="clothes", beside=True)``.
    """

    def __init__(self, review: Review) -> None:
        self._review = review
        self._later: set[str] = set()

    @property
    def left(self) -> list[int]:
        """Rows to ask about, the surest disagreement first."""
        found = self._review.opinions.disagreement()
        if found is None:
            return []
        rows = np.flatnonzero(found.score >= CLEAR)
        ids, pinned = self._review.session.table.ids, self._review.session.state.notes["pin"]
        listed: list[int] = rows[np.argsort(-found.score[rows], kind="stable")].tolist()
        return [row for row in listed if row not in pinned and ids[row] not in self._later]

    @property
    def put_off(self) -> int:
        """How many items were put off."""
        return len(self._later)

    def next(self) -> str | None:
        """Id of the item that is asked about now; None when all is said."""
        left = self.left
        return self._review.session.table.ids[left[0]] if left else None

    def favourites(self, item: str) -> list[str]:
        """Ids of the clusters that the two models would put an item into, the review's own model first."""
        found, state = self._review.opinions.disagreement(), self._review.session.state
        row = self._review.session.table.row(item)
        return [] if found is None else [state.id_of(int(of[row])) for of in (found.own, found.other)]

    def answer(self, item: str, cluster: str | bool, *, source: str | None = None) -> str:
        """Say where an item belongs: True for where it is, else a cluster by name or id.

        Returns
        -------
        str
            What was done, in words.
        """
        state, rows = self._review.session.state, self._review.rows(item)
        here = state.id_of(int(state.codes[rows[0]]))
        target = here if cluster is True else self._review.cluster_id(str(cluster))
        name = cmd.name_of(state, target)
        steps: list[cmd.Command] = [] if target == here else [cmd.MoveItems(rows, target)]
        label = f"Assigned to {name}" if steps else f"Left in {name}"
        done = cmd.Together([*steps, cmd.PinItems(rows)], label)
        return self._review.session.do(done, note=ANSWER, source=source).label

    def later(self, item: str) -> None:
        """Put an item off, until :meth:`again`."""
        self._later.add(item)

    def again(self) -> None:
        """Ask about what was put off."""
        self._later.clear()
