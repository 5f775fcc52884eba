"""From an answer to the one command that carries it out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shoal.errors import BadInputError
from shoal.review import commands as cmd
from shoal.review.assist.questions import Question, Verdict
from shoal.review.naming import free_name
from shoal.review.records import NOISE, TRASH
from shoal.review.review import Review
from shoal.review.rows import Rows
from shoal.review.splitting import free_names

__all__ = ["commands_for"]

NEW = "new"
NEW_MARK = "+"
"""Begins what stands for a new cluster among the places that a page's items are sent to: "+1", "+2"."""


def commands_for(
    review: Review,
    question: Question,
    verdicts: Sequence[Verdict],
    *,
    choice: str | None = None,
    name: str | None = None,
    sent: Sequence[str | None] = (),
) -> cmd.Together:
    """The command that does what an answer says.

    Parameters
    ----------
    review : Review
        Where the question was asked.
    question : Question
        What was asked.
    verdicts : sequence of (bool or None)
        One a claim; empty for ``who``.
    choice, name : str, optional
        For ``who``: see :meth:`ReviewQueue.answer`.
    sent : sequence of (str or None)
        For ``place``: see :meth:`ReviewQueue.answer`.
    """
    match question.kind:
        case "same":
            return _same(review, question, verdicts)
        case "place":
            return _place(review, question, verdicts, sent)
        case "group":
            return _group(review, question, verdicts)
        case "who":
            return _who(review, question, str(choice), name)
        case "pair":
            return _pair(review, question, verdicts)


def _same(review: Review, question: Question, verdicts: Sequence[Verdict]) -> cmd.Together:
    state, ids = review.session.state, review.session.table.ids
    groups: list[set[str]] = []
    links: list[cmd.Link] = []
    out: dict[str, list[Rows]] = {}
    moved: dict[str, list[Rows]] = {}
    for claim, said in zip(question.claims, verdicts, strict=True):
        if claim.sort == "move":
            row = np.array(claim.rows, np.int64)
            if said:
                moved.setdefault(claim.clusters[0], []).append(row)
            else:
                kind = "unsure" if said is None else "cannot"
                links.append(cmd.Link.of(ids, claim.beside[0], claim.rows[0], kind))
            continue
        split = len(claim.clusters) == 1
        if said and not split:
            joined = set(claim.clusters).union(*(g for g in groups if g & set(claim.clusters)))
            groups = [*(g for g in groups if not g & joined), joined]
            continue
        if split and said is False:
            out.setdefault(claim.clusters[0], []).append(np.array(claim.part, np.int64))
        kind = "unsure" if said is None else "must" if said else "apart"
        links.append(cmd.Link.of(ids, claim.beside[0], claim.rows[0], kind))
    steps: list[cmd.Command] = []
    for cluster, single in moved.items():
        rows = np.sort(np.concatenate(single))
        steps += [cmd.MoveItems(rows, cluster), cmd.PinItems(rows)]
    away = np.array([int(row[0]) for rows in moved.values() for row in rows], np.int64)
    out = {cluster: [np.setdiff1d(part, away) for part in parts] for cluster, parts in out.items()}
    for cluster, parts in out.items():
        parts = [part for part in parts if len(part)]
        names = free_names(state, state.clusters[cluster].name, len(parts))
        steps += [cmd.SplitCluster(part, name) for part, name in zip(parts, names, strict=True)]
    for group in groups:
        members = sorted(group, key=lambda c: -state.size(state.code_of(c)))
        steps.append(cmd.MergeClusters(members, state.clusters[members[0]].name, members[0]))
    if links:
        steps.append(cmd.LinkItems(links))
    merged, apart = sum(len(g) - 1 for g in groups), sum(map(len, out.values()))
    label = f"Answered {cmd_plural(len(verdicts), 'pair')}: {merged} merged, {apart} split off"
    return cmd.Together(steps, label + (f", {cmd_plural(len(away), 'item')} moved" if len(away) else ""))


def _group(review: Review, question: Question, verdicts: Sequence[Verdict]) -> cmd.Together:
    """Groups of noise become clusters; what was shown of them is confirmed."""
    state, ids = review.session.state, review.session.table.ids
    yes = [claim for claim, said in zip(question.claims, verdicts, strict=True) if said]
    names = free_names(state, "cluster", len(yes))
    steps: list[cmd.Command] = []
    for claim, name in zip(yes, names, strict=True):
        steps.append(cmd.SplitCluster(np.array(claim.part, np.int64), name))
        steps.append(cmd.PinItems(np.sort(np.array(claim.rows, np.int64))))
    links = [
        cmd.Link.of(ids, claim.rows[0], claim.rows[1], "unsure" if said is None else "cannot")
        for claim, said in zip(question.claims, verdicts, strict=True)
        if not said
    ]
    if links:
        steps.append(cmd.LinkItems(links))
    return cmd.Together(steps, f"{cmd_plural(len(yes), 'group')} of noise made clusters")


