"""timm's towers from a checkpoint: the same vectors as by its own means; a classifier's head does no harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from shoal.backends.devices import How
from shoal.backends.timm_models import facts, load
from shoal.backends.torch_tower import guard_torchvision
from shoal.errors import BadInputError, MissingError
from tests.unit.backends.tiny import pictures

torch = pytest.importorskip("torch")
guard_torchvision()
timm = pytest.importorskip("timm")

NAME = "test_vit.r160_in1k"  # timm's own tiny model for tests


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("timm") / "tiny.pt"
    torch.save(timm.create_model(NAME, pretrained=False).state_dict(), path)
    return path


def test_vectors_are_those_of_timm_itself(checkpoint: Path) -> None:
    model = load(f"{NAME}@{checkpoint}", How())
    about = facts(f"{NAME}@{checkpoint}")
    assert model.dims == about["dims"] and len(about["version"]) == 16 and not about["repository"]
    peer = timm.create_model(NAME, pretrained=False, num_classes=0).eval()
    weights = torch.load(checkpoint, weights_only=True)
    peer.load_state_dict({k: v for k, v in weights.items() if not k.startswith("head.")})
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(peer), is_training=False)
    shown = pictures((300, 300), (400, 220), (190, 260))
    with torch.no_grad():
        wanted = peer(torch.stack([transform(p) for p in shown])).numpy()
    found = model.embed(np.stack([model.preprocess(p) for p in shown]))
    assert np.allclose(found, wanted, atol=2e-3)


def test_what_is_published_is_known_without_weights() -> None:
    about = facts("vit_small_patch14_dinov2.lvd142m")
    assert about["dims"] == 384 and about["repository"] == "timm/vit_small_patch14_dinov2.lvd142m"


def test_refusals(checkpoint: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingError) as unknown:
        facts("vit_small_patch14_dino")
    assert "vit_small_patch14_dinov2.lvd142m" in unknown.value.hint
    with pytest.raises(MissingError, match="no checkpoint"):
        load(f"{NAME}@{tmp_path / 'gone.pt'}", How())
    with pytest.raises(BadInputError, match="does not fit"):
        load(f"resnet18@{checkpoint}", How())
