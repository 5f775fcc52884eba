"""Messages of the queue: questions, answers, the assign queue's switches, auto-move, the audit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shoal.widgets.protocol.base import Message

__all__ = [
    "AnswerQueue",
    "AskQueue",
    "AutoMoveReply",
    "AutoMoveStep",
    "ClaimInfo",
    "GetAutoMoves",
    "QuestionInfo",
    "QueueMode",
    "QueueReply",
    "QueueStatus",
    "RunAutoMove",
    "SetQueue",
    "SkipQueue",
    "SuggestionInfo",
]

QueueMode = Literal["review", "pairs", "sort", "disputed", "audit"]


class AskQueue(Message):
    """Ask for the question that is worth most now."""

    kind: Literal["ask_queue"] = "ask_queue"
    mode: QueueMode


class AnswerQueue(Message):
    """Answer a question; the reply brings the next one."""

    kind: Literal["answer_queue"] = "answer_queue"
    mode: QueueMode
    question: str
    verdicts: list[bool | None] = Field(
        default_factory=list[bool | None], description="one a claim; null for unsure"
    )
    choice: str | None = Field(
        default=None, description='for "who": id of a cluster, "new", "noise", "trash" or "here"'
    )
    name: str | None = Field(default=None, description="of a new cluster")
    sent: list[str | None] = Field(
        default_factory=list[str | None],
        description='for "place" and "page": one a claim, the cluster that it goes to (of a page also "new", '
        '"trash"; for "place" also "+1", "+2": new ones), null for none; empty when none is sent',
    )


class SkipQueue(Message):
    """Put a question off; the reply brings the next one."""

    kind: Literal["skip_queue"] = "skip_queue"
    mode: QueueMode
    question: str
    places: list[int] = Field(default_factory=list[int], description='for "page": which of its items')


class SetQueue(Message):
    """Turn the switches of the queue; null leaves one as it is. The reply brings the question."""

    kind: Literal["set_queue"] = "set_queue"
    mode: QueueMode
    manual_only: bool | None = None
    shuffle: bool | None = None
    paged: bool | None = Field(default=None, description="sort in pages")
    turn: int = Field(default=0, description="pages to turn, negative for back")
    again: bool = Field(default=False, description="ask about what was put off")


class GetAutoMoves(Message):
    """Ask what auto-move would do at each threshold."""

    kind: Literal["get_auto_moves"] = "get_auto_moves"


class RunAutoMove(Message):
    """Move all that is at least that similar to a cluster; answered like an edit."""

    kind: Literal["run_auto_move"] = "run_auto_move"
    threshold: float


class ClaimInfo(Message):
    """One thing that a question asks."""

    rows: list[int] = Field(description="pictures to show for it")
    beside: list[int] = Field(description="pictures on the other side; empty: the question's own")
    guess: bool
    probability: float
    size: int = Field(description="items that stand behind it")
    sort: Literal["merge", "split", "move", "check", "group", "pair"]
    names: list[str] = Field(description="of the clusters it is about")
    cluster: str = Field(default="", description='for "page": id of the cluster that is the best guess')
    reason: str = Field(default="", description="why it is in question, where two models disagree about it")


class SuggestionInfo(Message):
    """A cluster that an item may belong to."""

    cluster: str
    name: str
    similarity: float = Field(description="cosine similarity to its centroid")
    votes: float = Field(description="share of the neighbours' votes, 0..1")
    rows: list[int]
    size: int


class QuestionInfo(Message):
    """One screen of the queue."""

    id: str
    kind: Literal["same", "place", "group", "who", "pair", "page"]
    claims: list[ClaimInfo]
    suggestions: list[SuggestionInfo] = Field(
        description='for "who" the answers; for "place" and "page" where to send what is marked'
    )
    cluster: str | None
    name: str | None = Field(description="of the cluster it is about")
    shown: list[int]
    label: str = Field(description="of the item, when it is about one")
    reason: str = Field(default="", description="why it is asked, where two models disagree about the item")


class QueueStatus(Message):
    """How far the work is."""

    answered: int
    confirmed: int
    remaining: int = Field(description="items in noise that nobody has put there")
    later: int
    items: int
    manual: int
    auto: int
    per_minute: float | None
    minutes_left: float | None
    manual_only: bool
    shuffled: bool
    paged: bool = False
    first: int = Field(default=0, description="place of the first item asked about, among those open")
    open: int = Field(default=0, description="items to sort that were not put off")
    disputed: int | None = Field(
        default=None, description="items left about which two models disagree; null without two"
    )
    looked_at: int = Field(description="of the audit's sample")
    sample: int
    estimate: str = Field(description="how right the review is, in words; empty without an audit")
    advice: str
    learned: str = Field(description="whether a metric of its own is in use, in words")


class QueueReply(Message):
    """The next question, and how far the work is."""

    kind: Literal["queue"] = "queue"
    mode: QueueMode
    question: QuestionInfo | None
    label: str = Field(description="what the answer did; empty when nothing was answered")
    status: QueueStatus


class AutoMoveStep(Message):
    """What auto-move would do at one threshold."""

    threshold: float
    count: int
    precision: float | None = Field(description="share expected to go where they belong, 0..1")
    low: float
    high: float
    held_out: int = Field(description="items placed by hand that say so")


class AutoMoveReply(Message):
    """The stops of the slider, lowest threshold first."""

    kind: Literal["auto_moves"] = "auto_moves"
    steps: list[AutoMoveStep]
