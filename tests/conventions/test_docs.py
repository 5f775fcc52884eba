"""Documents that cannot lie: the reference is generated, links lead somewhere, snippets run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import shoal
from tests.conventions.sources import ROOT, project_files

PAGES = [p for p in project_files() if p.suffix == ".md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")
SNIPPET = re.compile(r"^```python run\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nrun `make docs`"


def test_every_public_name_is_in_the_reference() -> None:
    text = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "docs" / "reference").glob("*.md"))
    missing = [name for name in shoal.__all__ if f"`shoal.{name}`" not in text]
    assert not missing


def test_what_a_class_has_from_our_own_bases_is_in_the_reference_too() -> None:
    text = (ROOT / "docs" / "reference" / "widgets.md").read_text(encoding="utf-8")
    assert "`shoal.Browser.close`" in text
    assert "`shoal.Queue.close`" in text
    assert "`shoal.Queue.observe`" not in text, "that is for another project's reference"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def snippets() -> list[tuple[str, str]]:
    """Blocks fenced as ``python run``: complete programs, run in an empty folder."""
    return [
        (f"{page.relative_to(ROOT).as_posix()}#{i}", code)
        for page in PAGES
        for i, code in enumerate(SNIPPET.findall(page.read_text(encoding="utf-8")))
    ]


@pytest.mark.weights
@pytest.mark.parametrize(("where", "code"), snippets(), ids=[where for where, _ in snippets()])
def test_snippet_runs(where: str, code: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, f"{where}:\n{done.stderr[-3000:]}"


def test_there_are_snippets() -> None:
    assert any(where.startswith("README.md") for where, _ in snippets())
