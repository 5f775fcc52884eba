"""Image towers of timm (DINOv2, SigLIP, EVA, ConvNeXt …): ``timm:NAME`` and ``timm:NAME@checkpoint``."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from shoal.backends.devices import How
from shoal.backends.framing import Framing
from shoal.backends.hub import checkpoint_version, need, split_checkpoint
from shoal.backends.torch_tower import TorchTower, guard_torchvision
from shoal.backends.tower import Tower
from shoal.errors import BadInputError, MissingError

__all__ = ["facts", "load"]

_LOCAL = "Or give a checkpoint of your own: timm:NAME@/path/to/file.safetensors"


@lru_cache(maxsize=1)
def _package() -> Any:
    need("timm", "torch")
    guard_torchvision()
    import timm

    return timm


def _check(name: str) -> None:
    timm = _package()
    if name in timm.list_pretrained() or timm.is_model(name):
        return
    near = timm.list_models(f"*{name.partition('.')[0][:12]}*", pretrained=True)[:12]
    raise MissingError(
        f"timm has no model {name!r}",
        hint=f"For example: {', '.join(near) or 'vit_small_patch14_dinov2.lvd142m'}.",
    )


@lru_cache(maxsize=32)
def _outline(name: str) -> tuple[int, str, str]:
    """Length of a vector, hub repository and licence, from the architecture without its weights."""
    import torch

    with torch.device("meta"):
        model = _package().create_model(name, pretrained=False, num_classes=0)
    config = model.pretrained_cfg
    return int(model.num_features), str(config.get("hf_hub_id") or ""), str(config.get("license") or "")


def facts(argument: str) -> dict[str, Any]:
    """What the registry wants to know of ``NAME`` or ``NAME@file``.

    Raises
    ------
    MissingError
        There is no such model or file; the hint lists near names.
    """
    name, checkpoint = split_checkpoint(argument)
    _check(name)
    dims, repository, licence = _outline(name)
    if checkpoint is None and not repository:
        raise MissingError(f"timm has no published weights for {name!r}", hint=_LOCAL)
    return {
        "dims": dims,
        "version": checkpoint_version(checkpoint) if checkpoint else "",
        "repository": "" if checkpoint else repository,
        "licence": "" if checkpoint else licence,
        "text": False,
    }


def load(argument: str, how: How) -> Tower:
    """Load an image tower; its vector is what the classifier would be given.

    Raises
    ------
    MissingError
        The weights are neither here nor to be had.
    BadInputError
        A checkpoint that does not fit, or a model that takes no square pictures.
    """
    timm = _package()
    name, checkpoint = split_checkpoint(argument)
    try:
        model = timm.create_model(name, pretrained=checkpoint is None, num_classes=0)
        if checkpoint is not None:
            state = timm.models.load_state_dict(str(checkpoint), weights_only=True)
            heads = tuple(key for key in state if key.startswith(("head.", "classifier.", "fc.")))
            own = set(model.state_dict())
            model.load_state_dict({k: v for k, v in state.items() if k in own or k not in heads}, strict=True)
    except Exception as error:  # a file of another kind ends in whatever its reader thinks of
        why = (str(error).strip().splitlines() or [type(error).__name__])[0]
        if checkpoint is not None:
            raise BadInputError(
                f"{str(checkpoint)!r} does not fit {name}: {why}",
                hint="Name the architecture that it was made with; pickled code is never loaded.",
            ) from error
        raise MissingError(
            f"The weights of timm:{name} could not be had: {why}",
            hint=f"They are downloaded on first use, so there must be a network. {_LOCAL}",
        ) from error
    config = timm.data.resolve_model_data_config(model)
    height, width = config["input_size"][1:]
    if height != width:
        raise BadInputError(
            f"timm:{name} takes pictures of {width} × {height}", hint="Only squares are known."
        )
    resize = "squash" if config["crop_mode"] == "squash" else "shortest"
    filter_name = "bilinear" if config["interpolation"] == "bilinear" else "bicubic"
    framing = Framing(height, resize, int(height / config["crop_pct"]), filter_name)
    tower = TorchTower(model, mean=config["mean"], std=config["std"], how=how)
    return Tower(f"timm:{argument}", int(model.num_features), framing, tower)
