"""Alignment, overlap and yaw, on faces whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from shoal.backends.face_geometry import (
    TEMPLATE,
    Detected,
    align_face,
    anchor_centres,
    fit_into,
    keep_best,
    similarity_transform,
    yaw_of,
)


@given(st.floats(0.2, 5), st.floats(-3.1, 3.1), st.floats(-50, 50), st.floats(-50, 50))
def test_a_similarity_is_found_exactly(scale: float, angle: float, x: float, y: float) -> None:
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = similarity_transform(TEMPLATE, TEMPLATE @ turn.T + (x, y))
    assert np.allclose(found[:, :2], turn, atol=1e-6) and np.allclose(found[:, 2], (x, y), atol=1e-4)


def test_an_aligned_face_has_its_points_in_place() -> None:
    picture = Image.new("RGB", (400, 300))
    points = TEMPLATE * 1.5 @ np.array([[0.96, 0.28], [-0.28, 0.96]]) + (90.0, 60.0)
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)]
    for (x, y), colour in zip(points, colours, strict=True):
        ImageDraw.Draw(picture).ellipse((x - 6, y - 6, x + 6, y + 6), fill=colour)
    crop = align_face(picture, points).astype(int)
    assert crop.shape == (112, 112, 3)
    for (x, y), colour in zip(TEMPLATE, colours, strict=True):
        near = np.abs(crop - colour).sum(axis=2) < 90
        middle = np.argwhere(near).mean(axis=0)
        assert np.hypot(*(middle - (y, x))) < 0.7


def test_the_same_pixels_as_opencv() -> None:
    cv2 = pytest.importorskip("cv2")
    coarse = np.random.default_rng(0).integers(0, 255, (20, 20, 3), dtype=np.uint8)
    picture = Image.fromarray(coarse).resize((240, 240), Image.Resampling.BICUBIC)
    points = TEMPLATE * 1.3 + (20.0, 30.0)
    matrix = similarity_transform(points, TEMPLATE)
    theirs = cv2.warpAffine(np.asarray(picture), matrix, (112, 112))
    assert np.abs(align_face(picture, points).astype(int) - theirs)[2:-2, 2:-2].mean() < 1.0


def test_the_best_of_overlapping_faces_stays() -> None:
    box = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [50, 50, 60, 60], [0, 0, 9, 9]], np.float32)
    found = keep_best(
        Detected(box, np.zeros((4, 5, 2), np.float32), np.array([0.8, 0.9, 0.7, 0.2], np.float32)),
        least_score=0.5,
        overlap=0.4,
    )
    assert found.box.tolist() == [[1, 1, 11, 11], [50, 50, 60, 60]] and len(found) == 2


def _head(yaw: float) -> np.ndarray:
    """Five points of a head turned by so many degrees, seen from afar; units of the distance of the eyes."""
    solid = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 0.55, 0.6], [-0.4, 1.1, 0.1], [0.4, 1.1, 0.1]])
    t = np.radians(yaw)
    return np.stack([solid[:, 0] * np.cos(t) + solid[:, 2] * np.sin(t), solid[:, 1]], axis=1) * 40 + 100


@pytest.mark.parametrize("yaw", [-60, -30, 0, 15, 45, 70])
def test_yaw(yaw: float) -> None:
    assert abs(yaw_of(_head(yaw)) - yaw) < 3
    assert abs(yaw_of(_head(yaw) @ np.array([[0.9, 0.436], [-0.436, 0.9]])) - yaw) < 3
    assert yaw_of(np.zeros((5, 2))) == 0.0


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_pictures_fit_into_their_canvas(share: float) -> None:
    canvas, scale, left, top = fit_into(Image.new("RGB", (300, 100), (255, 0, 0)), 64, share=share)
    red = np.argwhere(np.asarray(canvas)[:, :, 0] > 200)
    assert canvas.size == (64, 64) and np.isclose(scale, 64 * share / 300)
    assert red.min(axis=0).tolist() == [top, left]
    assert anchor_centres(64, 32, 2)[:, 0].tolist() == [0, 0, 32, 32, 0, 0, 32, 32]
