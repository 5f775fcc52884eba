from __future__ import annotations

from pathlib import Path

import pytest

from shoal.disk.tree import FolderScan, ItemFile


def test_items_by_path_and_repr() -> None:
    item = ItemFile("a/1.png", "a", "1.png", 3, 1, 2, 1)
    found = FolderScan(Path("/x"), (item,), ("a",), revision=4)
    assert found.by_path == {"a/1.png": item}
    assert len(found) == 1
    assert "1 items" in repr(found)
    assert "revision 4" in repr(found)
    assert found.sizes == found.counts == {"a": 1}
    with pytest.raises(AttributeError):
        found.revision = 5  # type: ignore[misc]
