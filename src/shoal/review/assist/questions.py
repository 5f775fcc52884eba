"""The questions of the review queue, as data: what is asked, what is guessed, and what it could bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from shoal.errors import BadInputError
from shoal.review.state import State

__all__ = ["Claim", "Kind", "Question", "Suggestion", "Verdict", "stands"]

Kind = Literal["same", "place", "group", "who", "pair"]
Verdict = bool | None
"""Yes, no, or nobody can tell."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a question asks, with the guess that is taken when nobody objects.

    Parameters
    ----------
    rows : tuple of int
        Rows of the pictures to show for it.
    beside : tuple of int
        Rows to show on the other side: the cluster, part or item it is compared with; empty when that is the
        question's own ``shown``.
    guess : bool
        What the model believes.
    probability : float
        Of yes, 0..1.
    clusters : tuple of str
        Ids of the clusters it is about: two that may be one, or one that may be two.
    part : tuple of int
        Rows that would leave the one cluster, or make a new one.
    size : int
        How many items stand behind ``rows``.
    sort : str
        Sort of claim, for the record of how often such guesses come true: ``"merge"``, ``"split"``,
        ``"move"``, ``"check"`` or ``"group"``.
    stated : float
        The probability before that record was taken into account.
    features : tuple of float
        What that was judged by, where such answers teach a judge of their own (``"split"``).
    """

    rows: tuple[int, ...]
    guess: bool
    probability: float
    beside: tuple[int, ...] = ()
    clusters: tuple[str, ...] = ()
    part: tuple[int, ...] = field(default=(), repr=False)
    size: int = 1
    sort: str = ""
    stated: float = 0.5
    features: tuple[float, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A cluster that an item might belong to.

    Parameters
    ----------
    cluster, name : str
        Id and name.
    similarity : float
        Cosine similarity to its centroid, −1..1.
    nearest : float
        Highest cosine similarity to one of its items among the neighbours; NaN when none is.
    votes : float
        Share of the neighbours' votes, 0..1.
    rows : tuple of int
        Pictures to show for it.
    """

    cluster: str
    name: str
    similarity: float
    nearest: float
    votes: float
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One screen of the queue.

    Parameters
    ----------
    id : str
        Unique in the life of a queue.
    kind : {"same", "place", "group", "who", "pair"}
        ``same``: do the two sides of each claim show the same (two clusters that may be one, or two parts of
        a cluster that may be mixed)? ``place``: do these items belong to this cluster? ``group``: does each
        of these groups of noise show one and the same? ``who``: to which cluster does this item belong?
        ``pair``: do these two items show the same?
    claims : tuple of Claim
        What can be said yes or no to; for ``who`` empty.
    suggestions : tuple of Suggestion
        For ``who``, best first.
    cluster : str or None
        The cluster it is about, by id.
    shown : tuple of int
        Pictures of that cluster, or the item of ``who``.
    gain, cost : float
        Expected pairs of items put right, and expected keys to press.
    """

    id: str
    kind: Kind
    claims: tuple[Claim, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    cluster: str | None = None
    shown: tuple[int, ...] = ()
    gain: float = 0.0
    cost: float = 1.0

    @property
    def worth(self) -> float:
        """Expected gain per key."""
        return self.gain / self.cost

    @property
    def guesses(self) -> tuple[bool, ...]:
        """The answer when nobody objects."""
        return tuple(claim.guess for claim in self.claims)

    def checked(self, verdicts: Sequence[Verdict] | Verdict) -> tuple[Verdict, ...]:
        """One verdict a claim; a single one counts for all.

        Raises
        ------
        BadInputError
            When their number is not that of the claims.
        """
        many = (verdicts,) * len(self.claims) if verdicts is None or isinstance(verdicts, bool) else verdicts
        if len(many) != len(self.claims):
            raise BadInputError(
                f"{len(many)} verdicts for {len(self.claims)} claims",
                hint="Give one a claim, or one for all.",
            )
        return tuple(many)


def stands(question: Question | None, state: State) -> bool:
    """Whether a question that was found earlier can still be asked."""
    if question is None:
        return False
    if question.cluster is not None and question.cluster not in state.clusters:
        return False
    if any(suggestion.cluster not in state.clusters for suggestion in question.suggestions):
        return False
    for claim in question.claims:
        if any(cluster not in state.clusters for cluster in claim.clusters):
            return False
        if len(claim.clusters) == 2 and state.size(state.code_of(claim.clusters[1])) != claim.size:
            return False
        code = state.code_of(claim.clusters[0]) if len(claim.clusters) == 1 else -1
        if claim.part and not (state.codes[list(claim.part)] == code).all():
            return False
        if claim.sort in ("move", "check") and claim.rows[0] in state.notes["pin"]:
            return False
    alone = question.kind == "who" and question.cluster is None
    return not (alone and question.shown[0] in state.notes["pin"])
