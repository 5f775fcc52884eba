from __future__ import annotations

from shoal.disk.assign import assign_names
from tests.unit.disk.test_plan import made_scan


def test_an_item_in_its_folder_keeps_its_name_when_its_own_is_taken() -> None:
    scan = made_scan(["a/f.png", "a/f__b.png"])
    assigned, stuck = assign_names(scan, [(scan.by_path["a/f__b.png"], "a", "f.png")], portable=True)
    assert assigned == []
    assert stuck == []


def test_an_item_in_its_folder_gets_its_own_name_when_that_comes_free() -> None:
    scan = made_scan(["a/f.png", "a/f__b.png", "c/x.png"])
    movers = [(scan.by_path["a/f__b.png"], "a", "f.png"), (scan.by_path["a/f.png"], "c", "f.png")]
    assigned, _ = assign_names(scan, movers, portable=True)
    assert {a.item.path: (a.folder, a.name) for a in assigned} == {
        "a/f.png": ("c", "f.png"),
        "a/f__b.png": ("a", "f.png"),
    }
    assert (
        next(a.reason for a in assigned if a.name == "f.png" and a.folder == "a")
        == "its own name is free again"
    )


def test_the_result_is_in_the_order_of_the_paths() -> None:
    scan = made_scan([f"a/{i}.png" for i in range(9)])
    movers = [(item, "b", item.name) for item in reversed(scan.items)]
    assigned, _ = assign_names(scan, movers, portable=True)
    assert [a.item for a in assigned] == list(scan.items)


def test_a_companion_folder_is_a_name_in_use() -> None:
    scan = made_scan(["a/faces", "b/1.png"], companions={"b/1.png": ("b/faces/1.png",)})
    assigned, _ = assign_names(scan, [(scan.by_path["a/faces"], "b", "faces")], portable=True)
    assert assigned[0].name == "faces__a"


def test_sidecars_that_differ_in_case_only_travel_together() -> None:
    companions = {"a/f.png": ("a/f.TXT", "a/f.txt")}
    scan = made_scan(["a/f.png", "b/f.png"], companions=companions)
    assigned, stuck = assign_names(scan, [(scan.by_path["a/f.png"], "b", "f.png")], portable=True)
    assert stuck == []
    assert {dst for _, dst in assigned[0].paths} == {"b/f__a.png", "b/f__a.TXT", "b/f__a.txt"}
