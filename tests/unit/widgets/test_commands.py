"""Every command on the wire is one of the review."""

from typing import get_args

import numpy as np

from shoal.review import commands as review
from shoal.widgets.commands import to_command
from shoal.widgets.protocol import commands as wire
from shoal.widgets.protocol.base import ItemSet

SAMPLE = {
    "items": ItemSet(encoding="rows", count=1, buffer=0),
    "to": "c1",
    "cluster": "c1",
    "clusters": ["c1", "c2"],
    "name": "liz",
    "row": 3,
    "reviewed": True,
    "caption": "x",
    "description": "x",
    "parts": [wire.Assignment(items=ItemSet(encoding="rows", count=1, buffer=0), to="c1")],
}


def test_every_wire_command_has_its_twin():
    classes = get_args(get_args(wire.Command)[0])
    assert len(classes) == 15
    for cls in classes:
        facts = {k: v for k, v in SAMPLE.items() if k in cls.model_fields}
        command = to_command(cls(**facts), lambda ref: np.array([4]))
        assert type(command).__name__ == cls.__name__
        assert type(command) is getattr(review, cls.__name__)
        for name, value in facts.items():
            if name not in ("items", "parts"):
                assert getattr(command, name) == value
