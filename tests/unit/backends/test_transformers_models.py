"""transformers' towers from a folder: the same vectors as by its own means, whatever shape the model has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shoal.backends.devices import How
from shoal.backends.protocols import TextEmbedder
from shoal.backends.torch_tower import guard_torchvision
from shoal.backends.transformers_models import facts, framing_of, load
from shoal.errors import BadInputError, MissingError
from shoal.steps.embed import embed
from shoal.steps.search import search
from tests.unit.backends.tiny import pictures
from tests.unit.steps.fixtures import noise_picture, save_pictures

torch = pytest.importorskip("torch")
guard_torchvision()
transformers = pytest.importorskip("transformers")

SMALL = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
PIXELS: dict[str, Any] = {
    "size": {"height": 32, "width": 32},
    "image_mean": [0.5] * 3,
    "image_std": [0.5] * 3,
}


def _save(folder: Path, model: Any, pixels: dict[str, Any]) -> Path:
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(pixels))
    return folder


def _dinov2(folder: Path) -> Path:
    torch.manual_seed(0)
    config = transformers.Dinov2Config(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14
    )
    pixels = {**PIXELS, "size": {"shortest_edge": 32}, "crop_size": {"height": 28, "width": 28}}
    return _save(folder, transformers.Dinov2Model(config), pixels)


def _siglip(folder: Path) -> Path:
    torch.manual_seed(0)
    config = transformers.SiglipConfig(
        text_config={**SMALL, "vocab_size": 50, "max_position_embeddings": 8},
        vision_config={**SMALL, "image_size": 32, "patch_size": 16},
    )
    return _save(folder, transformers.SiglipModel(config), PIXELS)


def _clip(folder: Path) -> Path:
    torch.manual_seed(0)
    config = transformers.CLIPConfig(
        text_config={**SMALL, "vocab_size": 50, "max_position_embeddings": 8, "eos_token_id": 1},
        vision_config={**SMALL, "image_size": 32, "patch_size": 16},
        projection_dim=32,
    )
    return _save(folder, transformers.CLIPModel(config), PIXELS)


WORDS = ["<pad>", "<end>", "<unknown>", "a", "rabbit", "butterfly", "with", "flower", "red", "of", "photo"]


def _with_words(folder: Path) -> Path:
    """A tokenizer of eleven words beside the model, which like Gemma's does not say how long texts may be."""
    tokenizers = pytest.importorskip("tokenizers")
    words = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unknown>")
    )
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    words.post_processor = tokenizers.processors.TemplateProcessing(
        single="$A <end>", special_tokens=[("<end>", 1)]
    )
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="<end>", unk_token="<unknown>"
    ).save_pretrained(folder)
    return folder


def _ids(text: str, length: int = 8) -> list[int]:
    """What the tokenizer should make of a text: words, end mark, filled up or cut."""
    found = [WORDS.index(word) for word in text.split()][: length - 1]
    found.append(1)
    return found + [0] * (length - len(found))


@pytest.mark.parametrize("make", [_clip, _siglip])
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_words_find_pictures(tmp_path: Path, make: Any, precision: str) -> None:
    folder = _with_words(make(tmp_path / "model"))
    assert facts(str(folder))["text"]
    found = load(str(folder), How("cpu", precision))
    assert isinstance(found, TextEmbedder)
    texts = ["a red rabbit", "photo of a butterfly with a red flower with a rabbit with a flower"]
    model = transformers.AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        wanted = model.get_text_features(input_ids=torch.tensor([_ids(text) for text in texts])).pooler_output
    assert _alike(found.embed_text(texts), wanted.numpy(), precision)
    # each text by itself gives the same vector: it is filled up alike
    assert np.allclose(found.embed_text(texts[:1])[0], found.embed_text(texts)[0], atol=1e-2)
    upper = found.embed_text(["A Red RABBIT"])[0]
    assert np.allclose(upper, found.embed_text(texts[:1])[0], atol=1e-2) == (make is _siglip)


def _alike(found: Any, wanted: Any, precision: str) -> bool:
    lengths = np.linalg.norm(found, axis=1) * np.linalg.norm(wanted, axis=1)
    return bool(((found * wanted).sum(axis=1) / lengths > (0.9999 if precision == "fp32" else 0.99)).all())


def test_search_by_words_through_the_whole_road(tmp_path: Path) -> None:
    folder = _with_words(_clip(tmp_path / "model"))
    items = save_pictures(tmp_path / "pile", {f"{i}.png": noise_picture(i, 48) for i in range(6)})
    name = f"transformers:{folder}"
    embeddings = embed(items, model=name, cache=False, precision="fp32", progress=False)
    found = search(embeddings, "a rabbit", k=3, sentences=False, progress=False)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        words = model.get_text_features(input_ids=torch.tensor([_ids("a rabbit")])).pooler_output[0].numpy()
    similarity = embeddings.vectors @ (words / np.linalg.norm(words))
    assert list(found.paths) == [items.paths[i] for i in np.argsort(-similarity)[:3]]
    assert np.allclose(found.columns["similarity"], np.sort(similarity)[::-1][:3], atol=1e-3)


def test_a_model_without_tokenizer_still_embeds_pictures(tmp_path: Path) -> None:
    found = load(str(_clip(tmp_path / "model")), How())
    assert not isinstance(found, TextEmbedder)
    assert found.embed(np.stack([found.preprocess(p) for p in pictures((40, 40))])).shape == (1, 32)


@pytest.mark.parametrize("make", [_dinov2, _siglip, _clip])
def test_vectors_are_those_of_transformers_itself(tmp_path: Path, make: Any) -> None:
    folder = make(tmp_path / "model")
    about = facts(str(folder))
    assert about["dims"] == 32 and about["version"] and not about["repository"]
    shown = pictures((64, 64), (90, 50))
    model = transformers.AutoModel.from_pretrained(folder).eval()
    framing = framing_of(json.loads((folder / "preprocessor_config.json").read_text()))
    inputs = torch.from_numpy(np.stack([framing.apply(p) for p in shown])).permute(0, 3, 1, 2) / 127.5 - 1
    with torch.no_grad():
        if make is not _dinov2:
            wanted = model.get_image_features(pixel_values=inputs).pooler_output.numpy()
        else:
            wanted = model(pixel_values=inputs).pooler_output.numpy()
    found = load(str(folder), How())
    assert np.allclose(found.embed(np.stack([found.preprocess(p) for p in shown])), wanted, atol=1e-4)


def test_pixels_are_prepared_as_the_configuration_says() -> None:
    framing = framing_of({"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}})
    assert (framing.resize, framing.scale_to, framing.side) == ("shortest", 256, 224)
    assert framing_of({"size": 224, "crop_size": 224, "resample": 2}).interpolation == "bilinear"
    assert framing_of({"size": {"height": 384, "width": 384}}).resize == "squash"
    with pytest.raises(BadInputError, match="squares"):
        framing_of({"size": {"height": 384, "width": 128}})


def test_refusals(tmp_path: Path) -> None:
    for argument in ("/nowhere/at/all", "nobody/nothing"):
        with pytest.raises(MissingError):
            facts(argument)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(BadInputError, match="damaged"):
        facts(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "whisper"}')
    with pytest.raises(BadInputError, match="whisper"):
        facts(str(tmp_path))
