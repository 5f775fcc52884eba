"""How many tokens a text encoder makes of a caption: counted by CLIP's tokenizer, or estimated."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

__all__ = ["LIMIT", "TokenCounts", "count_tokens"]

LIMIT = 75
"""Tokens of one CLIP text window without its begin and end marks; the rest is cut, or takes a second one."""

_WORDS = re.compile(r"[^\W\d_]+|\d|[^\s\w]+|_")
_LETTERS_A_TOKEN = 6


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Lengths of captions.

    Parameters
    ----------
    counts : tuple of int
        One a caption, without begin and end marks.
    how : str
        ``"CLIP tokenizer"`` or ``"estimated"``.
    """

    counts: tuple[int, ...]
    how: str

    @property
    def longest(self) -> int:
        """Tokens of the longest caption."""
        return max(self.counts, default=0)

    @property
    def over(self) -> int:
        """How many captions are over the limit of 75."""
        return sum(count > LIMIT for count in self.counts)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    package = importlib.util.find_spec("open_clip")
    places = package.submodule_search_locations if package is not None else None
    if not places:
        return None
    # Only this one file: the whole package would bring its models along, and torchvision.
    spec = importlib.util.spec_from_file_location("_open_clip_tokenizer", Path(places[0]) / "tokenizer.py")
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        return module.SimpleTokenizer()
    except (ImportError, AttributeError, OSError):  # another version, laid out differently
        return None


def estimate(text: str) -> int:
    """Tokens of a caption by rule of thumb: words up to 6 letters, digits and signs are one each."""
    return sum(-(-len(word) // _LETTERS_A_TOKEN) for word in _WORDS.findall(text))


def count_tokens(captions: Sequence[str]) -> TokenCounts:
    """Count the tokens of captions.

    Parameters
    ----------
    captions : sequence of str
        Whole captions.

    Returns
    -------
    TokenCounts
        Counted by open_clip's CLIP tokenizer when that is installed, else estimated.
    """
    tokenizer = _tokenizer()
    distinct = set(captions)
    if tokenizer is None:
        known = {text: estimate(text) for text in distinct}
        return TokenCounts(tuple(known[text] for text in captions), "estimated")
    known = {text: len(tokenizer.encode(text)) for text in distinct}
    return TokenCounts(tuple(known[text] for text in captions), "CLIP tokenizer")
