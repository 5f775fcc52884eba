from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shoal.disk import scan
from shoal.disk.read import natural_key
from shoal.errors import BadInputError, MissingError
from tests.unit.disk.folders import PNG, build


def test_clusters_items_and_what_is_left_alone(tmp_path: Path) -> None:
    build(
        tmp_path,
        ["b/2.png", "b/10.PNG", "b/1.jpeg", "a/x.webp", "a/x.txt", "a/readme.md", "a/sub/y.png",
         "noise/z.avif", "top.png", "a/.hidden.png", ".git/x.png"],
    )  # fmt: skip
    (tmp_path / "empty").mkdir()
    found = scan(tmp_path, check="none")
    assert [i.path for i in found.items] == ["a/x.webp", "b/1.jpeg", "b/2.png", "b/10.PNG", "noise/z.avif"]
    assert found.clusters == ("a", "b", "empty", "noise")
    assert found.by_path["a/x.webp"].companions == ("a/x.txt",)
    assert dict(found.ignored) == {
        "a/readme.md": "no picture it belongs to",
        "a/sub": "a sub-folder",
        "a/.hidden.png": "hidden",
        "top.png": "lies beside the clusters",
        ".git": "hidden",
    }
    facts = (tmp_path / "b/2.png").stat()
    item = found.by_path["b/2.png"]
    assert (item.inode, item.size, item.mtime_ns) == (facts.st_ino, facts.st_size, facts.st_mtime_ns)
    assert found.revision == 0
    assert not (tmp_path / ".shoal").exists(), "reading writes nothing"


def test_a_file_without_extension_is_told_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/picture").write_bytes(PNG + b"x")
    (tmp_path / "a/photo").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "a/Makefile").write_bytes(b"all:\n")
    assert [i.name for i in scan(tmp_path, check="none").items] == ["photo", "picture"]


@pytest.mark.parametrize("name", ["cluster_report.json", "identity_clustering.json"])
def test_both_reports_are_read(tmp_path: Path, name: str) -> None:
    build(tmp_path, ["identity_000/1.png", "identity_000/faces/1_0.png"])
    (tmp_path / name).write_text(json.dumps({"clusters": [1]}))
    found = scan(tmp_path, check="none")
    assert found.report == {"clusters": [1]}
    assert found.layout == ("clusters" if name.startswith("cluster") else "identities")
    assert found.items[0].companions == ("identity_000/faces/1_0.png",)


@pytest.mark.parametrize("text", ["{", "[1]", "\xff", "[" * 100_000])
def test_a_bad_report_is_passed_over_and_said(tmp_path: Path, text: str) -> None:
    build(tmp_path, ["a/1.png"])
    (tmp_path / "cluster_report.json").write_bytes(text.encode("latin-1"))
    found = scan(tmp_path, check="none")
    assert found.report is None
    assert any("cluster_report.json" in note for note in found.notes)


def test_broken_pictures_are_listed_and_stay_items(tmp_path: Path) -> None:
    build(tmp_path, ["a/not_really.png"])
    (tmp_path / "a/empty.png").write_bytes(b"")
    Image.new("RGB", (4, 4)).save(tmp_path / "a/fine.png")
    found = scan(tmp_path, check="all")
    assert {path for path, _ in found.broken} == {"a/empty.png", "a/not_really.png"}
    assert len(found.items) == 3
    assert found.unchecked == 0
    assert scan(tmp_path, check=1).unchecked == 2
    assert scan(tmp_path, check="none").unchecked == 3


def test_links(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    build(outside, ["x/1.png"])
    root = tmp_path / "root"
    build(root, ["a/1.png"])
    (root / "cluster_link").symlink_to(outside / "x")
    (root / "loop").symlink_to("loop")
    (root / "a/to_outside.png").symlink_to(outside / "x/1.png")
    (root / "a/to_neighbour.png").symlink_to("1.png")
    (root / "a/up.png").symlink_to("../a/1.png")
    found = scan(root, check="none")
    assert [i.name for i in found.items] == ["1.png", "to_outside.png", "up.png"]
    assert found.clusters == ("a",)
    reasons = dict(found.ignored)
    assert reasons["cluster_link"] == reasons["loop"] == "a symbolic link is not followed"
    assert "break" in reasons["a/to_neighbour.png"]


def test_a_linked_root_is_its_target(tmp_path: Path) -> None:
    build(tmp_path / "real", ["a/1.png"])
    (tmp_path / "link").symlink_to("real")
    assert scan(tmp_path / "link", check="none").root == (tmp_path / "real").resolve()


def test_names_of_every_kind_are_kept(tmp_path: Path) -> None:
    names = [os.fsdecode(b"\xff.png"), "e\u0301.png", "é.png", "a\nb.png", "<b>.png", " .png", "🦊.png"]
    build(tmp_path, [f"a/{name}" for name in names])
    assert {i.name for i in scan(tmp_path, check="none").items} == set(names)


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        scan(tmp_path / "gone")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInputError):
        scan(tmp_path / "file")


def test_other_things_than_files(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png"])
    os.mkfifo(tmp_path / "a/pipe.png")
    os.mkfifo(tmp_path / "a/pipe")
    found = scan(tmp_path, check="all")
    assert [i.name for i in found.items] == ["1.png"]


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 300)), min_size=1, max_size=20))
def test_numbers_sort_as_numbers(rows: list[tuple[str, int]]) -> None:
    names = [f"{word}_{n}.png" for word, n in rows]
    assert sorted(names, key=natural_key) == [f"{word}_{n}.png" for word, n in sorted(rows)]


def test_digits_of_other_scripts_do_not_break_sorting() -> None:
    assert sorted(["a²", "a٣", "a10", "a9"], key=natural_key)[:2] == ["a9", "a10"]
