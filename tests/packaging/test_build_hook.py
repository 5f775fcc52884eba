"""The build hook: the widget is built when its sources changed, and only then."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType

import pytest

from tests.conventions.sources import ROOT

# An npm that counts its calls and leaves what a build leaves.
NPM = """#!/bin/sh
echo "$@" >> "{log}"
case "$*" in
  *build*) mkdir -p "{static}"; for name in {built}; do echo built > "{static}/$name"; done;;
esac
exit {status}
"""


@pytest.fixture
def hook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The hook, on a small source tree and with an npm of our own."""
    path = ROOT / "widgets_js" / "hatch_build.py"
    spec = importlib.util.spec_from_file_location("hatch_build_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sources = tmp_path / "widgets_js"
    (sources / "src").mkdir(parents=True)
    (sources / "node_modules").mkdir()
    (sources / "src" / "a.ts").write_text("export const a = 1;")
    (sources / "package.json").write_text("{}")
    monkeypatch.setattr(module, "HERE", sources)
    monkeypatch.setattr(module, "STATIC", tmp_path / "static")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    write_npm(tmp_path, built=module.BUILT)
    return module


def write_npm(place: Path, built: tuple[str, ...] = (), status: int = 0) -> None:
    npm = place / "npm"
    text = NPM.format(log=place / "calls", static=place / "static", status=status, built=" ".join(built))
    npm.write_text(text)
    npm.chmod(0o755)


def calls(place: Path) -> int:
    return len((place / "calls").read_text().splitlines()) if (place / "calls").exists() else 0


def test_it_builds_once(hook: ModuleType, tmp_path: Path) -> None:
    assert not hook.is_current()
    assert hook.build()
    assert not hook.build()
    assert calls(tmp_path) == 1


@pytest.mark.parametrize("change", ["edit", "new file", "rename", "lost bundle"])
def test_it_builds_again_when_something_changed(hook: ModuleType, tmp_path: Path, change: str) -> None:
    hook.build()
    source = hook.HERE / "src" / "a.ts"
    if change == "edit":
        source.write_text("export const a = 2;")
    elif change == "new file":
        (hook.HERE / "src" / "b.ts").write_text("")
    elif change == "rename":
        source.rename(source.with_name("c.ts"))
    else:
        (hook.STATIC / "browser.css").unlink()
    assert hook.build()
    assert calls(tmp_path) == 2


def test_a_changed_test_is_no_changed_source(hook: ModuleType) -> None:
    hook.build()
    (hook.HERE / "src" / "a.test.ts").write_text("// a test")
    assert hook.is_current()


def test_a_failed_build_is_an_error_and_never_current(hook: ModuleType, tmp_path: Path) -> None:
    write_npm(tmp_path, status=3)
    with pytest.raises(RuntimeError, match="status 3"):
        hook.build()
    assert not hook.is_current()


def test_dependencies_are_installed_when_missing(hook: ModuleType, tmp_path: Path) -> None:
    (hook.HERE / "node_modules").rmdir()
    hook.build()
    assert (tmp_path / "calls").read_text().splitlines()[0].startswith("install --no-save")


def test_without_node_it_says_what_is_needed(hook: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="Node 20"):
        hook.build()
