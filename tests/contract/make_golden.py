"""Write the golden messages: one of each kind, made by the Python models and the codec, for both languages.

Run ``python -m tests.contract.make_golden`` after the protocol changed; ``test_messages.py`` compares.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import numpy as np
from pydantic import BaseModel

from shoal.widgets.codec import Buffers
from shoal.widgets.protocol import Event, Reply, Request, commands, events, playback, queue, replies, requests
from shoal.widgets.protocol import recluster as again
from shoal.widgets.protocol.base import BrokenItem, ClusterInfo, ColumnInfo, ErrorInfo, HistoryState
from tests.contract.golden_answers import past_reply, queue_reply, reclustering_reply

GOLDEN = Path(__file__).parent / "golden"
N_ITEMS = 64
RANGE = [4, 5, 6, 7, 8, 9]
ROWS = [1, 40, 63]
BITS = [*range(0, 30, 2), 31, 33, 36, 60]


@dataclass
class Golden:
    """A message, its buffers, and what these hold by their place in the payload."""

    message: BaseModel
    buffers: list[bytes] = field(default_factory=list)
    holds: dict[str, list[Any]] = field(default_factory=dict)

    def text(self) -> str:
        """The file's content; deterministic."""
        content = {
            "message": self.message.model_dump(mode="json"),
            "buffers": [base64.b64encode(b).decode() for b in self.buffers],
            "holds": self.holds,
        }
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _rows(rows: list[int]) -> np.ndarray[Any, Any]:
    return np.array(rows, np.int64)


HISTORY = HistoryState(cursor=3, length=4, undo_label="Moved 3 to liz", redo_label="Renamed a", unsaved=2)
LIZ = ClusterInfo(
    id="c1",
    code=1,
    kind="cluster",
    name="liz <b>·</b> née\n",
    description="green",
    size=6,
    color=3,
    cover=5,
    reviewed=True,
    tags=["hero"],
    cohesion=0.93,
    mixed=0.25,
)
NOISE = LIZ.model_copy(
    update={
        "id": "noise",
        "code": -1,
        "kind": "noise",
        "name": "noise",
        "cover": None,
        "cohesion": None,
        "mixed": None,
        "reviewed": False,
        "tags": [],
    }
)


def _requests() -> dict[str, Golden]:
    out: dict[str, Golden] = {}

    def put(
        name: str, payload: Any, buffers: Buffers | None = None, base: int | None = None, **holds: Any
    ) -> None:
        message = Request(id=f"view-{len(out)}", base=base, payload=payload)
        out[f"request_{name}"] = Golden(message, buffers.parts if buffers else [], holds)

    put("hello", requests.Hello())
    put("get_array", requests.GetArray(name="codes", start=0, count=N_ITEMS))
    for name, rows in {"ranges": RANGE, "rows": ROWS, "bits": BITS}.items():
        b = Buffers()
        move = commands.MoveItems(items=b.items(_rows(rows), N_ITEMS), to="c1")
        put(f"edit_move_items_{name}", requests.Edit(command=move), b, 3, **{"command.items": rows})
    b = Buffers()
    split = commands.SplitCluster(items=b.items(_rows([]), N_ITEMS), name="cluster_1")
    put("edit_split_cluster_empty", requests.Edit(command=split), b, 3, **{"command.items": []})
    b = Buffers()
    parts = [
        commands.Assignment(items=b.items(_rows(RANGE), N_ITEMS), to="c1"),
        commands.Assignment(items=b.items(_rows(ROWS), N_ITEMS), name="liz_2"),
    ]
    assign = commands.AssignItems(parts=parts, label="Split liz into 3")
    held = {"command.parts.0.items": RANGE, "command.parts.1.items": ROWS}
    put("edit_assign_items", requests.Edit(command=assign), b, 3, **held)
    plain: list[Any] = [
        commands.MergeClusters(clusters=["c1", "c2"], name="liz", into=None),
        commands.RenameCluster(cluster="c1", name="liz"),
        commands.DescribeCluster(cluster="c1", description="green"),
        commands.TagClusters(clusters=["c1"], add=["hero"], remove=[]),
        commands.CreateCluster(name="new"),
        commands.DeleteCluster(cluster="c1"),
        commands.SetCover(cluster="c1", row=None),
        commands.MarkReviewed(clusters=["c1"], reviewed=True),
    ]
    for command in plain:
        put(f"edit_{command.type}", requests.Edit(command=command), None, 3)
    for make in (
        lambda items: commands.TrashItems(items=items),
        lambda items: commands.RestoreItems(items=items),
        lambda items: commands.TagItems(items=items, add=["x"], remove=["y"]),
        lambda items: commands.CaptionItems(items=items, caption="a fish"),
    ):
        b = Buffers()
        command = make(b.items(_rows(ROWS), N_ITEMS))
        put(f"edit_{command.type}", requests.Edit(command=command), b, 3, **{"command.items": ROWS})
    put("undo", requests.Undo(), None, 3)
    put("redo", requests.Redo(), None, 3)
    put("jump", requests.Jump(cursor=2), None, 3)
    put("checkpoint", requests.Checkpoint(name="before lunch"))
    put("get_history", requests.GetHistory(start=0, count=60))
    for name, kind in {"get_thumbs": requests.GetThumbs, "get_info": requests.GetInfo}.items():
        b = Buffers()
        more = {"side": 192} if name == "get_thumbs" else {}
        put(name, kind(rows=b.array(np.array([9, 2, 5], np.uint32)), **more), b, rows=[9, 2, 5])
    put("get_preview", requests.GetPreview(row=5, max_side=1600))
    put("get_split", requests.GetSplit(cluster="c1", method="natural", parts=3))
    put("get_harvest", requests.GetHarvest(least=0.5))
    put("get_film", requests.GetFilm(row=5, count=6))
    put("get_values", requests.GetValues(name="outlier", cluster="c1"))
    b = Buffers()
    put("ask_queue", queue.AskQueue(mode="review"))
    answer = queue.AnswerQueue(mode="sort", question="noise/7 ü.png", verdicts=[True, False, None])
    put("answer_queue", answer.model_copy(update={"choice": "new", "name": "liz"}))
    put("skip_queue", queue.SkipQueue(mode="review", question="q3"))
    put("set_queue", queue.SetQueue(mode="sort", manual_only=True, again=True))
    put("get_auto_moves", queue.GetAutoMoves())
    put("run_auto_move", queue.RunAutoMove(threshold=0.75))
    put("get_past", playback.GetPast(cursor=2))
    put("get_reclustering", again.GetReclustering())
    put("accept_reclustering", again.AcceptReclustering(proposal="5e1f"))
    put("set_selection", requests.SetSelection(items=b.items(_rows(RANGE), N_ITEMS)), b, items=RANGE)
    put("get_plan", requests.GetPlan())
    put("save", requests.Save(backup="link"), None, 3)
    put("cancel", requests.Cancel(task="save"))
    return out


