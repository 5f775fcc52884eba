"""Every subject of every frame becomes an item, and every one that does not has its reason."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.backends import registry
from shoal.compute.cancel import CancelledError, CancelToken
from shoal.data.constraints import Constraints
from shoal.data.tables import Items, Shots
from shoal.errors import BadInputError, ExistsError, MissingError
from shoal.steps.extract_frames import extract_frames
from shoal.steps.segment import segment
from shoal.steps.segmented import read_rejected
from tests.unit.steps.fixtures import CLIP, save_pictures


class BrightnessMatte:
    """A matte without weights: bright is subject."""

    name = "brightness"

    def alpha(self, picture: Image.Image) -> np.ndarray:
        return np.asarray(picture.convert("L"), dtype=np.float32) / 255.0


def load() -> BrightnessMatte:
    return BrightnessMatte()


@pytest.fixture
def brightness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_ENTRIES", dict(registry._ENTRIES))
    entry = replace(
        registry.entry("u2netp"), name="brightness", weights=(), packages=(), loader=f"{__name__}:load"
    )
    registry.register(entry)
    registry._load.cache_clear()
    monkeypatch.setitem(__import__("sys").modules, __name__, __import__("sys").modules[__name__])


def _frame(*boxes: tuple[int, int, int, int, int]) -> Image.Image:
    """Textured bright rectangles (left, top, width, height, brightness) on black."""
    pixels = np.zeros((180, 320), dtype=np.uint8)
    random = np.random.default_rng(1)
    for left, top, width, height, value in boxes:
        pixels[top : top + height, left : left + width] = value - random.integers(0, 30, (height, width))
    return Image.fromarray(pixels).convert("RGB")


@pytest.fixture
def frames(tmp_path: Path) -> Items:
    pictures = {
        "one.png": _frame((20, 20, 100, 120, 250), (200, 40, 90, 90, 250)),
        "two.png": _frame((100, 50, 80, 100, 250), (10, 10, 20, 20, 250), (230, 60, 70, 70, 110)),
        "none.png": _frame(),
    }
    items = save_pictures(tmp_path / "frames", pictures)
    (tmp_path / "frames/broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    items = replace(items, paths=(*items.paths, "broken.png"))
    return items.with_columns(
        frame=[10, 20, 30, 40], time_s=[0.1, 0.2, 0.3, 0.4], shot=np.array([0, 1, 1, 2])
    )


def _segment(frames: Items, out: Path, **change: object) -> Items:
    return segment(frames, out=out, **{"model": "brightness", "progress": False, **change})  # type: ignore[arg-type]


def test_items_know_where_they_come_from(brightness: None, frames: Items, tmp_path: Path) -> None:
    items = _segment(frames, tmp_path / "cast", margin=0.0)
    assert list(items.paths) == ["character/one_0.png", "character/one_1.png", "character/two_0.png"]
    assert items.columns["source"].tolist() == ["one.png", "one.png", "two.png"]
    assert items.columns["instance"].tolist() == [0, 1, 0]
    assert items.columns["frame"].tolist() == [10, 10, 20] and items.columns["shot"].tolist() == [0, 0, 1]
    assert items.columns["box"].tolist() == [[20, 20, 120, 140], [200, 40, 290, 130], [100, 50, 180, 150]]
    assert items.columns["area"].tolist() == [12000, 8100, 8000]
    crop = Image.open(items.file(0))
    assert crop.mode == "RGBA" and crop.size == (100, 120)
    # what is sure is solid, and the colours are those of the frame
    assert np.asarray(crop)[..., 3].min() > 200
    frame = np.asarray(Image.open(frames.file(0)))[20:140, 20:120]
    assert (np.asarray(crop)[..., :3] == frame).all()


def test_masks_number_the_instances(brightness: None, frames: Items, tmp_path: Path) -> None:
    _segment(frames, tmp_path / "cast")
    mask = Image.open(tmp_path / "cast/masks/one.png")
    assert mask.mode == "P"
    values = np.asarray(mask)
    assert (values[80, 60], values[80, 250], values[5, 5]) == (1, 2, 0)
    assert not (tmp_path / "cast/masks/none.png").exists()


def test_what_is_rejected_is_listed_with_the_reason(brightness: None, frames: Items, tmp_path: Path) -> None:
    _segment(frames, tmp_path / "cast")
    held = json.loads((tmp_path / "cast/segmentation_results.json").read_text())
    by_frame = {entry["frame"]: entry for entry in held["frames"]}
    reasons = [i["rejected"].split(":")[0] for i in by_frame["two.png"]["instances"] if "rejected" in i]
    assert sorted(reasons) == ["small", "unsure"]
    assert by_frame["none.png"]["instances"] == [] and "broken.png" in by_frame["broken.png"]["error"]
    blurred = _segment(frames, tmp_path / "strict", blur_threshold=1e6)
    assert len(blurred) == 0 and blurred.columns["box"].shape == (0, 4)
    record = json.loads((tmp_path / "strict/.shoal_step.json").read_text())
    assert record["rejected"] == 5 and record["items"] == 0


def test_a_killed_run_goes_on_where_it_stopped(brightness: None, frames: Items, tmp_path: Path) -> None:
    whole = _segment(frames, tmp_path / "whole", background="telea", overlays=True)
    token = CancelToken()

    def stop(what: str, done: int, total: int | None) -> None:
        if done >= 1:
            token.cancel()

    out = tmp_path / "out"
    with pytest.raises(CancelledError):
        _segment(frames, out, background="telea", overlays=True, progress=stop, cancel=token)
    first = (out / "character/one_0.png").stat().st_mtime_ns
    again = _segment(frames, out, background="telea", overlays=True)
    assert (out / "character/one_0.png").stat().st_mtime_ns == first
    assert again.paths == whole.paths
    names = [p.relative_to(tmp_path / "whole") for p in (tmp_path / "whole").rglob("*.*g")]
    assert len(names) > 10
    for name in [*names, Path("segmentation_results.json"), Path("constraints.csv")]:
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_backgrounds_overlays_edges_and_constraints(brightness: None, frames: Items, tmp_path: Path) -> None:
    items = _segment(frames, tmp_path / "cast", background="telea", overlays=True, margin=0.0)
    filled = np.asarray(Image.open(tmp_path / "cast/background/one.jpg").convert("L"))
    assert filled.shape == (180, 320) and filled[80, 70] < 60
    overlay = np.asarray(Image.open(tmp_path / "cast/overlays/one.jpg")).astype(int)
    assert np.ptp(overlay[80, 70]) > 20  # tinted
    assert items.columns["edges"].tolist() == ["", "", ""]
    held = Constraints.read(tmp_path / "cast/constraints.csv")
    assert ("character/one_0.png", "character/one_1.png", "cannot", "frame") in set(
        zip(held.a, held.b, held.kind, held.why, strict=True)
    )
    back = read_rejected(tmp_path / "cast")
    assert {reason.split(":")[0] for reason in back.columns["reason"].tolist()} == {"small", "unsure"}
    assert all(back.file(row).is_file() for row in range(len(back)))
    assert {Path(p).name for p in back.paths}.isdisjoint(Path(p).name for p in items.paths)


def test_any_executor_gives_the_same_bytes(brightness: None, frames: Items, tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        first = _segment(frames, tmp_path / "a", executor=pool)
    second = _segment(frames, tmp_path / "b")
    assert first.paths == second.paths
    for path in [*first.paths, "masks/one.png", "segmentation_results.json"]:
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes()


def test_equal_frame_names_in_two_folders_stay_apart(brightness: None, tmp_path: Path) -> None:
    picture = _frame((20, 20, 100, 120, 250))
    frames = save_pictures(
        tmp_path, {"a/x.png": picture, "b/x.png": picture, "b/X.jpg": picture, "y.png": picture}
    )
    items = _segment(frames, tmp_path / "cast")
    names = [Path(p).name for p in items.paths]
    assert names == ["a_x_0.png", "b_x_0.png", "b_X_2_0.png", "y_0.png"]


def test_nothing_is_overwritten_and_arguments_are_checked(
    brightness: None, frames: Items, tmp_path: Path
) -> None:
    _segment(frames, tmp_path / "cast")
    with pytest.raises(ExistsError):
        _segment(frames, tmp_path / "cast")
    assert len(_segment(frames, tmp_path / "cast", force=True, min_size=100)) == 2
    assert len(list((tmp_path / "cast/character").iterdir())) == 2
    for wrong in ({"alpha_threshold": 0.0}, {"min_size": 0}, {"margin": 2.0}):
        with pytest.raises(BadInputError, match=next(iter(wrong))):
            _segment(frames, tmp_path / "other", **wrong)


def test_missing_weights_are_named(frames: Items, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path / "empty"))
    with pytest.raises(MissingError, match="u2netp"):
        segment(frames, out=tmp_path / "cast", progress=False)
    assert not (tmp_path / "cast").exists()


@pytest.mark.weights
def test_the_bunny_of_the_clip_is_cut_out(tmp_path: Path) -> None:
    pytest.importorskip("av")
    shots = extract_frames(CLIP, out=tmp_path / "frames", frames_per_shot=1, progress=False)
    assert isinstance(shots, Shots)
    third = shots.frames.take(np.flatnonzero(shots.frames.columns["shot"] == 1))
    items = segment(third, out=tmp_path / "cast", progress=False)
    assert len(items) == 1
    left, top, right, bottom = items.columns["box"][0]
    # he stands in the middle and fills more than half of the height
    assert left < 320 < right and bottom - top > 180
    alpha = np.asarray(Image.open(items.file(0)))[..., 3]
    assert alpha[alpha.shape[0] * 3 // 4, alpha.shape[1] // 2] == 255 and alpha[3, 3] == 0
