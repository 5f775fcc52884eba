from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from shoal.disk import scan
from shoal.disk.backup import backed_inodes, find_backup, make_backup
from shoal.disk.layout import BACKUPS, commit_file, manifest_file
from shoal.disk.manifest import read_manifest
from shoal.disk.records import read_record
from shoal.errors import DamagedError, MissingError
from shoal.store.filesystem import FileSystem
from tests.unit.disk.folders import build, save


@pytest.fixture
def fs(tmp_path: Path):
    build(tmp_path, ["a/1.png", "a/1.txt", "a/faces/1_0.png", "b/2.png"])
    (tmp_path / "empty").mkdir()
    with FileSystem(tmp_path) as made:
        made.mkdir(".shoal")
        made.mkdir(BACKUPS)
        yield made


def backup(fs: FileSystem, revision: int, mode="link", hashes=None) -> int:
    ticks: list[int] = []
    found = scan(fs.root, check="none")
    touched, _ = make_backup(fs, found, revision, mode=mode, hashes=hashes or {}, tick=ticks.append)
    assert all(fs.stat(folder) is not None for folder in touched), "what must be synced is there"
    return sum(ticks)


@pytest.mark.parametrize("mode", ["link", "copy", "none"])
def test_the_manifest_tells_everything(fs: FileSystem, mode: str) -> None:
    digest = fs.sha256("a/1.png")
    backup(fs, 1, mode, {"a/1.png": digest})
    manifest = read_manifest(fs, 1)
    assert manifest.mode == mode
    assert manifest.clusters == ("a", "b", "empty")
    rows = {row.path: row for row in manifest.rows}
    assert set(rows) == {"a/1.png", "a/1.txt", "a/faces/1_0.png", "b/2.png"}
    for path, row in rows.items():
        found = fs.stat(path)
        assert found is not None
        assert (row.inode, row.size, row.mtime_ns) == (found.inode, found.size, found.mtime_ns)
        assert (row.place is None) == (mode == "none")
        if row.place is not None:
            assert fs.sha256(row.place) == fs.sha256(path)
    assert rows["a/1.png"].hash == digest
    assert rows["b/2.png"].hash is None


def test_links_take_no_room_and_come_once(fs: FileSystem) -> None:
    assert backup(fs, 1) == 4
    assert backup(fs, 2) == 0, "a later backup links nothing twice"
    build(Path(fs.root), ["b/3.png"])
    assert backup(fs, 3) == 1
    places = {row.path: row.place for row in read_manifest(fs, 3).rows}
    assert places["a/1.png"] == f"{BACKUPS}/000001/tree/a/1.png"
    assert places["b/3.png"] == f"{BACKUPS}/000003/tree/b/3.png"
    assert set(backed_inodes(fs).values()) == set(places.values())


def test_copies_come_once_and_again_when_a_file_was_edited(fs: FileSystem) -> None:
    assert backup(fs, 1, "copy") == 4
    assert backup(fs, 2, "copy") == 0
    (Path(fs.root) / "b/2.png").write_bytes(b"edited in place")
    assert backup(fs, 3, "copy") == 1
    kept = {row.path: row.place for row in read_manifest(fs, 1).rows}["b/2.png"]
    assert kept is not None
    assert b"edited" not in fs.read(kept)


def test_a_backup_begun_for_another_file_of_the_same_name(fs: FileSystem) -> None:
    backup(fs, 1)
    fs.unlink(manifest_file(1))
    root = Path(fs.root)
    (root / "b/2.png").unlink()
    (root / "b/2.png").write_bytes(b"another")
    assert backup(fs, 1) == 1
    place = {row.path: row.place for row in read_manifest(fs, 1).rows}["b/2.png"]
    assert place is not None
    assert fs.read(place) == b"another"


def test_a_backup_begun_but_not_finished_is_taken_up(fs: FileSystem) -> None:
    backup(fs, 1)
    fs.unlink(manifest_file(1))
    assert backup(fs, 1) == 0
    assert len(read_manifest(fs, 1).rows) == 4


@pytest.mark.parametrize("cut", [0, 1, 10, -2, -5, -30])
def test_a_damaged_manifest_is_a_typed_error(fs: FileSystem, cut: int) -> None:
    backup(fs, 1)
    path = Path(fs.root) / manifest_file(1)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DamagedError, match="manifest"):
        read_manifest(fs, 1)


def test_a_flipped_number_is_seen(fs: FileSystem) -> None:
    backup(fs, 1)
    path = Path(fs.root) / manifest_file(1)
    data = gzip.decompress(path.read_bytes())
    inode = str(fs.stat("a/1.png").inode).encode()
    data = data.replace(inode, inode[:-1] + (b"1" if inode[-1:] != b"1" else b"2"), 1)
    path.write_bytes(gzip.compress(data))
    with pytest.raises(DamagedError, match="checksum"):
        read_manifest(fs, 1)


def test_no_such_backup(fs: FileSystem) -> None:
    with pytest.raises(MissingError, match="revision 5"):
        read_manifest(fs, 5)


def test_finding_a_file_also_without_the_manifest(tmp_path: Path) -> None:
    build(tmp_path, ["a/1.png", "b/2.png"])
    save(tmp_path, {"a/1.png": "b/1.png"})
    with FileSystem(tmp_path) as fs:
        record = read_record(fs, commit_file(1))
        place = find_backup(fs, record, record.steps[0])
        assert place == f"{BACKUPS}/000001/tree/a/1.png"
        fs.unlink(manifest_file(1))
        assert find_backup(fs, record, record.steps[0]) == place
