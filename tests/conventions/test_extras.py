"""The core works without the extras, and a step whose package is missing says which extra brings it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = """
import sys
sys.modules.update(dict.fromkeys({blocked!r}))  # None there: importing and looking for it find nothing
"""
MAKE = """
from pathlib import Path
import numpy as np
from PIL import Image
import shoal
root = Path("pictures")
root.mkdir()
for i in range(12):
    Image.new("RGB", (64, 64), (i * 20, 90, 120)).save(root / f"{i}.png")
items = shoal.Items(root, [f"{i}.png" for i in range(12)])
rng = np.random.default_rng(0)
vectors = shoal.Embeddings(items, rng.normal(size=(12, 8)).astype(np.float32), "colour")
clip = Path(shoal.__file__).parent / "demo_data" / "bbb_demo.mp4"
"""
HEAVY = {
    "av",
    "cv2",
    "hdbscan",
    "igraph",
    "jupyterlab",
    "numba",
    "onnxruntime",
    "papermill",
    "scenedetect",
    "sklearn",
    "torch",
    "umap",
}


def run(code: str, blocked: set[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCK.format(blocked=blocked) + MAKE + code],
        cwd=folder,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("package", "call", "extra"),
    [
        ("av", "shoal.extract_frames(clip, out='frames')", "film"),
        ("cv2", "shoal.extract_frames(clip, out='frames')", "film"),
        ("torch", "shoal.embed(items, model='efficientnet-lite2', cache=False)", "embed"),
        ("onnxruntime", "shoal.segment(items, out='cast', model='u2netp')", "embed"),
        ("numba", "shoal.project(vectors)", "cluster"),
        ("umap", "shoal.project(vectors, engine='umap-learn')", "cluster"),
        ("igraph", "shoal.cluster(vectors, method='leiden')", "cluster"),
        ("hdbscan", "shoal.cluster(vectors, min_cluster_size=3)", "cluster"),
        ("sklearn", "shoal.cluster(vectors, method='kmeans', n_clusters=2)", "cluster"),
    ],
)
@pytest.mark.weights
def test_a_missing_package_names_its_extra(package: str, call: str, extra: str, tmp_path: Path) -> None:
    code = f"""
try:
    {call}
except shoal.ShoalError as error:
    assert 'pip install "shoal[{extra}]"' in error.hint, error
    print("said so")
"""
    done = run(code, {package}, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("said so"), f"{call} did not notice that {package} is missing"


def test_the_core_reviews_without_any_extra(tmp_path: Path) -> None:
    code = """
(root / "a").mkdir(); (root / "b").mkdir()
for i in range(12):
    (root / f"{i}.png").rename(root / "ab"[i % 2] / f"{i}.png")
review = shoal.open_review(root)
review.merge(["a", "b"], name="c")
review.undo(); review.redo()
review.save()
assert len(list((root / "c").glob("*.png"))) == 12
shoal.browse(review)
shoal.embed(items.take([]), model="colour", cache=False, progress=False)
print("fine")
"""
    done = run(code, HEAVY, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().endswith("fine")
