"""Every model of open_clip: ``open_clip:ARCH/TAG``, ``open_clip:ARCH@file``, ``hf-hub:``, ``local-dir:``."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.backends.devices import How
from shoal.backends.framing import Framing
from shoal.backends.hub import cached_snapshot, checkpoint_version, is_offline, need, split_checkpoint
from shoal.backends.torch_tower import TorchTower, guard_torchvision, quiet_threads
from shoal.backends.tower import TwoTowers
from shoal.errors import BadInputError, MissingError

__all__ = ["facts", "load"]

_LOCAL = "Or give a checkpoint of your own: open_clip:ARCHITECTURE@/path/to/file.safetensors"


@lru_cache(maxsize=1)
def _package() -> Any:
    need("open_clip", "torch")
    guard_torchvision()
    import open_clip

    return open_clip


@lru_cache(maxsize=1)
def architectures() -> dict[str, Path]:
    """Name → configuration file of every architecture that open_clip knows; the package is not imported."""
    need("open_clip")
    found = importlib.util.find_spec("open_clip")
    assert found is not None
    folder = Path(str(found.origin)).parent / "model_configs"
    return {path.stem: path for path in sorted(folder.glob("*.json"))}


def _parts(name: str) -> tuple[str, str]:
    """Architecture and tag; places (``hf-hub:``, ``local-dir:``) have no tag."""
    if name.startswith(("hf-hub:", "local-dir:")):
        return name, ""
    architecture, _, tag = name.partition("/")
    return architecture, tag


def _config(spec: str) -> dict[str, Any]:
    """The model's configuration: a built-in one, or that of a repository or folder."""
    if spec.startswith("local-dir:"):
        file = Path(spec.removeprefix("local-dir:")) / "open_clip_config.json"
    elif spec.startswith("hf-hub:"):
        snapshot = cached_snapshot(spec.removeprefix("hf-hub:"))
        if snapshot is None:
            if is_offline():
                raise MissingError(
                    f"{spec!r} is not here, and HF_HUB_OFFLINE forbids to fetch it", hint=_LOCAL
                )
            return _package().factory._get_hf_config(spec.removeprefix("hf-hub:"))["model_cfg"]
        file = snapshot / "open_clip_config.json"
    else:
        known = architectures()
        if spec not in known:
            near = [name for name in known if name.lower().startswith(spec.lower()[:5])] or list(known)
            raise MissingError(
                f"open_clip has no architecture {spec!r}", hint=f"For example: {', '.join(near[:12])}."
            )
        return json.loads(known[spec].read_text(encoding="utf-8"))
    if not file.is_file():
        raise MissingError(f"There is no {str(file)!r}", hint="It holds the model's configuration.")
    return json.loads(file.read_text(encoding="utf-8"))["model_cfg"]


def _repository(architecture: str, tag: str) -> str:
    """Hub repository of a pretrained tag, or ``""`` for one that lies elsewhere; checks the tag."""
    package = _package()
    tags = package.list_pretrained_tags_by_model(architecture)
    if tag not in tags:
        raise MissingError(
            f"open_clip has no weights {tag!r} for {architecture}",
            hint=f"It has: {', '.join(tags) or 'none'}. {_LOCAL}",
        )
    return str(package.get_pretrained_cfg(architecture, tag).get("hf_hub", "")).rpartition("/")[0]


def facts(argument: str) -> dict[str, Any]:
    """What the registry wants to know of ``ARCH/TAG``, ``ARCH@file``, ``hf-hub:…`` or ``local-dir:…``.

    Raises
    ------
    MissingError
        An architecture, tag, folder or file that is not there; the hint lists the choices.
    """
    name, checkpoint = split_checkpoint(argument)
    if name.startswith(("hf-hub:", "local-dir:")):
        place = name.partition(":")[2]
        config, repository = _config(name), place if name.startswith("hf-hub:") else ""
        version = "" if repository else _folder_version(Path(place))
    else:
        architecture, tag = _parts(name)
        config = _config(architecture)
        if not tag and checkpoint is None:
            raise MissingError(
                f"open_clip:{architecture} names no weights",
                hint=f"Take open_clip:{architecture}/TAG with one of: "
                f"{', '.join(_package().list_pretrained_tags_by_model(architecture)) or 'none'}. {_LOCAL}",
            )
        repository = "" if checkpoint else _repository(architecture, tag)
        version = checkpoint_version(checkpoint) if checkpoint else tag
    return {"dims": int(config["embed_dim"]), "version": version, "repository": repository, "text": True}


def _folder_version(folder: Path) -> str:
    files = sorted(p for p in folder.glob("*") if p.suffix in {".safetensors", ".bin", ".pth"})
    if not files:
        raise MissingError(f"{str(folder)!r} holds no weights", hint="Looked for .safetensors, .bin, .pth.")
    return "-".join(checkpoint_version(file) for file in files)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _create(argument: str) -> tuple[Any, Any]:
    """The model and its preprocessing configuration."""
    package = _package()
    name, checkpoint = split_checkpoint(argument)
    architecture, tag = _parts(name)
    weights = str(checkpoint) if checkpoint else tag or None
    try:
        model = package.create_model(
            architecture, pretrained=weights, weights_only=True, require_pretrained=True
        )
    except Exception as error:  # a file of another kind ends in whatever its reader thinks of
        if checkpoint is not None:
            raise BadInputError(
                f"{str(checkpoint)!r} does not fit {architecture}: {_first_line(error)}",
                hint="Name the architecture that it was made with; pickled code is never loaded.",
            ) from error
        raise MissingError(
            f"The weights of {argument!r} could not be had: {_first_line(error)}",
            hint=f"They are downloaded on first use, so there must be a network. {_LOCAL}",
        ) from error
    return model, model.visual.preprocess_cfg


def load(argument: str, how: How) -> TwoTowers:
    """Load both towers of a model; the image tower is cast and placed, the text tower stays as it is.

    Raises
    ------
    MissingError
        The weights are neither here nor to be had.
    """
    model, config = _create(argument)
    package = _package()
    side = config["size"] if isinstance(config["size"], int) else config["size"][-1]
    if not isinstance(config["size"], int) and len({*config["size"]}) > 1:
        raise BadInputError(
            f"{argument!r} takes pictures of {config['size']}", hint="Only squares are known."
        )
    framing = Framing(side, config["resize_mode"], 0, config["interpolation"])
    tower = TorchTower(model.visual, mean=config["mean"], std=config["std"], how=how)
    architecture, _ = _parts(split_checkpoint(argument)[0])
    tokenizer = package.get_tokenizer(architecture)

    def read(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        import torch

        with torch.inference_mode(), quiet_threads():
            return model.encode_text(tokenizer(list(texts))).float().numpy()

    dims = int(_config(architecture)["embed_dim"])
    return TwoTowers(f"open_clip:{argument}", dims, framing, tower, read)
