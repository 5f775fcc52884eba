"""The wheel, as a stranger gets it: everything that must be in it, nothing that must not, and it works."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conventions.sources import PACKAGE, ROOT, dotted, python_modules

pytestmark = [pytest.mark.wheel, pytest.mark.timeout(600)]

MUST = {
    "shoal/py.typed",
    "shoal/NOTICE.txt",
    "shoal/demo_data/bbb_demo.mp4",
    "shoal/demo_data/CREDITS.txt",
    "shoal/widgets/static/browser.js",
    "shoal/widgets/static/browser.css",
    "shoal/widgets/static/page.js",
    "shoal/widgets/webapp_template/voila/templates/shoal/index.html.j2",
    "shoal/compute/preset_files/3d.toml",
    "shoal/notebooks/10_night_run.ipynb",
    "shoal/notebooks/01_review_a_folder.ipynb",
    "shoal/notebooks/02_film_to_clusters.ipynb",
}
LARGEST_MB = 12
SMOKE = """
import pathlib, sys
from PIL import Image
import shoal
assert str(pathlib.Path(shoal.__file__).resolve()).startswith(sys.argv[1]), shoal.__file__
root = pathlib.Path("clustered")
for folder, colour in {"character_0": "red", "character_1": "blue", "noise": "grey"}.items():
    (root / folder).mkdir(parents=True)
    for i in range(3):
        Image.new("RGB", (32, 24), colour).save(root / folder / f"{folder}_{i}.png")
review = shoal.open_review(root)
assert len(review) == 9, review
merged = review.merge(["character_0", "character_1"], name="both")
review.save()
assert sorted(p.name for p in (root / "both").iterdir() if p.suffix == ".png") == [
    f"character_{k}_{i}.png" for k in range(2) for i in range(3)
]
widget = shoal.browse(review)
assert len(str(widget._esm)) > 10_000 and "shoal" in str(widget._css)
from shoal.widgets.notebook import notebooks
assert (notebooks() / "01_review_a_folder.ipynb").is_file() and str(notebooks()).startswith(sys.argv[1])
assert shoal.load_preset("3d")["cluster"]
assert shoal.write_page(review, "page.html", progress=False).stat().st_size > 100_000
print("works")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    (path,) = out.glob("shoal-*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {n for n in archive.namelist() if not n.endswith("/")}


def test_it_holds_what_it_must(names: set[str]) -> None:
    assert names >= MUST
    modules = {p.relative_to(PACKAGE.parent).as_posix() for p in python_modules()}
    assert modules <= names, f"modules left out: {sorted(modules - names)}"


def test_it_holds_no_junk(names: set[str], wheel: Path) -> None:
    kinds = {".py", ".typed", ".mp4", ".txt", ".js", ".css", ".ipynb", ".json", ".sha256", ".toml", ".j2"}
    own = {n for n in names if n.startswith("shoal/")}
    assert {n.split("/")[0] for n in names - own} == {f"{wheel.stem.split('-py3')[0]}.dist-info"}
    junk = {
        n for n in own if Path(n).suffix not in kinds or "__pycache__" in n or "/." in n or n.endswith(".map")
    }
    assert not junk
    assert wheel.stat().st_size < LARGEST_MB * 2**20


def test_the_bundle_needs_nothing_from_the_network(wheel: Path) -> None:
    """One module: no import that a browser would have to fetch, no content delivery network."""
    with zipfile.ZipFile(wheel) as archive:
        script = archive.read("shoal/widgets/static/browser.js").decode()
        style = archive.read("shoal/widgets/static/browser.css").decode()
    for word in ("unpkg.com", "jsdelivr", "esm.sh", "esm.run", "skypack", "cdnjs", "eval(", "new Function("):
        assert word not in script
    assert "@import" not in style
    assert "url(http" not in style


def test_it_works_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """Installed beside the dependencies, far from the sources: a review is edited, saved and shown."""
    target = tmp_path / "site"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
    ]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-c", SMOKE, str(target.resolve())],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().endswith("works")


def test_every_module_imports_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """No module needs a file that was left behind, nor any heavy package to be imported."""
    target = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    wanted = [name for p in python_modules() if not (name := dotted(p)).endswith("__main__")]
    code = f"import importlib\nfor name in {wanted!r}:\n    importlib.import_module(name)\n"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
