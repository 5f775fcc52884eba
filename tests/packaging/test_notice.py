"""What is carried of others is named with its licence, in the package and in every bundle."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.conventions.sources import PACKAGE, ROOT

NOTICE = (PACKAGE / "NOTICE.txt").read_text(encoding="utf-8")
BUNDLED = sorted(json.loads((ROOT / "widgets_js" / "package.json").read_text())["dependencies"])


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_project_says_under_which_licences_it_comes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "MIT AND CC-BY-3.0"
    assert all((ROOT / name).is_file() for name in project["license-files"])
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


def test_the_clip_is_credited_as_its_licence_asks() -> None:
    credits_text = words((PACKAGE / "demo_data" / "CREDITS.txt").read_text())
    for said in ("(c) copyright 2008, Blender Foundation / www.bigbuckbunny.org", "licenses/by/3.0"):
        assert said in credits_text and said in words(NOTICE)


@pytest.mark.parametrize("package", BUNDLED)
def test_every_bundled_package_is_named_with_the_words_of_its_licence(package: str) -> None:
    licence = ROOT / "widgets_js" / "node_modules" / package / "LICENSE"
    if not licence.is_file():
        pytest.skip("node_modules is not installed")
    _, holder, permission = licence.read_text(encoding="utf-8").split("\n\n", 2)
    assert f"{package} {holder}" in words(NOTICE) and words(permission) in words(NOTICE)


@pytest.mark.parametrize("name", ["browser.js", "queue.js", "page.js"])
def test_every_bundle_names_them(name: str) -> None:
    bundle = PACKAGE / "widgets" / "static" / name
    if not bundle.is_file():
        pytest.skip("the widget is not built")
    first = bundle.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("/*!") and all(package in first for package in BUNDLED)


def test_no_other_media_or_models_are_carried() -> None:
    """A new file of such a kind must come with a line in NOTICE.txt."""
    kinds = {
        ".mp4",
        ".onnx",
        ".pth",
        ".safetensors",
        ".npz",
        ".ttf",
        ".woff2",
        ".png",
        ".jpg",
        ".mp3",
        ".wav",
    }
    found = {p.relative_to(PACKAGE).as_posix() for p in PACKAGE.rglob("*") if p.suffix.lower() in kinds}
    assert found == {"demo_data/bbb_demo.mp4"}, Path("src/shoal/NOTICE.txt")
