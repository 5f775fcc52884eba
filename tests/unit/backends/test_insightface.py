"""insightface's packs: found by name or folder, told apart by shape, the same answers as the package's."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import numpy as np
import pytest

from shoal.backends.face_geometry import align_face
from shoal.backends.insightface import InsightFacePack, load, pack_folder
from shoal.errors import MissingError
from tests.benchmarks.vector_sets import data_folder
from tests.unit.backends.portraits import portrait


def _pack() -> Path:
    data = data_folder()
    default = data.parent / "models" / "insightface" / "models" / "testpack" if data else Path("none")
    folder = Path(os.environ.get("SHOAL_INSIGHTFACE_PACK") or default)
    if not folder.is_dir():
        pytest.skip("no insightface pack is here (SHOAL_INSIGHTFACE_PACK)")
    return folder


def test_packs_are_found_by_name_and_by_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = tmp_path / "models" / "mine"
    pack.mkdir(parents=True)
    monkeypatch.setenv("INSIGHTFACE_HOME", str(tmp_path))
    assert pack_folder("mine") is None  # empty
    (pack / "a.onnx").write_bytes(b"x")
    assert pack_folder("mine") == pack and pack_folder(str(pack)) == pack
    with pytest.raises(MissingError, match="yours"):
        load("insightface:yours")


def test_a_folder_without_a_detector_is_refused(tmp_path: Path) -> None:
    describer = next(p for p in sorted(_pack().glob("*.onnx")) if not p.name.startswith("det"))
    (tmp_path / describer.name).symlink_to(describer)
    with pytest.raises(MissingError, match="detector"):
        load(str(tmp_path))


def test_a_face_is_found_and_described() -> None:
    model = InsightFacePack(_pack(), "pack")
    picture = portrait()
    found = model.detect(picture)
    assert len(found) == 1 and 90 < found.box[0, 0] < found.box[0, 2] < 300
    vectors = model.embed(align_face(picture, found.points[0])[None])
    assert vectors.shape == (1, model.dims) and np.linalg.norm(vectors) > 0


@pytest.mark.skipif(importlib.util.find_spec("insightface") is None, reason="insightface is not installed")
def test_the_answers_are_those_of_the_package() -> None:
    from insightface.app import FaceAnalysis  # type: ignore[import-not-found]

    folder = _pack()
    theirs = FaceAnalysis(
        name=folder.name, root=str(folder.parent.parent), providers=["CPUExecutionProvider"]
    )
    theirs.prepare(ctx_id=-1, det_size=(640, 640))
    picture = portrait()
    (face,) = theirs.get(np.ascontiguousarray(np.asarray(picture)[:, :, ::-1]))
    model = InsightFacePack(folder, "pack")
    found = model.detect(picture)
    assert np.abs(found.box[0] - face.bbox).max() < 3 and np.abs(found.points[0] - face.kps).max() < 2
    ours = model.embed(align_face(picture, face.kps)[None])[0]
    assert ours @ face.embedding / np.linalg.norm(ours) / np.linalg.norm(face.embedding) > 0.99
