from __future__ import annotations

import errno
import inspect
import os
from pathlib import Path

import pytest

from shoal.store import filesystem
from shoal.store.filesystem import FileSystem, is_own


@pytest.fixture
def fs(tmp_path: Path):
    with FileSystem(tmp_path) as made:
        made.mkdir(".shoal")
        made.mkdir("a")
        (tmp_path / "a/1.png").write_bytes(b"picture")
        yield made


@pytest.mark.parametrize("call", ["unlink", "truncate", "append", "replace"])
@pytest.mark.parametrize(
    "path", ["a/1.png", "1.png", ".shoalx/1.png", "a/.shoal-x.png", "cluster_report.json"]
)
def test_pictures_are_never_removed_cut_or_replaced(fs: FileSystem, call: str, path: str) -> None:
    args = {"unlink": (), "truncate": (0,), "append": (b"x",), "replace": (".shoal/x",)}[call]
    with pytest.raises(PermissionError):
        getattr(fs, call)(path, *args)
    assert fs.read("a/1.png") == b"picture"


def test_replace_lands_only_on_own_files_and_reports(fs: FileSystem) -> None:
    fs.write_new(".shoal/x", b"x")
    with pytest.raises(PermissionError):
        fs.replace(".shoal/x", "a/1.png")
    fs.replace(".shoal/x", "cluster_report.json")
    assert fs.read("cluster_report.json") == b"x"


def test_own_files() -> None:
    assert is_own(".shoal/journal/1.json")
    assert is_own("a/.shoal-report.tmp")
    assert not is_own("a/.shoal/x.png")
    assert not is_own(".shoal")


@pytest.mark.parametrize("call", ["rename", "link", "copy"])
def test_nothing_lands_on_something(fs: FileSystem, call: str) -> None:
    (Path(fs.root) / "a/2.png").write_bytes(b"other")
    with pytest.raises(FileExistsError):
        getattr(fs, call)("a/1.png", "a/2.png")
    assert fs.read("a/1.png") == b"picture"
    assert fs.read("a/2.png") == b"other"


def test_a_name_goes_only_while_the_file_has_another(fs: FileSystem) -> None:
    (Path(fs.root) / "a/2.png").write_bytes(b"picture")
    for path, keep in [
        ("a/1.png", "a/2.png"),
        ("a/1.png", "a/1.png"),
        ("a/1.png", "a/gone"),
        ("a/gone", "a/1.png"),
    ]:
        with pytest.raises(PermissionError):
            fs.drop_twin(path, keep)
    fs.link("a/1.png", "a/3.png")
    fs.drop_twin("a/3.png", "a/1.png")
    assert fs.stat("a/3.png") is None
    assert fs.read("a/1.png") == b"picture"


def test_copies_keep_times_and_bytes(fs: FileSystem) -> None:
    fs.copy("a/1.png", ".shoal/1.png")
    one, two = fs.stat("a/1.png"), fs.stat(".shoal/1.png")
    assert one is not None
    assert two is not None
    assert (one.size, one.mtime_ns) == (two.size, two.mtime_ns)
    assert one.inode != two.inode
    assert fs.sha256("a/1.png") == fs.sha256(".shoal/1.png")


def test_links_are_told_from_files(fs: FileSystem) -> None:
    (Path(fs.root) / "a/link.png").symlink_to("1.png")
    found = fs.stat("a/link.png")
    assert found is not None
    assert found.kind == "link"
    assert fs.link_target("a/link.png") == "1.png"
    with pytest.raises(OSError, match="Too many levels"):
        fs.read("a/link.png")
    assert {e.name: e.kind for e in fs.entries("a")} == {"1.png": "file", "link.png": "link"}
    assert {name: s.kind for name, s in fs.stats("a")} == {"1.png": "file", "link.png": "link"}
    assert fs.stat("a/link.png/x") is None


def test_files_of_our_own(fs: FileSystem) -> None:
    fs.append(".shoal/log", b"one\n")
    fs.append(".shoal/log", b"two\n")
    fs.truncate(".shoal/log", 4)
    assert fs.read(".shoal/log") == b"one\n"
    assert fs.head(".shoal/log", 2) == b"on"
    fs.unlink(".shoal/log")
    assert fs.stat(".shoal/log") is None
    with pytest.raises(FileNotFoundError):
        fs.read(".shoal/log")
    with pytest.raises(FileExistsError):
        fs.write_new("a/1.png", b"")


def test_a_missing_folder_reads_as_empty(fs: FileSystem) -> None:
    assert fs.entries("gone") == []
    assert fs.stat("gone/x") is None
    with pytest.raises(OSError, match="No such file"):
        fs.stats("gone")


def test_a_folder_with_something_in_it_stays(fs: FileSystem) -> None:
    with pytest.raises(OSError, match="not empty") as caught:
        fs.rmdir("a")
    assert caught.value.errno == errno.ENOTEMPTY


def test_a_renamed_folder_is_found_under_its_new_name(fs: FileSystem) -> None:
    assert fs.read("a/1.png") == b"picture"
    fs.rename("a", "b")
    assert fs.read("b/1.png") == b"picture"
    assert fs.stat("a/1.png") is None


def test_folders_that_cannot_be_written_to(fs: FileSystem) -> None:
    assert fs.writable("a")
    assert fs.writable("")
    if os.geteuid() != 0:
        (Path(fs.root) / "a").chmod(0o555)
        assert not fs.writable("a")
        (Path(fs.root) / "a").chmod(0o755)


def test_every_changing_call_is_a_method_that_tests_can_put_a_fault_in() -> None:
    """The module calls the system only from methods of the class, never behind its back."""
    source = inspect.getsource(filesystem)
    outside = source.replace(inspect.getsource(FileSystem), "")
    for call in ("os.unlink", "os.rename", "os.replace", "os.rmdir", "os.mkdir", "os.truncate"):
        assert call not in outside
