"""Image towers of transformers (SigLIP, CLIP, DINOv2, towers within larger models): ``transformers:NAME``.

``NAME`` is a repository (``owner/name``) or a folder. The pixels are prepared by our own code from the
model's ``preprocessor_config.json``; code that comes with a model is never run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from shoal.backends.devices import How
from shoal.backends.framing import Framing
from shoal.backends.hub import cached_snapshot, checkpoint_version, is_offline, need
from shoal.backends.torch_tower import TorchTower, guard_torchvision, quiet_threads
from shoal.backends.tower import Tower, TwoTowers
from shoal.errors import BadInputError, MissingError

__all__ = ["facts", "load"]

_CONFIG, _PIXELS = "config.json", "preprocessor_config.json"
_WORDS = ("tokenizer.json", "vocab.json", "spiece.model", "tokenizer.model")
_LOCAL = "Or give the folder of a downloaded model: transformers:/path/to/folder"


def _package() -> Any:
    need("transformers", "torch")
    guard_torchvision()
    import transformers

    return transformers


def _folder(argument: str) -> Path:
    """Where the model's small files are; they are fetched when the repository was never downloaded."""
    given = Path(argument).expanduser()
    if given.is_dir():
        return given
    if argument.startswith(("/", ".", "~")) or argument.count("/") != 1:
        raise MissingError(f"There is no folder {argument!r}", hint="Or name a repository: owner/name.")
    snapshot = cached_snapshot(argument)
    if snapshot is not None:
        return snapshot
    if is_offline():
        raise MissingError(
            f"transformers:{argument} is not here, and HF_HUB_OFFLINE forbids to fetch it", hint=_LOCAL
        )
    need("huggingface_hub")
    import huggingface_hub

    try:
        huggingface_hub.hf_hub_download(argument, _PIXELS)
        return Path(huggingface_hub.hf_hub_download(argument, _CONFIG)).parent
    except (OSError, ValueError) as error:
        raise MissingError(
            f"transformers:{argument} could not be had: {str(error).splitlines()[0]}", hint=_LOCAL
        ) from error


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise MissingError(f"{str(folder)!r} has no {name}", hint="The model was not saved whole.") from None
    except ValueError as error:
        raise BadInputError(
            f"{name} of {str(folder)!r} is damaged: {error}", hint="Fetch it again."
        ) from error


def _dims(config: dict[str, Any]) -> int:
    """Length of the vector: the shared space of two towers, or the width of a single one."""
    if "projection_dim" in config and "vision_config" in config and config.get("model_type") != "siglip":
        return int(config["projection_dim"])
    vision = config.get("vision_config", config)
    for key in ("hidden_size", "embed_dim", "num_features"):
        if key in vision:
            return int(vision[key])
    defaults = {"siglip": 768, "siglip2": 768, "clip": 768}
    if config.get("model_type") in defaults:
        return defaults[config["model_type"]]
    raise BadInputError(
        f"A {config.get('model_type')!r} model does not say how long its vectors are",
        hint="It may be no image model; SigLIP, CLIP, DINOv2, ViT and models with such a tower are known.",
    )


def facts(argument: str) -> dict[str, Any]:
    """What the registry wants to know of a repository or folder.

    Raises
    ------
    MissingError
        It is neither here nor to be had.
    """
    folder = _folder(argument)
    config = _read(folder, _CONFIG)
    local = Path(argument).expanduser().is_dir()
    files = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))
    return {
        "dims": _dims(config),
        "version": "-".join(checkpoint_version(file) for file in files[:4]) if local else folder.name[:16],
        "repository": "" if local else argument,
        "text": "text_config" in config and config.get("model_type", "").startswith(("clip", "siglip")),
    }


def _length(size: Any) -> tuple[int, bool]:
    """Side in pixels, and whether it is that of the shortest side."""
    if isinstance(size, int):
        return size, True
    if "shortest_edge" in size:
        return int(size["shortest_edge"]), True
    if size["height"] != size["width"]:
        raise BadInputError(f"The model takes pictures of {size}", hint="Only squares are known.")
    return int(size["height"]), False


