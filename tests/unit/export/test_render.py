"""Pictures: scaled by area, matte kept, masked or gone, run lengths as COCO reads them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from shoal.errors import BadInputError
from shoal.export.render import Job, colour_of, render, run_lengths
from tests.unit.export.reviews import cut_out


@pytest.fixture
def job(tmp_path: Path) -> Job:
    cut_out(1, (300, 200)).save(tmp_path / "in.png")
    return Job(
        source=str(tmp_path / "in.png"), target=str(tmp_path / "out.png"), mask_source=None,
        mask_target=None, alpha=False, size=None, square=False, background=(255, 0, 255), lengths=True,
    )  # fmt: skip


def test_a_flat_picture_shows_nothing_of_what_was_transparent(job: Job) -> None:
    done = render(job)
    with Image.open(job.target) as picture:
        assert picture.mode == "RGB" and picture.size == (done.width, done.height) == (300, 200)
        assert picture.getpixel((0, 0)) == (255, 0, 255)
    assert done.matte and 0 < done.area < 300 * 200 and done.box == (75, 2, 151, 196)


def test_alpha_and_masks_say_the_same(job: Job, tmp_path: Path) -> None:
    done = render(replace(job, alpha=True, size=100, mask_target=str(tmp_path / "mask.png")))
    assert (done.width, done.height) == (122, 82)
    with Image.open(job.target) as picture, Image.open(tmp_path / "mask.png") as mask:
        assert picture.mode == "RGBA" and mask.mode == "L"
        assert np.array_equal(np.asarray(picture.getchannel("A")), np.asarray(mask))
        assert picture.getpixel((0, 0)) == (255, 0, 255, 0)


def test_small_pictures_are_not_enlarged_unless_squared(job: Job) -> None:
    assert render(replace(job, size=1024)).width == 300
    done = render(replace(job, size=512, square=True))
    assert (done.width, done.height) == (512, 512) and done.box[1] > 80
    with Image.open(job.target) as picture:
        assert picture.getpixel((2, 2)) == (255, 0, 255)


def test_a_mask_from_a_file_wins(job: Job, tmp_path: Path) -> None:
    Image.new("L", (30, 20), 0).save(tmp_path / "m.png")
    done = render(replace(job, mask_source=str(tmp_path / "m.png")))
    assert done.area == 0 and done.box == (0, 0, 0, 0)


@given(hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)))
def test_run_lengths_can_be_read_back(mask: np.ndarray) -> None:
    lengths = run_lengths(mask)
    values = np.arange(len(lengths)) % 2 == 1
    back = np.repeat(values, lengths).reshape(mask.shape, order="F")
    assert np.array_equal(back, mask)


@given(st.sampled_from(["white", "#102030"]))
def test_colours(name: str) -> None:
    assert colour_of(name) in {(255, 255, 255), (16, 32, 48)}
    with pytest.raises(BadInputError, match="is no colour"):
        colour_of("very white")


def test_jpeg(job: Job, tmp_path: Path) -> None:
    render(replace(job, target=str(tmp_path / "x.jpg")))
    with Image.open(tmp_path / "x.jpg") as picture:
        assert picture.format == "JPEG"
