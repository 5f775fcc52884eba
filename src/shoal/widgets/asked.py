"""Questions of the queue as the views are told of them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from math import isfinite

from shoal.review.assist.questions import Claim, Question, Suggestion
from shoal.review.review import Review
from shoal.review.sorting import Sorting
from shoal.widgets.codec import visible_text
from shoal.widgets.protocol import queue as wire

__all__ = ["described", "largest", "page", "page_id", "who"]

PAGE_SUGGESTIONS = 27


def described(review: Review, question: Question) -> wire.QuestionInfo:
    """A question of the review queue, or about a pair."""
    state, ids = review.session.state, review.session.table.ids
    name = state.clusters[question.cluster].name if question.cluster else None
    one = question.kind == "who" and question.cluster is None
    return wire.QuestionInfo(
        id=question.id,
        kind=question.kind,
        claims=[_claim(review, claim, question.kind == "place") for claim in question.claims],
        suggestions=[_suggestion(review, found) for found in question.suggestions],
        cluster=question.cluster,
        name=None if name is None else visible_text(name),
        shown=list(question.shown),
        label=visible_text(ids[question.shown[0]]) if one else "",
        reason=_dispute(review, question.shown[0]) if one else "",
    )


def who(review: Review, item: str, found: Sequence[Suggestion]) -> wire.QuestionInfo:
    """Where one item belongs; its present cluster is told with it."""
    row = review.session.table.row(item)
    state = review.session.state
    code = int(state.codes[row])
    record = state.clusters[state.id_of(code)] if code >= 0 else None
    return wire.QuestionInfo(
        id=visible_text(item),
        kind="who",
        claims=[],
        suggestions=[_suggestion(review, s) for s in found],
        cluster=record.id if record else None,
        name=visible_text(record.name) if record else None,
        shown=[row],
        label=visible_text(item),
        reason=_dispute(review, row),
    )


def page(review: Review, sorting: Sorting) -> wire.QuestionInfo | None:
    """A page of what is left in noise: each item with its best guess, and the clusters that suit the page."""
    items = sorting.page()
    if not items:
        return None
    votes, best, claims = dict[str, float](), dict[str, Suggestion](), list[wire.ClaimInfo]()
    for item in items:
        found = sorting.suggestions(item, count=3)
        for place, one in enumerate(found):
            votes[one.cluster] = votes.get(one.cluster, 0.0) + 1 / (1 + place)
            best.setdefault(one.cluster, one)
        first = found[0] if found else None
        claims.append(
            wire.ClaimInfo(
                rows=[review.session.table.row(item)],
                beside=[],
                guess=False,
                probability=round(max(0.0, first.similarity), 4) if first else 0.0,
                size=1,
                sort="move",
                names=[visible_text(first.name)] if first else [],
                cluster=first.cluster if first else "",
            )
        )
    listed = [best[cluster] for cluster in sorted(votes, key=lambda c: -votes[c])]
    if not sorting.manual_only:
        known = {s.cluster for s in listed}
        listed += [s for s in largest(review, PAGE_SUGGESTIONS) if s.cluster not in known]
    return wire.QuestionInfo(
        id=visible_text(page_id(items)),
        kind="page",
        claims=claims,
        suggestions=[_suggestion(review, s) for s in listed[:PAGE_SUGGESTIONS]],
        cluster=None,
        name=None,
        shown=[],
        label="",
    )


def page_id(items: Sequence[str]) -> str:
    """What a page of these items goes by: an answer to another page must not be taken for one to this."""
    return f"page-{zlib.crc32(chr(10).join(items).encode('utf-8', 'surrogatepass')):08x}-{len(items)}"


def largest(review: Review, count: int) -> tuple[Suggestion, ...]:
    """The largest clusters, where nothing is known of what an item looks like."""
    state = review.session.state
    records = sorted(state.clusters.values(), key=lambda r: -state.size(r.code))[:count]
    nan = float("nan")
    return tuple(
        Suggestion(r.id, r.name, nan, nan, 0.0, tuple(state.members(r.code)[:3].tolist())) for r in records
    )


def _dispute(review: Review, row: int) -> str:
    return visible_text(review.opinions.words(row))


def _claim(review: Review, claim: Claim, item: bool) -> wire.ClaimInfo:
    clusters = review.session.state.clusters
    return wire.ClaimInfo(
        rows=list(claim.rows),
        beside=list(claim.beside),
        guess=claim.guess,
        probability=round(claim.probability, 4),
        size=claim.size,
        sort=claim.sort or "pair",  # pyright: ignore[reportArgumentType] - one of the sorts, by whoever made it
        names=[visible_text(clusters[c].name) for c in claim.clusters],
        reason=_dispute(review, claim.rows[0]) if item else "",
    )


def _suggestion(review: Review, found: Suggestion) -> wire.SuggestionInfo:
    state = review.session.state
    return wire.SuggestionInfo(
        cluster=found.cluster,
        name=visible_text(found.name),
        similarity=round(found.similarity, 4) if isfinite(found.similarity) else 0.0,
        votes=round(found.votes, 4),
        rows=list(found.rows),
        size=state.size(state.code_of(found.cluster)),
    )