def _replies() -> dict[str, Golden]:
    out: dict[str, Golden] = {}

    def put(name: str, payload: Any, buffers: Buffers | None = None, **holds: Any) -> None:
        message = Reply(id=f"view-{len(out)}", ok=True, revision=4, payload=payload)
        out[f"reply_{name}"] = Golden(message, buffers.parts if buffers else [], holds)

    b = Buffers()
    columns = [
        ColumnInfo(name="codes", title="Cluster", dtype="int32", per_item=1, role="codes", ascending=True),
        ColumnInfo(name="xy", title="Map", dtype="float32", per_item=2, role="position", ascending=True),
        ColumnInfo(
            name="outlier", title="Outlier", dtype="float32", per_item=1, role="sort", ascending=False
        ),
    ]
    hello = replies.HelloReply(
        session="s1",
        title="clustered",
        root="film/clustered",
        n_items=N_ITEMS,
        clusters=[LIZ, NOISE],
        columns=columns,
        history=HISTORY,
        selection=b.items(_rows(ROWS), N_ITEMS),
        broken=[BrokenItem(path="liz/a.png", reason="the file is cut short")],
        n_broken=1,
        seconds_spent=61.5,
        read_only=None,
    )
    put("hello", hello, b, selection=ROWS)
    for name, values in {
        "codes": np.array([-2, -1, 0, 7, 2_000_000_000], np.int32),
        "xy": np.array([[0.5, -1.25], [np.float32(1e-3), 4096]], np.float32),
    }.items():
        b = Buffers()
        put(
            f"array_{name}",
            replies.ArrayReply(name=name, start=0, array=b.array(values)),
            b,
            array=values.ravel().tolist(),
        )
    put("done", replies.DoneReply(label="Moved 3 to liz", cluster="c1"))
    entry = replies.HistoryEntry(
        index=1,
        label="Moved 3 to liz",
        at="2026-11-21T09:30:00Z",
        actor="you",
        items=3,
        sample=ROWS,
        checkpoint=None,
        saved=True,
    )
    put("history", replies.HistoryReply(start=0, entries=[entry], start_name="as it came"))
    b = Buffers()
    thumbs = [
        replies.Thumb(row=9, media_type="image/jpeg", buffer=b.add(b"\xff\xd8not really"), reason=None),
        replies.Thumb(row=2, media_type=None, buffer=None, reason="the file is cut short"),
    ]
    put("thumbs", replies.ThumbsReply(thumbs=thumbs), b)
    info = replies.ItemInfo(
        row=9,
        id="i9",
        path="liz/frame_9.png",
        tags=["profile"],
        caption="",
        facts={"Shot_no": "3", "Time": "00:01"},
    )
    put("info", replies.InfoReply(items=[info]))
    b = Buffers()
    preview = replies.PreviewReply(
        row=9, media_type="image/webp", buffer=b.add(b"RIFF"), width=1920, height=1080, info=info
    )
    put("preview", preview, b)
    plan = replies.PlanReply(
        rows=[replies.PlanRow(what="to noise", source="liz", target="noise", files=3, sidecars=1)],
        renamed=["a.png becomes a__liz.png"],
        n_renamed=1,
        refusals=[replies.Refusal(path="liz/b.png", reason="it changed", hint="Open the folder again.")],
        notes=["one"],
        n_files=3,
        extra_bytes=200,
        files=[("liz/a.png", "noise/a__liz.png")],
    )
    put("plan", plan)
    put(
        "saved",
        replies.SavedReply(save=4, n_files=3, changes_file="changes_1.json", backup=None, seconds=0.25),
    )
    b = Buffers()
    near = replies.Near(cluster="c2", similarity=0.75)
    split_parts = [
        replies.SplitPart(items=b.items(_rows(BITS), N_ITEMS), examples=[2, 8, 36], cohesion=0.75, near=near),
        replies.SplitPart(items=b.items(_rows(ROWS), N_ITEMS), examples=[1], cohesion=None, near=None),
    ]
    split = replies.SplitReply(
        cluster="c1", method="even", levels=[2, 3], scores=[0.5, 0.25], suggested=2, parts=split_parts
    )
    put("split", split, b, **{"parts.0.items": BITS, "parts.1.items": ROWS})
    b = Buffers()
    group = replies.HarvestGroup(
        cluster="c1", items=b.items(_rows(RANGE), N_ITEMS), sample=[5, 4], best=0.75, least=0.5, close_calls=1
    )
    harvest = replies.HarvestReply(
        groups=[group], n_noise=9, n_unknown=1, more=0, steps=[0.25, 0.5, 0.5, 0.75, 0.75]
    )
    put("harvest", harvest, b, **{"groups.0.items": RANGE})
    film = replies.FilmReply(
        rows=[4, 5, 6],
        times=[1.5, 2.0, 2.5],
        shots=[1, 1, 2],
        first_s=0.0,
        last_s=60.0,
        shot_first_s=1.5,
        shot_last_s=2.0,
    )
    put("film", film)
    b = Buffers()
    values = np.array([0.5, 3.5], np.float32)
    put(
        "values",
        replies.ValuesReply(name="outlier", cluster="c1", array=b.array(values)),
        b,
        array=values.tolist(),
    )
    put("queue", queue_reply())
    step = queue.AutoMoveStep(threshold=0.5, count=9, precision=None, low=0.0, high=1.0, held_out=0)
    put("auto_moves", queue.AutoMoveReply(steps=[step]))
    b = Buffers()
    put("reclustering", reclustering_reply(b, BITS, N_ITEMS), b, **{"moves.0.items": BITS})
    b = Buffers()
    put("past", past_reply(b, ROWS, N_ITEMS), b, touched=ROWS, codes=[1, 1, -1])
    put("ok", replies.OkReply())
    error = ErrorInfo(code="name_taken", message="The name liz is taken.", hint="Merge into it.")
    out["reply_error"] = Golden(Reply(id="view-99", ok=False, revision=4, error=error))
    return out


