"""The tutorial notebooks run as papermill runs them, and hold no outputs and no surprises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from PIL import Image

import shoal
from tests.conventions.sources import ROOT
from tests.unit.export.reviews import make_review
from tests.unit.night.titles import FAST, make_broken, make_clip, make_pile

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.timeout(300)


def run(
    name: str, tmp_path: Path, parameters: dict[str, object], *, fails: bool = False
) -> nbformat.NotebookNode:
    """Execute a notebook with papermill in a folder of its own; return it with its outputs."""
    target = tmp_path / "ran.ipynb"
    given = [word for key, value in parameters.items() for word in ("-p", key, str(value))]
    done = subprocess.run(
        [sys.executable, "-m", "papermill", str(ROOT / "notebooks" / name), str(target), *given],
        cwd=tmp_path,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr[-3000:]
    return nbformat.read(target, as_version=4)


def shown(notebook: nbformat.NotebookNode) -> str:
    """All plain text that the cells put out."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_it_is_committed_clean(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert notebook.cells[0].source.startswith("# ")


def test_review_a_folder(tmp_path: Path) -> None:
    root = tmp_path / "clustered"
    for folder, colour in {"character_0": "red", "character_1": "blue", "noise": "grey"}.items():
        (root / folder).mkdir(parents=True)
        for i in range(4):
            Image.new("RGB", (40, 30), colour).save(root / folder / f"{folder}_{i}.png")
    (root / "noise" / "empty.png").touch()
    before = sorted(p.relative_to(root).as_posix() for p in root.rglob("*.png"))
    text = shown(run("01_review_a_folder.ipynb", tmp_path, {"folder": root}))
    assert "Review(13 items, 2 clusters" in text
    assert "empty.png" in text
    assert sorted(p.relative_to(root).as_posix() for p in root.rglob("*.png")) == before


@pytest.mark.weights
def test_film_to_clusters(tmp_path: Path) -> None:
    """Coarse parameters: what is shown here is that the road holds, not how good its end is."""
    parameters = {"out": tmp_path / "out", "mode": "interval", "interval_s": 1.0, "min_cluster_size": 5}
    text = shown(run("02_film_to_clusters.ipynb", tmp_path, parameters))
    assert "Shots(26 shots" in text or "shots," in text
    report = json.loads((tmp_path / "out" / "clustered" / "cluster_report.json").read_text())
    assert len(report["clusters"]) >= 3
    pictures = [p for p in (tmp_path / "out" / "clustered").glob("character_*/*") if p.is_file()]
    assert len(pictures) >= 30
    assert (tmp_path / "out" / "clustered" / "clusters.png").is_file()
    assert "Review(" in text


def test_photos_to_clusters(tmp_path: Path) -> None:
    pile = make_pile(tmp_path / "pile", 30)
    parameters = {"folder": pile, "out": tmp_path / "out", "model": "colour", "min_cluster_size": 4}
    text = shown(run("03_photos_to_clusters.ipynb", tmp_path, parameters))
    assert "Items(30 in" in text and "Review(" in text
    assert len(list(pile.iterdir())) == 30
    assert (tmp_path / "out" / "clustered" / "clusters.png").is_file()


def test_export_training_set(tmp_path: Path) -> None:
    review = make_review(tmp_path)
    review.close()
    parameters = {"folder": review.root, "out": tmp_path / "set", "layout": "onetrainer", "validation": 0.2}
    text = shown(run("04_export_training_set.ipynb", tmp_path, parameters))
    assert text.count("OneTrainer will see 30 images, 6 for validation, 0 without caption") == 2


def test_a_night_with_a_broken_title(tmp_path: Path) -> None:
    """On Dask: the good one is done, the broken one is reported, and the exit status says so."""
    pytest.importorskip("distributed", reason="Dask is not installed")
    good, broken = make_clip(tmp_path / "films"), make_broken(tmp_path / "films")
    parameters = {
        "titles": json.dumps([str(broken), str(good)]), "out": tmp_path / "runs",
        "overrides": json.dumps(FAST), "dask": "local",
    }  # fmt: skip
    text = shown(run("10_night_run.ipynb", tmp_path, parameters, fails=True))
    assert "1 of 2 titles done" in text and "failed broken: " in text
    (clustered,) = tmp_path.glob("runs/*/titles/clip/clustered")
    assert shoal.open_review(clustered).items()
    review = nbformat.read(clustered.parent / "review.ipynb", as_version=4)
    assert "folder = 'clustered'" in "".join(c.source for c in review.cells)
