"""Sidecars: which files belong to a picture and travel with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["COMPANION_FOLDERS", "companion_target", "find_companions"]

SIDECAR_SUFFIXES = frozenset({"txt", "json", "xmp", "caption"})
"""Lower-case extensions of sidecars: ``frame_1.txt`` or ``frame_1.png.txt`` beside ``frame_1.png``."""

COMPANION_FOLDERS = ("faces", "masks")
"""Sub-folders of a cluster that hold files made from its pictures."""

_BOUNDARIES = "_-. "


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def find_companions(
    pictures: Iterable[str], others: Iterable[str], below: Mapping[str, Iterable[str]]
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Give the files of one cluster folder to its pictures.

    Parameters
    ----------
    pictures : iterable of str
        Names of the pictures, in order; of two with one stem (``a.jpg``, ``a.png``) the first gets what both
        could claim.
    others : iterable of str
        Names of the other files in the folder.
    below : mapping of str to iterable of str
        For each of ``COMPANION_FOLDERS`` that is there, the names of the files in it.

    Returns
    -------
    owned : dict
        Picture name → paths of its companions relative to the cluster folder. A mask ``<stem>_mask.png``
        beside ``<stem>.png`` is a companion and no picture of its own. In ``faces/`` a file belongs to the
        longest stem that it begins with and that ends at a boundary: ``frame10_0.png`` is never ``frame1``'s.
    left : list of str
        Relative paths of the files that belong to no picture.
    """
    names = list(pictures)
    by_stem: dict[str, str] = {}
    for name in names:
        by_stem.setdefault(_stem(name), name)
    owned: dict[str, list[str]] = {}
    left: list[str] = []
    for name in names:
        owner = _mask_owner(name, by_stem)
        if owner is not None:
            owned.setdefault(owner, []).append(name)
    masks = {path for paths in owned.values() for path in paths}
    known = set(names) - masks
    for name in others:
        owner = _sidecar_owner(name, by_stem, known)
        (left if owner is None else owned.setdefault(owner, [])).append(name)
    for folder, files in below.items():
        for name in files:
            owner = _owner_by_prefix(name, by_stem, exact=folder == "masks")
            (left if owner is None else owned.setdefault(owner, [])).append(f"{folder}/{name}")
    return {name: tuple(sorted(owned.get(name, ()))) for name in names if name not in masks}, left


def _mask_owner(name: str, by_stem: Mapping[str, str]) -> str | None:
    stem = _stem(name)
    if not stem.endswith("_mask"):
        return None
    owner = by_stem.get(stem.removesuffix("_mask"))
    # A mask of a mask would make a chain of owners; only a picture that is no mask itself owns one.
    return owner if owner is not None and not _stem(owner).endswith("_mask") else None


def _sidecar_owner(name: str, by_stem: Mapping[str, str], pictures: set[str]) -> str | None:
    stem, _, suffix = name.rpartition(".")
    if suffix.lower() not in SIDECAR_SUFFIXES:
        return None
    owner = stem if stem in pictures else by_stem.get(stem)
    return owner if owner in pictures else None


def _owner_by_prefix(name: str, by_stem: Mapping[str, str], *, exact: bool) -> str | None:
    stem = _stem(name)
    if exact:
        return by_stem.get(stem) or by_stem.get(stem.removesuffix("_mask"))
    end = len(stem)
    while end > 0:
        owner = by_stem.get(stem[:end])
        if owner is not None:
            return owner
        end = max(stem.rfind(mark, 0, end) for mark in _BOUNDARIES)
    return None


def companion_target(companion: str, picture: str, new_name: str) -> str:
    """Path of a companion, relative to the cluster folder, once its picture is called ``new_name``.

    >>> companion_target("faces/frame1_0.png", "frame1.png", "frame1__bunny.png")
    'faces/frame1__bunny_0.png'
    """
    if picture == new_name:
        return companion
    folder, slash, name = companion.rpartition("/")
    if name.startswith(picture):
        return f"{folder}{slash}{new_name}{name[len(picture) :]}"
    return f"{folder}{slash}{_stem(new_name)}{name[len(_stem(picture)) :]}"
