from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.doors import Door, MemoryDoor, RealDoor


@pytest.fixture(params=["memory", "real"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Door:
    """An empty folder, once in memory and once on the real disk."""
    if request.param == "memory":
        return MemoryDoor()
    (tmp_path / "root").mkdir()
    return RealDoor(tmp_path / "root")
