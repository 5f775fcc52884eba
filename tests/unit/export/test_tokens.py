"""Caption lengths: counted where CLIP's tokenizer is installed, else near it."""

from __future__ import annotations

import pytest

from shoal.export import tokens

TEXTS = [
    "sks, a rabbit in the grass",
    "3d render of a flying squirrel, looking up, full body, soft light",
    "",
]


def test_the_estimate_is_near_the_count() -> None:
    pytest.importorskip("ftfy", reason="open_clip's tokenizer is not installed")
    counted = tokens.count_tokens(TEXTS)
    assert counted.how == "CLIP tokenizer" and counted.counts[0] == 7
    for text, n in zip(TEXTS, counted.counts, strict=True):
        assert abs(tokens.estimate(text) - n) <= 3


def test_without_a_tokenizer_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_tokenizer", lambda: None)
    counted = tokens.count_tokens([*TEXTS, "a b " * 50])
    assert counted.how == "estimated" and counted.longest == 100 and counted.over == 1
