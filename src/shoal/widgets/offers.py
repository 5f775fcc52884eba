"""What the kernel offers a view: how a cluster comes apart, where noise belongs, what lies near in time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.compute.cancel import CancelledError
from shoal.errors import BadInputError, MissingError
from shoal.review.proposals import SplitProposal, examples
from shoal.review.records import NOISE_CODE
from shoal.review.review import Review
from shoal.review.rows import Rows
from shoal.review.splitting import points_of, propose_for
from shoal.widgets.codec import Buffer, Buffers
from shoal.widgets.columns import Columns
from shoal.widgets.mailbox import Mailbox
from shoal.widgets.protocol import FRAME_BYTES, replies, requests
from shoal.widgets.protocol.events import Progress

__all__ = ["Offers"]

EXAMPLES = 12
SAMPLE = 24
CLOSE_CALL = 0.02
KEPT_PROPOSALS = 4
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)

Args = Any


class Offers:
    """Answers requests that look and compute, but change nothing.

    Parameters
    ----------
    review, columns : Review, Columns
        What is asked about.
    mail : Mailbox
        Takes the replies of what is computed in threads.
    """

    def __init__(self, review: Review, columns: Columns, mail: Mailbox) -> None:
        self._review = review
        self._columns = columns
        self._mail = mail
        self._proposals: dict[tuple[str, str], SplitProposal] = {}
        self._asked = 0
        self._lock = threading.Lock()
        self._in_time: npt.NDArray[np.int64] | None = None

    def handlers(self) -> dict[str, Callable[..., replies.Message | None]]:
        """By kind of request."""
        return {
            "get_split": self._get_split,
            "get_harvest": self._get_harvest,
            "get_film": self._get_film,
            "get_values": self._get_values,
        }

    def cancel(self, task: str) -> None:
        """Stop a task that is under way."""
        if task == "split":
            with self._lock:
                self._asked += 1

    # ------------------------------------------------------------------------------------------------- splits
    def _get_split(
        self, payload: requests.GetSplit, request_id: str, _base: int | None, *_: Args
    ) -> replies.SplitReply | None:
        with self._lock:
            self._asked += 1  # a newer question ends an older one
            mine = self._asked
        self._review.cluster_id(payload.cluster)
        threading.Thread(
            target=self._work, args=(payload, request_id, mine), name="shoal-split", daemon=True
        ).start()

    def _work(self, payload: requests.GetSplit, request_id: str, mine: int) -> None:
        def check() -> None:
            if self._asked != mine:
                raise CancelledError("the proposal was given up", hint="Ask again.")

        def tell(what: str, done: int, total: int) -> None:
            self._mail.tell(Progress(task="split", what=what, done=done, total=total), [], request_id)

        out = Buffers()
        try:
            proposal = self._proposal(payload, check, tell)
            reply = self._split_reply(proposal, payload.parts, out)
        except Exception as error:  # noqa: BLE001 - every request gets its reply, and the error is in it
            tell("looking for parts", 3, 3)
            self._mail.fail(request_id, error)
            return
        self._mail.reply(request_id, reply, out.parts)

    def _proposal(
        self,
        payload: requests.GetSplit,
        check: Callable[[], None],
        tell: Callable[[str, int, int], None],
    ) -> SplitProposal:
        state, key = self._review.session.state, (payload.cluster, payload.method)
        kept = self._proposals.get(key)
        with self._review.session.reading():
            now = state.members(state.code_of(payload.cluster))
            if kept is not None and np.array_equal(kept.rows, now):
                return kept
        made = propose_for(self._review, payload.cluster, method=payload.method, check=check, progress=tell)
        self._proposals.pop(key, None)
        self._proposals[key] = made
        while len(self._proposals) > KEPT_PROPOSALS:
            self._proposals.pop(next(iter(self._proposals)))
        return made

    def _split_reply(self, proposal: SplitProposal, wanted: int | None, out: Buffers) -> replies.SplitReply:
        k = max(2, proposal.suggested) if wanted is None else wanted
        if wanted is not None or k not in proposal.labels:
            k = min(proposal.levels, key=lambda level: abs(level - k))
        n = len(self._review)
        with self._review.session.reading():
            parts = [self._part(proposal, rows, out, n) for rows in proposal.parts(k)]
        if out.size > FRAME_BYTES:
            raise BadInputError(
                f"{proposal.name} is too large to be shown in {k} parts", hint="Ask for fewer parts."
            )
        return replies.SplitReply(
            cluster=proposal.cluster,
            method=proposal.method,
            levels=proposal.levels,
            scores=[proposal.scores[level] for level in proposal.levels],
            suggested=proposal.suggested,
            parts=parts,
        )

    def _part(self, proposal: SplitProposal, rows: Rows, out: Buffers, n: int) -> replies.SplitPart:
        shown = rows if len(rows) <= 20_000 else rows[np.arange(20_000) * len(rows) // 20_000]
        points = points_of(self._review, shown)
        cohesion, near = None, None
        quality = self._review.quality
        if quality is not None:
            mean: npt.NDArray[np.float32] = np.nan_to_num(quality.points(shown)).mean(axis=0)
            norm = float(np.linalg.norm(mean))
            share = float(np.isfinite(points).all(axis=1).mean())
            cohesion = min(1.0, norm / share) if share else None
            near = self._nearest(proposal.cluster, mean / norm) if norm else None
        return replies.SplitPart(
            items=out.items(rows, n),
            examples=[int(shown[i]) for i in examples(points, EXAMPLES)],
            cohesion=cohesion,
            near=near,
        )

    def _nearest(self, cluster: str, direction: npt.NDArray[np.float32]) -> replies.Near | None:
        state, quality = self._review.session.state, self._review.quality
        if quality is None:
            return None
        codes, centres = quality.centroids(state)
        found = np.where(codes == state.code_of(cluster), -2, centres @ direction)
        if not len(found) or float(found.max()) < -1:
            return None
        at = int(found.argmax())
        return replies.Near(cluster=state.id_of(int(codes[at])), similarity=float(found[at]))

    # ------------------------------------------------------------------------------------------------ harvest
    def _get_harvest(
        self,
        payload: requests.GetHarvest,
        _id: str,
        _base: int | None,
        _buffers: Sequence[Buffer],
        out: Buffers,
    ) -> replies.HarvestReply:
        quality, state = self._review.quality, self._review.session.state
        if quality is None:
            raise MissingError(
                "this review has no vectors, so noise cannot be compared with clusters",
                hint="Give write_clusters() the embeddings, or the review use_vectors().",
            )
        rows = state.members(NOISE_CODE)
        near, best, lead = quality.nearest(state, rows)
        known = near >= 0
        wanted = np.flatnonzero(known & (best >= payload.least))
        codes, counts = np.unique(near[wanted], return_counts=True)
        groups: list[replies.HarvestGroup] = []
        for code in codes[np.argsort(-counts, kind="stable")].tolist():
            mine = wanted[near[wanted] == code]
            if out.size + min(4 * len(mine), len(self._review) // 8 + 1) > FRAME_BYTES:
                break
            order = mine[np.argsort(-best[mine], kind="stable")]
            groups.append(
                replies.HarvestGroup(
                    cluster=state.id_of(code),
                    items=out.items(rows[mine], len(self._review)),
                    sample=rows[order[:SAMPLE]].tolist(),
                    best=float(best[order[0]]),
                    least=float(best[order[-1]]),
                    close_calls=int((lead[mine] < CLOSE_CALL).sum()),
                )
            )
        steps: list[float] = [float(np.quantile(best[known], s)) for s in SHARES] if known.any() else []
        return replies.HarvestReply(
            groups=groups,
            n_noise=len(rows),
            n_unknown=int((~known).sum()),
            more=len(codes) - len(groups),
            steps=steps,
        )

    # --------------------------------------------------------------------------------------------------- film
    def _get_film(self, payload: requests.GetFilm, *_: Args) -> replies.FilmReply:
        times: npt.NDArray[np.float64] | None = self._review.session.table.columns.get("time_s")
        row = payload.row
        if times is None or not 0 <= row < len(times) or not np.isfinite(times[row]):
            raise MissingError("it is not known when this item is seen", hint="Items of a film have a time.")
        if self._in_time is None:
            finite: npt.NDArray[np.int64] = np.flatnonzero(np.isfinite(times))
            self._in_time = finite[np.argsort(times[finite], kind="stable")]
        order = self._in_time
        at = int(np.searchsorted(times[order], float(times[row])))
        while at < len(order) - 1 and int(order[at]) != row:
            at += 1
        chosen = order[max(0, at - payload.count) : at + payload.count + 1]
        shots = self._review.session.table.columns.get("shot")
        shot_first = shot_last = None
        if shots is not None and shots[row] >= 0:
            same = times[(shots == shots[row]) & np.isfinite(times)]
            shot_first, shot_last = float(same.min()), float(same.max())
        return replies.FilmReply(
            rows=chosen.tolist(),
            times=[float(t) for t in times[chosen]],
            shots=[-1] * len(chosen) if shots is None else shots[chosen].tolist(),
            first_s=float(times[order[0]]),
            last_s=float(times[order[-1]]),
            shot_first_s=shot_first,
            shot_last_s=shot_last,
        )

    # ------------------------------------------------------------------------------------------------- values
    def _get_values(
        self,
        payload: requests.GetValues,
        _id: str,
        _base: int | None,
        _buffers: Sequence[Buffer],
        out: Buffers,
    ) -> replies.ValuesReply:
        state = self._review.session.state
        rows = state.members(state.code_of(payload.cluster))
        fits = 4 * len(rows) <= FRAME_BYTES
        array = out.array(self._columns.values_of(payload.name, rows)) if fits else None
        return replies.ValuesReply(name=payload.name, cluster=payload.cluster, array=array)
