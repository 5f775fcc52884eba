"""open_clip's models: the same vectors as by its own means, words in the same space, clear refusals."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shoal.backends.devices import How
from shoal.backends.open_clip import architectures, facts, load
from shoal.backends.protocols import ImageEmbedder, TextEmbedder
from shoal.errors import BadInputError, MissingError
from tests.unit.backends.tiny import open_clip_folder, pictures


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return open_clip_folder(tmp_path_factory.mktemp("clip") / "tiny")


def test_vectors_are_those_of_open_clip_itself(folder: Path) -> None:
    import open_clip
    import torch

    name = f"local-dir:{folder}"
    model = load(name, How())
    assert isinstance(model, ImageEmbedder) and isinstance(model, TextEmbedder)
    assert (model.name, model.dims, model.least_side) == (f"open_clip:{name}", 16, 64)
    peer, _, preprocess = open_clip.create_model_and_transforms(name)
    shown = pictures((96, 96), (200, 80), (70, 131))
    with torch.no_grad():
        wanted = peer.eval().encode_image(torch.stack([preprocess(p) for p in shown])).numpy()
        words = peer.encode_text(open_clip.get_tokenizer("ViT-B-32")(["a rabbit", "a bird"])).numpy()
    found = model.embed(np.stack([model.preprocess(p) for p in shown]))
    assert np.allclose(found, wanted, atol=2e-4)
    assert np.allclose(model.embed_text(["a rabbit", "a bird"]), words, atol=1e-4)


def test_a_cut_out_is_seen_whole(folder: Path) -> None:
    model = load(f"local-dir:{folder}", How())
    tall = Image.new("RGBA", (40, 200), (255, 0, 0, 255))
    square = model.preprocess(tall)
    assert (square[:, 32] == (255, 0, 0)).all() and (square[:, 2] == (127, 127, 127)).all()


def test_facts_say_what_weights_they_are(folder: Path, tmp_path: Path) -> None:
    first = facts(f"local-dir:{folder}")
    assert first["dims"] == 16 and first["text"] and not first["repository"]
    other = facts(f"local-dir:{open_clip_folder(tmp_path / 'other', seed=1)}")
    assert other["version"] != first["version"]
    weights = folder / "open_clip_model.safetensors"
    local = facts(f"ViT-B-32@{weights}")
    assert local["dims"] == 512 and local["version"] == first["version"]
    assert facts("ViT-B-32/laion2b_s34b_b79k")["repository"] == "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    assert len(architectures()) > 100


def test_refusals_name_the_choices(folder: Path) -> None:
    for argument, choice in (
        ("ViT-B-99/x", "ViT-B-16"),
        ("ViT-B-32/no_such_tag", "laion2b_s34b_b79k"),
        ("ViT-B-32", "laion2b_s34b_b79k"),
        ("ViT-B-32@/nowhere/x.pt", "path after the @"),
        ("local-dir:/nowhere", "configuration"),
        ("hf-hub:nobody/nothing", "checkpoint of your own"),
    ):
        with pytest.raises(MissingError) as refused:
            facts(argument)
        assert choice in refused.value.hint, argument
    with pytest.raises(MissingError, match="could not be had"):
        load("ViT-B-32/laion2b_s34b_b79k", How())  # the tests forbid downloads
    with pytest.raises(BadInputError, match="does not fit"):
        load(f"ViT-B-32@{folder / 'open_clip_model.safetensors'}", How())  # of another architecture


class Bad:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path(os.environ["SHOAL_TEST_MARK"]),)  # type: ignore[return-value]


def test_a_pickle_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOAL_TEST_MARK", str(tmp_path / "ran"))
    (tmp_path / "bad.pt").write_bytes(pickle.dumps({"visual.proj": Bad()}))
    with pytest.raises(BadInputError, match="does not fit"):
        load(f"ViT-B-32@{tmp_path / 'bad.pt'}", How())
    assert not (tmp_path / "ran").exists()