def framing_of(pixels: dict[str, Any]) -> Framing:
    """Read a ``preprocessor_config.json``."""
    goal, shortest = _length(pixels["size"])
    # Pillow's numbers: 2 bilinear, 3 bicubic
    kind: Literal["bicubic", "bilinear"] = "bilinear" if pixels.get("resample", 3) == 2 else "bicubic"
    if not shortest:
        return Framing(goal, "squash", 0, kind)
    crop = pixels.get("do_center_crop", True)
    side = _length(pixels.get("crop_size", goal))[0] if crop else goal
    return Framing(side, "shortest", goal, kind)


def _vector(output: Any) -> Any:
    """The picture's vector among what a model returns."""
    if hasattr(output, "shape"):
        return output
    pooled = getattr(output, "pooler_output", None)
    return pooled if pooled is not None else output.last_hidden_state[:, 0]


def _image_part(model: Any) -> tuple[Any, Any]:
    """The module to cast, and what to call on normalised pixels."""
    if "text_model" in dict(model.named_children()) and hasattr(model, "get_image_features"):
        return model, lambda pixels: _vector(model.get_image_features(pixel_values=pixels))
    for name in ("vision_tower", "vision_model"):
        inner = getattr(model, name, None) or getattr(getattr(model, "model", None), name, None)
        if inner is not None:
            return inner, lambda pixels, tower=inner: _vector(tower(pixel_values=pixels))
    return model, lambda pixels: _vector(model(pixel_values=pixels))


def load(argument: str, how: How) -> Tower:
    """Load an image tower, with its text tower where the model has one.

    Raises
    ------
    MissingError
        The weights are neither here nor to be had.
    """
    transformers = _package()
    folder, about = _folder(argument), facts(argument)
    pixels = _read(folder, _PIXELS)
    place = str(Path(argument).expanduser()) if Path(argument).expanduser().is_dir() else argument
    try:
        model = transformers.AutoModel.from_pretrained(place, trust_remote_code=False, weights_only=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise MissingError(
            f"transformers could not load {argument!r}: {str(error).splitlines()[0]}",
            hint=f"Its weights are downloaded on first use, so there must be a network. {_LOCAL}",
        ) from error
    module, forward = _image_part(model)
    tower = TorchTower(
        module,
        mean=pixels.get("image_mean", (0.5,) * 3),
        std=pixels.get("image_std", (0.5,) * 3),
        how=how,
        forward=forward,
    )
    name, framing = f"transformers:{argument}", framing_of(pixels)
    if not about["text"]:
        return Tower(name, about["dims"], framing, tower)
    tokenizer = _tokenizer(transformers, argument, place)
    if tokenizer is None:  # pictures can still be embedded
        return Tower(name, about["dims"], framing, tower)
    return TwoTowers(name, about["dims"], framing, tower, _reader(model, tokenizer, how))


def _tokenizer(transformers: Any, argument: str, place: str) -> Any:
    """The model's tokenizer; None where the model was saved without one."""
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(place, trust_remote_code=False)
    except (OSError, ValueError, ImportError):
        return None
    # without its files transformers makes an empty one, to which every word is unknown
    return tokenizer if any((_folder(argument) / name).is_file() for name in _WORDS) else None


def _reader(model: Any, tokenizer: Any, how: How) -> Callable[[Sequence[str]], npt.NDArray[np.float32]]:
    """The text tower as a function of texts."""
    # Tokenizers that were made for other models do not know how long this one's texts are.
    length = int(model.config.text_config.max_position_embeddings)
    lower = str(model.config.model_type).startswith("siglip")

    def read(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        import torch

        # SigLIP was trained on lower-case texts filled up to its full length, and looks at the last place;
        # CLIP looks at the end mark, and what comes after it does not count.
        given = [text.lower() for text in texts] if lower else list(texts)
        inputs = tokenizer(
            given, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
        )
        with torch.inference_mode(), quiet_threads():
            ids = inputs["input_ids"].to(how.device)
            return _vector(model.get_text_features(input_ids=ids)).float().cpu().numpy()

    return read
