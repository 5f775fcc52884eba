"""The pure planner: any set of moves, renames, merges, swaps, cycles and chains, on any folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.disk.names import folded
from shoal.disk.plan import Plan, Wish, make_plan
from shoal.disk.tree import FolderFacts, FolderScan, ItemFile

CLUSTERS = ["bunny", "Bird", "bird_10", "noise"]
NAMES = ["1.png", "10.png", "1.PNG", "é.png", "e\u0301.png", "x" * 251 + ".png"]


def made_scan(
    paths: list[str], *, companions: dict[str, tuple[str, ...]] | None = None, **kwargs
) -> FolderScan:
    """A scan of these items, all on one disk."""
    kept = companions or {}
    items = []
    for inode, path in enumerate(sorted(paths), 1):
        cluster, _, name = path.partition("/")
        items.append(ItemFile(path, cluster, name, 10, inode, inode, 1, kept.get(path, ())))
    clusters = sorted({i.cluster for i in items} | set(kwargs.pop("clusters", ())))
    below = {p.rpartition("/")[0] for i in items for p in i.companions} | set(clusters) | {""}
    folders = {name: FolderFacts(1000 + n, 1, 0) for n, name in enumerate(sorted(below))}
    return FolderScan(
        Path("/root"), tuple(items), tuple(clusters), folders=kwargs.pop("folders", folders), **kwargs
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[FolderScan, list[Wish]]:
    paths = draw(
        st.sets(st.tuples(st.sampled_from(CLUSTERS), st.sampled_from(NAMES)).map("/".join), min_size=1)
    )
    scan = made_scan(sorted(paths))
    chosen = draw(st.lists(st.sampled_from(scan.items), unique_by=lambda i: i.path))
    targets = st.sampled_from([*CLUSTERS, "fresh", "trash"])
    names = st.sampled_from([*NAMES, "y.png"])
    return scan, [Wish(i.path, draw(targets), draw(st.one_of(st.just(i.name), names))) for i in chosen]


def after(scan: FolderScan, plan: Plan) -> dict[str, str]:
    moved = {move.src: move.dst for move in plan.moves}
    everything = [p for i in scan.items for p in (i.path, *i.companions)]
    return {path: moved.get(path, path) for path in everything}


@given(cases(), st.booleans())
def test_every_item_arrives_and_no_two_are_one(case: tuple[FolderScan, list[Wish]], portable: bool) -> None:
    scan, wishes = case
    plan = make_plan(scan, wishes, portable=portable)
    if not plan.ok:
        return
    where = after(scan, plan)
    assert len(set(where.values())) == len(where), "two files at one path"
    for wish in wishes:
        assert where[wish.path].rpartition("/")[0] == wish.folder
    wished = {w.path for w in wishes}
    assert all(where[i.path] == i.path for i in scan.items if i.path not in wished), "unwished items stay"
    if portable:
        key = {p: "/".join(folded(part) for part in p.split("/")) for p in where.values()}
        moved = {m.dst for m in plan.moves}
        for path in moved:
            assert sum(key[other] == key[path] for other in where.values()) == 1
    assert all(len(p.rpartition("/")[2].encode()) <= 255 for p in where.values())
    assert all(move.src != move.dst for move in plan.moves)


@given(cases())
def test_planning_again_after_the_save_does_nothing(case: tuple[FolderScan, list[Wish]]) -> None:
    scan, wishes = case
    plan = make_plan(scan, wishes)
    if not plan.ok:
        return
    where = after(scan, plan)
    again = made_scan([where[i.path] for i in scan.items])
    same = make_plan(again, [Wish(where[w.path], w.folder, w.name) for w in wishes])
    renamed = {m.dst for m in plan.moves if m.reason}
    # Names that were given because another was taken may come free with the move; nothing else may change.
    assert all(m.src in renamed or m.reason for m in same.moves)


@given(cases())
def test_undo_gives_every_name_and_place_back(case: tuple[FolderScan, list[Wish]]) -> None:
    """Fault row 11: after a merge and back, the folder is what it was."""
    scan, wishes = case
    plan = make_plan(scan, wishes, portable=False)
    if not plan.ok:
        return
    where = after(scan, plan)
    there = made_scan([where[i.path] for i in scan.items])
    back = make_plan(there, [Wish(where[i.path], i.cluster, i.name) for i in scan.items], portable=False)
    assert back.ok
    came = after(there, back)
    assert all(came[where[i.path]] == i.path for i in scan.items)


@pytest.mark.parametrize("n", [2, 3, 50])
def test_one_name_from_many_sources(n: int) -> None:
    """Fault row 11: fixed suffix rule, said in the plan."""
    scan = made_scan([f"c{i:02d}/frame.png" for i in range(n)] + ["all/frame.png"])
    plan = make_plan(scan, [Wish(f"c{i:02d}/frame.png", "all", "frame.png") for i in range(n)])
    assert {m.dst for m in plan.moves} == {f"all/frame__c{i:02d}.png" for i in range(n)}
    assert all("taken" in m.reason for m in plan.moves)
    assert len(plan.remove_dirs) == n


def test_a_second_collision_is_numbered() -> None:
    scan = made_scan(["a/f.png", "b/f.png", "b/f__a.png"])
    plan = make_plan(scan, [Wish("a/f.png", "b", "f.png")])
    assert [m.dst for m in plan.moves] == ["b/f__a__2.png"]


def test_names_that_differ_in_case_or_accents_collide_when_portable() -> None:
    scan = made_scan(["a/F.png", "b/f.png", "a/e\u0301.png", "b/é.png"])
    wishes = [Wish("a/F.png", "b", "F.png"), Wish("a/e\u0301.png", "b", "e\u0301.png")]
    assert {m.dst for m in make_plan(scan, wishes).moves} == {"b/F__a.png", "b/e\u0301__a.png"}
    assert {m.dst for m in make_plan(scan, wishes, portable=False).moves} == {"b/F.png", "b/e\u0301.png"}


def test_unscanned_names_are_in_the_way() -> None:
    scan = made_scan(["a/f.png"], clusters=["b"], taken={"b": ("f.png",)})
    assert [m.dst for m in make_plan(scan, [Wish("a/f.png", "b", "f.png")]).moves] == ["b/f__a.png"]


def test_sidecars_take_part_in_collisions() -> None:
    scan = made_scan(
        ["a/f.png"], companions={"a/f.png": ("a/f.txt",)}, clusters=["b"], taken={"b": ("f.txt",)}
    )
    plan = make_plan(scan, [Wish("a/f.png", "b", "f.png")])
    assert {(m.src, m.dst, m.kind) for m in plan.moves} == {
        ("a/f.png", "b/f__a.png", "item"),
        ("a/f.txt", "b/f__a.txt", "sidecar"),
    }


def test_a_sidecar_whose_name_would_become_too_long() -> None:
    long = "f" + "_" * 240 + ".png"
    scan = made_scan(["a/f.png", "b/f.png"], companions={"a/f.png": (f"a/faces/{long}",)})
    plan = make_plan(scan, [Wish("a/f.png", "b", "f.png")])
    assert not plan.ok
    assert plan.refusals[0].path == "a/f.png"


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish("a/gone.png", "b", "1.png"), "not in the folder"),
        (Wish("a/1.png", "../b", "1.png"), "slash"),
        (Wish("a/1.png", "..", "1.png"), "dot"),
        (Wish("a/1.png", "/etc", "1.png"), "slash"),
        (Wish("a/1.png", "a\0", "1.png"), "NUL"),
        (Wish("a/1.png", "a\\b", "1.png"), "holds"),
        (Wish("a/1.png", "CON", "1.png"), "device"),
        (Wish("a/1.png", ".shoal", "1.png"), "dot"),
        (Wish("a/1.png", "", "1.png"), "empty"),
        (Wish("a/1.png", "B", "1.png"), "upper and lower case"),
        (Wish("a/1.png", "readme", "1.png"), "not a cluster"),
        (Wish("a/1.png", "b", "../1.png"), "not a file name"),
        (Wish("a/1.png", "b", ""), "not a file name"),
        (Wish("a/1.png", "b", ".hidden.png"), "not a file name"),
    ],
)
def test_refusals(wish: Wish, why: str) -> None:
    scan = made_scan(["a/1.png", "b/2.png"], taken={"": ("README",)})
    plan = make_plan(scan, [wish])
    assert not plan.ok
    assert why in plan.refusals[0].reason
    assert plan.refusals[0].hint
    assert not plan.moves
    assert "refused" in plan.text()


def test_a_rename_that_only_changes_case_is_one_when_the_old_folder_goes() -> None:
    scan = made_scan(["bunny/1.png"])
    plan = make_plan(scan, [Wish("bunny/1.png", "Bunny", "1.png")])
    assert plan.ok
    assert plan.make_dirs == ("Bunny",)
    assert plan.remove_dirs == ("bunny",)


def test_another_disk_is_refused() -> None:
    scan = made_scan(["a/1.png", "b/2.png"])
    items = tuple(i._replace(device=2) if i.cluster == "b" else i for i in scan.items)
    folders = {**scan.folders, "b": scan.folders["b"]._replace(device=2)}
    other = FolderScan(scan.root, items, scan.clusters, folders=folders)
    for wish in (Wish("a/1.png", "b", "1.png"), Wish("b/2.png", "a", "2.png")):
        plan = make_plan(other, [wish])
        assert [r.reason for r in plan.refusals] == ["it is on another disk than the root"]


def test_empty_folders() -> None:
    scan = made_scan(["a/1.png"], clusters=["empty", "noise"])
    wish = [Wish("a/1.png", "b", "1.png")]
    assert make_plan(scan, wish).remove_dirs == ("a",), "only what it empties"
    plan = make_plan(scan, wish, keep_dirs=["a", "new"])
    assert plan.remove_dirs == ("empty",)
    assert set(plan.make_dirs) == {"b", "new"}
    assert make_plan(scan, []).empty


def test_rows_say_what_happens() -> None:
    scan = made_scan(
        ["a/1.png", "a/2.png", "b/1.png", "c/1.png", "d/1.png"], companions={"a/1.png": ("a/1.txt",)}
    )
    moves = {"a/1.png": "new", "a/2.png": "new", "b/1.png": "c", "c/1.png": "noise", "d/1.png": "trash"}
    plan = make_plan(scan, [Wish(p, f, p[2:]) for p, f in moves.items()])
    assert {(r.what, r.source, r.target, r.files, r.sidecars) for r in plan.rows} == {
        ("rename", "a", "new", 2, 1),
        ("merge", "b", "c", 1, 0),
        ("to noise", "c", "noise", 1, 0),
        ("trash", "d", "trash", 1, 0),
    }
    assert json.loads(json.dumps(plan.as_dict()))["ok"] is True
    assert "rename: 2 pictures and 1 sidecars" in plan.text()


def test_the_copy_backup_is_counted() -> None:
    scan = made_scan(["a/1.png", "a/2.png"])
    wish = [Wish("a/1.png", "b", "1.png")]
    assert make_plan(scan, wish, backup="copy").extra_bytes >= 20
    assert make_plan(scan, wish, backup="none").extra_bytes == 0


def test_hostile_names_cannot_pose_in_the_text() -> None:
    scan = made_scan(["a/\x1b[31m\n1.png"])
    text = make_plan(
        scan,
        [
            Wish("a/\x1b[31m\n1.png", "b", "\x1b[31m\n1.png"),
        ],
    ).text()
    assert "\x1b" not in text
