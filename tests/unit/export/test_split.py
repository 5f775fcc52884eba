"""Validation: whole shots, no near-duplicate on both sides, something of every cluster left to train on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.errors import BadInputError
from shoal.export.samples import Sample
from shoal.export.split import choose_validation, look_alike_groups, picture_hashes
from tests.unit.steps.fixtures import noise_picture


def sample(i: int, cluster: str) -> Sample:
    return Sample(str(i), Path(str(i)), str(i), cluster, cluster, cluster, "")


@given(
    shots=st.lists(st.integers(0, 9), min_size=1, max_size=40),
    bits=st.lists(st.integers(0, 2**64 - 1), min_size=3, max_size=3),
    share=st.floats(0, 0.5),
    seed=st.integers(0, 5),
)
def test_no_group_is_torn_and_no_cluster_vanishes(shots, bits, share, seed) -> None:
    samples = [sample(i, "abc"[shot % 3]) for i, shot in enumerate(shots)]
    hashes = np.array([bits[i % 3] ^ (1 << (i % 60)) for i in range(len(shots))], np.uint64)
    names = [None if shot == 9 else str(shot) for shot in shots]
    groups = look_alike_groups(hashes, names, distance=1)
    chosen = choose_validation(samples, groups, share, seed=seed)
    assert (chosen == choose_validation(samples, groups, share, seed=seed)).all()
    for i in range(len(shots)):
        for j in range(i):
            near = int(hashes[i] ^ hashes[j]).bit_count() <= 1
            if near or (names[i] is not None and names[i] == names[j]):
                assert chosen[i] == chosen[j]
    for cluster in {s.cluster for s in samples}:
        assert any(s.cluster == cluster and not v for s, v in zip(samples, chosen, strict=True))


def test_the_share_is_met_where_shots_can_be_spared() -> None:
    samples = [sample(i, "ab"[i // 100]) for i in range(200)]
    groups = np.arange(200) // 2 * 2
    chosen = choose_validation(samples, groups, 0.1, seed=3)
    assert chosen[:100].sum() == 10 and chosen[100:].sum() == 10
    assert not choose_validation(samples, np.zeros(200, np.int64), 0.1, seed=3).any()
    with pytest.raises(BadInputError, match=r"validation=0\.9"):
        choose_validation(samples, groups, 0.9, seed=0)


def test_hashes_and_what_cannot_be_read(tmp_path: Path) -> None:
    noise_picture(1).save(tmp_path / "a.png")
    noise_picture(1, 96).save(tmp_path / "b.jpg")
    (tmp_path / "c.png").write_bytes(b"no")
    files = [tmp_path / n for n in ("a.png", "b.jpg", "c.png")]
    hashes, unreadable = picture_hashes(files, executor=None, progress=False)
    assert int(hashes[0] ^ hashes[1]).bit_count() <= 4
    assert [row for row, _ in unreadable] == [2]