def _place(
    review: Review, question: Question, verdicts: Sequence[Verdict], sent: Sequence[str | None]
) -> cmd.Together:
    """What belongs is confirmed, what was sent goes there and is confirmed, the rest leaves."""
    state, ids, cluster = review.session.state, review.session.table.ids, str(question.cluster)
    rows = np.array([claim.rows[0] for claim in question.claims], np.int64)
    to = [_home(review, where) for where in sent] or [""] * len(rows)
    homes = {where: np.sort(rows[[t == where for t in to]]) for where in dict.fromkeys(to) if where}
    names = dict(zip(filter(is_new, homes), free_names(state, "cluster", len(homes)), strict=False))
    stay = np.array([not where for where in to])
    yes = np.sort(rows[np.array([said is True for said in verdicts]) & stay])
    no = np.sort(rows[np.array([said is False for said in verdicts]) & stay])
    steps: list[cmd.Command] = []
    for where, of in {**({cluster: yes} if len(yes) else {}), **homes}.items():
        begin = where in names
        steps += [cmd.SplitCluster(of, names[where]) if begin else cmd.MoveItems(of, where), cmd.PinItems(of)]
    here = no[state.codes[no] == state.code_of(cluster)]
    if len(here):
        steps.append(cmd.MoveItems(here, NOISE))
    stands = next((row for row in question.shown if row not in set(rows.tolist())), None)
    if stands is None and len(yes):
        stands = int(yes[0])
    links = [
        cmd.Link.of(ids, stands, int(row), "cannot" if said is False else "unsure")
        for row, said, where in zip(rows.tolist(), verdicts, to, strict=True)
        if stands is not None and not said and not where
    ]
    if links:
        steps.append(cmd.LinkItems(links))
    label = f"{cmd_plural(len(yes), 'item')} confirmed in {cmd.name_of(state, cluster)}"
    begun = sum(len(homes[where]) for where in names)
    moved = sum(map(len, homes.values())) - begun
    label += f", {moved} sent elsewhere" if moved else ""
    label += f", {begun} begin {' and '.join(names.values())}" if begun else ""
    return cmd.Together(steps, label + (f", {len(no)} not" if len(no) else ""))


def is_new(where: str) -> bool:
    """Whether a page's item is sent to a cluster that its answer begins."""
    return where.startswith(NEW_MARK)


def _home(review: Review, where: str | None) -> str:
    """Where an item is sent: a cluster's id, a new one's mark, or nothing."""
    if not where:
        return ""
    return where if is_new(where) else review.cluster_id(where)


def _who(review: Review, question: Question, choice: str, name: str | None) -> cmd.Together:
    state = review.session.state
    if question.cluster is not None:
        return _which(review, question, choice)
    row = np.array(question.shown[:1], np.int64)
    if choice == NEW:
        new = name or free_name(state)
        return cmd.Together([cmd.SplitCluster(row, new), cmd.PinItems(row)], f"1 item begins {new}")
    if choice == TRASH:
        return cmd.Together([cmd.TrashItems(row)], "Put 1 item in the trash")
    target = review.cluster_id(choice)
    label = f"1 item assigned to {cmd.name_of(state, target)}"
    return cmd.Together([cmd.MoveItems(row, target), cmd.PinItems(row)], label)


def _which(review: Review, question: Question, choice: str) -> cmd.Together:
    """A small cluster is a piece of another one, or of none of those that were shown."""
    state, ids = review.session.state, review.session.table.ids
    record = state.clusters[str(question.cluster)]
    if choice == NEW:
        links = [
            cmd.Link.of(ids, question.shown[0], s.rows[0], "apart") for s in question.suggestions if s.rows
        ]
        return cmd.Together([cmd.LinkItems(links)], f"{record.name} is none of {len(links)}")
    rows = state.members(record.code)
    if choice == TRASH:
        return cmd.Together([cmd.TrashItems(rows)], f"Put {record.name} in the trash")
    if choice == NOISE:
        return cmd.Together([cmd.DeleteCluster(record.id)], f"Put {record.name} into noise")
    target = review.cluster_id(choice)
    step = cmd.MergeClusters([target, record.id], cmd.name_of(state, target), target)
    return cmd.Together([step], f"Merged {record.name} into {cmd.name_of(state, target)}")


def _pair(review: Review, question: Question, verdicts: Sequence[Verdict]) -> cmd.Together:
    ids = review.session.table.ids
    links: list[cmd.Link] = []
    for claim, said in zip(question.claims, verdicts, strict=True):
        if not claim.beside:
            raise BadInputError("a pair needs two items", hint="This is a defect of the question.")
        kind = "unsure" if said is None else "must" if said else "cannot"
        links.append(cmd.Link.of(ids, claim.beside[0], claim.rows[0], kind))
    return cmd.Together([cmd.LinkItems(links)], cmd.LinkItems(links).label())


def cmd_plural(n: int, noun: str) -> str:
    """``"1 item"``, ``"3 items"``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
