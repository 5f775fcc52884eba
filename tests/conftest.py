"""What all tests share: no model hub is reached, and missing offline weights are a reason to skip."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# How long one example takes says how busy the machine is, not whether the code is right.
settings.register_profile("shoal", deadline=None)
settings.load_profile("shoal")

# No test may reach for a model hub; a missing file must fail at once, not after minutes of trying.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
# Nor may a test leave thumbnails in the cache of whoever runs it.
os.environ.setdefault("SHOAL_THUMBS", "off")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wanting = [item for item in items if item.get_closest_marker("weights")]
    # Under continuous integration the weights must be there: a skip would hide that they are not.
    if not wanting or os.environ.get("CI"):
        return
    from shoal.backends import weights

    missing = [name for name in weights.resolve("demo") if not weights.is_present(name)]
    if missing:
        reason = f"no weights of {', '.join(missing)} in the cache; run: {weights.BRING_COMMAND}"
        for item in wanting:
            item.add_marker(pytest.mark.skip(reason=reason))
