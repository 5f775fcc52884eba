from __future__ import annotations

from pathlib import Path

import pytest

from shoal.disk import layout
from shoal.store.filesystem import FileSystem, is_own


@pytest.mark.parametrize("name", ["000001.json", "000000000012.json"])
def test_names_of_records(name: str) -> None:
    assert layout.revision_of(name) == int(name.split(".")[0])


@pytest.mark.parametrize(
    "name", ["1.json", "000001.jsonl", "x000001.json", "000001.json.tmp", "٠٠٠٠٠١.json", "-00001.json"]
)
def test_names_that_are_no_records(name: str) -> None:
    assert layout.revision_of(name) is None


def test_every_place_is_our_own() -> None:
    makers = [
        layout.intent_file,
        layout.commit_file,
        layout.report_stage,
        layout.changes_stage,
        layout.manifest_file,
    ]
    paths = [make(1_000_000) for make in makers] + [layout.hold_name(7, 3)]
    assert all(is_own(path) for path in paths)
    assert len(set(paths)) == len(paths)
    assert layout.revision_of(layout.intent_file(1_000_000).rpartition("/")[2]) == 1_000_000


def test_the_newest_revision_counts(tmp_path: Path) -> None:
    commits = tmp_path / ".shoal" / "commits"
    with FileSystem(tmp_path) as fs:
        assert layout.last_revision(fs) == 0
        commits.mkdir(parents=True)
        for name in ("000002.json", "000010.json", "junk", "000011.tmp"):
            (commits / name).write_bytes(b"")
        assert layout.revisions(fs, layout.COMMITS) == [2, 10]
        assert layout.last_revision(fs) == 10