def _events() -> dict[str, Golden]:
    out: dict[str, Golden] = {}

    def put(
        name: str, payload: Any, buffers: Buffers | None = None, source: str | None = None, **holds: Any
    ) -> None:
        message = Event(revision=4, source=source, payload=payload)
        out[f"event_{name}"] = Golden(message, buffers.parts if buffers else [], holds)

    b = Buffers()
    changed = events.Changed(
        from_revision=3,
        action="undo",
        label="Moved 3 to liz",
        actor="you",
        moved=[
            events.ItemsMoved(to=1, items=b.items(_rows(ROWS), N_ITEMS)),
            events.ItemsMoved(to=-1, items=b.items(_rows(RANGE), N_ITEMS)),
        ],
        clusters=[LIZ, NOISE],
        removed=["c2"],
        stale_columns=["outlier"],
        history=HISTORY,
    )
    put("changed", changed, b, "view-3", **{"moved.0.items": ROWS, "moved.1.items": RANGE})
    b = Buffers()
    put("selection", events.SelectionChanged(items=b.items(_rows(BITS), N_ITEMS)), b, items=BITS)
    put("progress", events.Progress(task="save", what="moving", done=3, total=10))
    put("notice", events.Notice(level="warning", message="A file came.", hint="Open the folder again."))
    return out


def golden() -> dict[str, Golden]:
    """All golden messages by file name, without ending."""
    return {**_requests(), **_replies(), **_events()}


def kinds() -> set[str]:
    """Every kind of payload that the protocol has, as ``request_undo``; commands as ``request_edit_undo``."""

    def members(union: Any, tag: str) -> set[str]:
        return {m.model_fields[tag].default for m in get_args(get_args(union)[0])}

    found = {f"request_{k}" for k in members(requests.RequestPayload, "kind") - {"edit"}}
    found |= {f"request_edit_{k}" for k in members(commands.Command, "type")}
    found |= {f"reply_{k}" for k in members(replies.ReplyPayload, "kind")}
    return found | {f"event_{k}" for k in members(events.EventPayload, "kind")}


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.json"):
        old.unlink()
    for name, made in golden().items():
        (GOLDEN / f"{name}.json").write_text(made.text(), encoding="utf-8")
    print(f"wrote {len(golden())} messages to {GOLDEN}")
