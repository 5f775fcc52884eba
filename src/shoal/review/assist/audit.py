"""A random sample to look at, one item after the other, and what it says of the whole."""

from __future__ import annotations

import numpy as np

from shoal.errors import BadInputError, NotAllowedError
from shoal.review import commands as cmd
from shoal.review.assist.estimate import Estimate, estimate
from shoal.review.records import NOISE
from shoal.review.review import Review
from shoal.review.session import Event

__all__ = ["Audit"]

GOAL = 0.99
ENOUGH = 20
"""Items to look at before anything is said."""


class Audit:
    """A random sample of the items, for an estimate of how right the clusters are.

    The estimate is of the clusters as they were when the sample was drawn; merges since then are followed. So
    putting a wrong item of the sample right does not make the estimate look better than the rest deserves.

    Parameters
    ----------
    review : Review
        What is judged.
    size : int
        How many items to look at; 150 to 200 narrow precision to some percent.
    seed : int
        Of the sample.
    """

    def __init__(self, review: Review, *, size: int = 150, seed: int = 0) -> None:
        if size < 1:
            raise BadInputError(f"a sample of {size} says nothing", hint="Ask for 100 or more.")
        self._review = review
        state = review.session.state
        self.n_items = int((state.codes != -2).sum())
        everyone = np.flatnonzero(state.codes != -2)
        rng = np.random.default_rng(seed)
        self.rows: list[int] = rng.permutation(everyone)[:size].tolist()
        self._found: dict[int, int] = {row: int(state.codes[row]) for row in self.rows}
        self._belongs: dict[int, int] = {}
        self._nobody = 10**9
        self._stop = review.session.listen(self._on_event)

    def close(self) -> None:
        """Stop following the review."""
        self._stop()

    def _on_event(self, event: Event) -> None:
        """A cluster that was merged away counts as the one that it went into."""
        cells = event.change.cells.get("code")
        if cells is None:
            return
        gone = {old.code for old, new in event.change.clusters.values() if old is not None and new is None}
        into = {before: after for before, after, _ in cells.groups() if before in gone and after >= 0}
        for of in (self._found, self._belongs):
            of.update({row: into[code] for row, code in of.items() if code in into})

    @property
    def left(self) -> list[int]:
        """Rows of the sample that nobody has looked at yet, in order."""
        return [row for row in self.rows if row not in self._belongs]

    def next(self) -> str | None:
        """Id of the next item to look at; None when all were."""
        left = self.left
        return self._review.session.table.ids[left[0]] if left else None

    def answer(self, item: str, belongs: bool | str, *, source: str | None = None) -> None:
        """Say where an item of the sample belongs.

        Parameters
        ----------
        item : str
            Its id.
        belongs : bool or str
            True: where it is. Else the cluster it belongs to, by name or id, and it is moved there;
            ``"new"`` or False: to nobody who has a cluster, and it goes to noise. Say a character's main
            cluster even of an item in another cluster of the same character.

        Raises
        ------
        BadInputError
            When the item is not in the sample.
        """
        row = self._review.session.table.row(item)
        if row not in self._found:
            raise BadInputError(f"{item!r} is not in the sample", hint="next() says which is asked about.")
        state = self._review.session.state
        here = int(state.codes[row])
        at = np.array([row], np.int64)
        if belongs is True and here >= 0:
            self._belongs[row] = here
            self._do(cmd.PinItems(at, why="audit"), "Found right", source)
        elif isinstance(belongs, str) and belongs != "new":
            target = self._review.cluster_id(belongs)
            steps = [cmd.MoveItems(at, target), cmd.PinItems(at, why="audit")]
            self._do(cmd.Together(steps, "Put right"), "Put right", source)
            self._belongs[row] = state.code_of(target) if target != NOISE else self._somebody()
        else:
            self._belongs[row] = self._somebody()
            self._do(cmd.MoveItems(at, NOISE), "Belongs to nobody here", source)

    def _somebody(self) -> int:
        self._nobody += 1
        return self._nobody

    def _do(self, command: cmd.Command, label: str, source: str | None) -> None:
        try:
            self._review.session.do(cmd.Together([command], f"Audit: {label}"), note="answer", source=source)
        except NotAllowedError:
            return  # it is so already

    def estimate(self) -> Estimate:
        """Precision, recall and purity, from what was looked at so far.

        Raises
        ------
        BadInputError
            When nothing was looked at.
        """
        rows = list(self._belongs)
        return estimate([self._found[r] for r in rows], [self._belongs[r] for r in rows], self.n_items)

    def advice(self, goal: float = GOAL) -> str:
        """Whether to stop, in a sentence."""
        least = min(ENOUGH, len(self.rows))
        if len(self._belongs) < least:
            return f"Look at {least - len(self._belongs)} more items first."
        now = self.estimate()
        if now.reached(goal):
            return (
                f"You can stop: F1 is {now.f1.low:.1%} or more with 95 % confidence, the goal was {goal:.0%}."
            )
        if now.f1.high < goal:
            return f"Go on: F1 is {now.f1.high:.1%} at most, the goal is {goal:.0%}."
        more = f"; {len(self.left)} items of the sample are left" if self.left else "; draw a larger sample"
        return f"Not sure yet: F1 is {now.f1}, the goal is {goal:.0%}{more}."
