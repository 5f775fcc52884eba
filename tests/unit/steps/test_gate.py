"""Whatever does not pass has its reason, and nothing is lost on the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.data.tables import Items
from shoal.errors import BadInputError
from shoal.steps.gate import gate, score_nsfw
from tests.unit.steps.fixtures import CLIP, noise_picture, save_pictures


@pytest.fixture
def items(tmp_path: Path) -> Items:
    grain = Image.fromarray(np.random.default_rng(0).integers(0, 255, (90, 90, 3), dtype=np.uint8))
    pictures = {
        "sharp.png": grain,
        "again.png": grain,
        "soft.png": Image.new("RGB", (90, 90), (90, 120, 60)),
        "tiny.png": noise_picture(2, 20),
        "other.png": noise_picture(3, 90),
    }
    made = save_pictures(tmp_path, pictures)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    return Items(tmp_path, [*made.paths, "broken.png"])


def test_every_gate_says_why(items: Items) -> None:
    gated = gate(items, least_size=48, least_sharpness=1.0, duplicates=4, progress=False)
    assert sorted([*gated.kept.paths, *gated.rejected.paths]) == sorted(items.paths)
    why = dict(zip(gated.rejected.paths, gated.rejected.columns["reason"].tolist(), strict=True))
    assert {name: reason.split(":")[0] for name, reason in why.items()} == {
        "again.png": "duplicate", "soft.png": "blurred", "tiny.png": "small", "broken.png": "unreadable",
    } or {name: reason.split(":")[0] for name, reason in why.items()} == {
        "sharp.png": "duplicate", "soft.png": "blurred", "tiny.png": "small", "broken.png": "unreadable",
    }  # fmt: skip
    assert repr(gated) == "Gated(2 kept; rejected: 1 blurred, 1 duplicate, 1 small, 1 unreadable)"


def test_no_gate_rejects_nothing_and_a_score_rejects_only_when_asked(items: Items) -> None:
    assert len(gate(items, progress=False).rejected) == 0
    scored = items.with_columns(nsfw=np.array([0.1, 0.9, 0.2, 0.3, np.nan, 0.5], np.float32))
    assert len(gate(scored, progress=False)) == 6
    gated = gate(scored, most_nsfw=0.8, progress=False)
    assert gated.rejected.paths == ("again.png",) and "0.90" in gated.rejected.columns["reason"][0]
    with pytest.raises(BadInputError, match="nsfw"):
        gate(items, most_nsfw=0.5, progress=False)
    empty = gate(items.take([]), least_size=5, duplicates=3, progress=False)
    assert len(empty) == 0 and len(empty.rejected) == 0


def test_a_known_sharpness_is_taken(items: Items) -> None:
    known = items.with_columns(sharpness=np.array([9, 9, 9, 9, 1, 9], np.float32))
    assert gate(known, least_sharpness=5, progress=False).rejected.paths == ("other.png",)


@pytest.mark.weights
def test_scores_are_probabilities_and_a_cartoon_is_harmless(items: Items, tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    with av.open(str(CLIP)) as film:
        next(film.decode(video=0)).to_image().save(tmp_path / "film.jpg")
    scored = score_nsfw(Items(tmp_path, ["film.jpg", "sharp.png", "broken.png"]), progress=False)
    values = scored.columns["nsfw"]
    assert 0 <= values[0] < 0.2 and 0 <= values[1] <= 1 and np.isnan(values[2])
