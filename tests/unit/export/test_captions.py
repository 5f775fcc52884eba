"""Captions come from the first source that has one, and begin with the trigger word."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoal.errors import BadInputError
from shoal.export.captions import Captions
from shoal.export.samples import collect
from tests.unit.export.reviews import make_review

ALL = ("review", "sidecar", "template")
TEMPLATE = "{cluster}, {view}, {tags}, {description}"


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory):
    return make_review(tmp_path_factory.mktemp("captions"))


def captions(review, *words) -> dict[str, str]:
    samples, _ = collect(review, clusters=None, captions=Captions(*words), balance=None)
    return {Path(s.item).name: s.caption for s in samples}


def test_sources_in_order(review) -> None:
    made = captions(review, ALL, TEMPLATE, {"Bunny, the big": "sks"})
    assert made["f01.png"] == "sks, a rabbit in the grass", "from the review, on one line"
    assert made["f20.png"] == "a squirrel looks up", "from the sidecar, on one line"
    assert made["f00.png"] == "sks, Bunny, the big, front, smiling"
    assert made["f19.png"] == "character_1, red"
    assert captions(review, ("template",), TEMPLATE, {})["f20.png"] == "character_1, red"


def test_a_trigger_that_is_there_is_not_repeated(review) -> None:
    made = captions(review, ALL, TEMPLATE, {"Bunny, the big": "rabbit", "character_1": "squirrel"})
    assert made["f01.png"] == "a rabbit in the grass" and made["f20.png"] == "a squirrel looks up"
    assert captions(review, (), TEMPLATE, {"character_1": "rab"})["f20.png"] == "rab"


def test_wrong_templates_and_sources_are_named() -> None:
    with pytest.raises(BadInputError, match="no field 'colour'"):
        Captions(ALL, "{colour}", {})
    with pytest.raises(BadInputError, match="cannot be read"):
        Captions(ALL, "{cluster", {})
    with pytest.raises(BadInputError, match="from 'oracle'"):
        Captions(("oracle",), "", {})  # type: ignore[arg-type]
