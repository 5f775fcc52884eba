"""Presets: those that come with shoal, one's own on top of them, titles and runs on top of that."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from shoal.compute.presets import STEPS, load_preset, preset_names
from shoal.errors import BadInputError, MissingError


def test_the_presets_that_come_with_shoal_fit_the_steps() -> None:
    assert preset_names() == ["2d", "3d", "photos"]
    for name in preset_names():
        preset = load_preset(name)
        assert preset["about"] and preset["source"] in ("film", "pictures")
        for step in STEPS:
            room = "export.dataset" if step == "export_dataset" else f"steps.{step}"
            known = inspect.signature(getattr(importlib.import_module(f"shoal.{room}"), step)).parameters
            assert set(preset.get(step, {})) <= set(known), f"{name}: {step}"


def test_a_file_of_ones_own_with_titles_and_overrides(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(
        'extends = "3d"\nsegment = false\n[cluster]\nmin_cluster_size = 7\n'
        '[titles."My film".cluster]\nmin_samples = 4\n'
    )
    plain = load_preset(own)
    assert plain["segment"] is False and plain["cluster"] == {"min_cluster_size": 7, "min_samples": 2}
    assert plain["about"] == "3D-animated film" and "titles" not in plain and "extends" not in plain
    title = load_preset(str(own), title="My film", overrides={"cluster": {"min_cluster_size": 3}})
    assert title["cluster"] == {"min_cluster_size": 3, "min_samples": 4}
    (tmp_path / "further.toml").write_text('extends = "mine.toml"\n[embed]\nmodel = "colour"\n')
    further = load_preset(tmp_path / "further.toml", title="My film")
    assert further["embed"] == {"model": "colour"} and further["cluster"]["min_samples"] == 4


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[clusters]\nx = 1", "says something of 'clusters'"),
        ("cluster = 3", "cluster=3 is no table"),
        ('source = "dvd"', "source='dvd'"),
        ("about = 3", "about=3 is no text"),
        ("[titles.a.nothing]\nx = 1", "title 'a' says something of 'nothing'"),
        ('extends = "bad.toml"', "extends itself"),
        ("[", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(BadInputError, match=says):
        load_preset(tmp_path / "bad.toml")


def test_a_preset_that_is_not_there_lists_those_that_are() -> None:
    with pytest.raises(MissingError, match="no preset '4d'") as caught:
        load_preset("4d")
    assert "'2d', '3d', 'photos'" in caught.value.hint
