"""The network is the published one: every tensor is used, and folding the norms changes nothing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from shoal.backends import efficientnet_lite as module
from shoal.backends.weights import checked_path


def test_the_plan_is_that_of_lite2() -> None:
    plan = module.block_plan()
    assert len(plan) == 21 and plan[0] == (32, 16, 3, 1, 1) and plan[-1][:3] == (208, 352, 3)
    assert all(a[1] == b[0] for a, b in pairwise(plan))
    assert [block[3] for block in plan].count(2) == 4  # with the stem: 260 → 9


@pytest.mark.weights
def test_the_weights_fit_strictly_and_folding_keeps_the_result() -> None:
    import torch

    network = module.build_network()
    state = torch.load(checked_path("efficientnet-lite2"), weights_only=True)
    network.load_state_dict(state, strict=True)
    network.eval()
    pixels = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 3, 97, 64)).astype(np.float32))
    with torch.inference_mode():
        before = network(pixels)
        module.fuse_norms(network)
        after = network(pixels)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in network.modules())
    assert before.abs().max() > 0.1 and torch.allclose(before, after, atol=1e-3)


@pytest.mark.weights
def test_the_classifier_still_recognises() -> None:
    """Put through the published classifier, the features of stripes mean something striped."""
    import torch

    model = module.load()
    state = torch.load(checked_path("efficientnet-lite2"), weights_only=True)
    stripes = np.indices((260, 260)).sum(axis=0) // 20 % 2 * 255
    picture = Image.fromarray(np.stack([stripes] * 3, axis=-1).astype(np.uint8))
    features = torch.from_numpy(model.embed(model.preprocess(picture)[None]))
    logits = features @ state["_fc.weight"].T + state["_fc.bias"]
    assert len(STRIPED & set(logits.topk(10).indices[0].tolist())) >= 4


# accordion, bannister, coil, grille, picket fence, radiator, space heater, window shade, window screen
STRIPED = {401, 421, 506, 581, 716, 753, 811, 905, 904}
