"""Which names a cluster folder may have, and when two names would be the same file somewhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from shoal.errors import NameRefusedError

__all__ = ["MAX_NAME_BYTES", "RESERVED", "check_name", "folded", "folded_all", "with_suffix"]

MAX_NAME_BYTES = 255
"""Longest file name in bytes of UTF-8 that the common file systems take."""

RESERVED = frozenset({"noise", "trash"})
"""Folders with a meaning of their own; no other cluster may be called so."""

_OWN_FILES = frozenset({"cluster_report.json", "identity_clustering.json", "clusters.png"})
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{stem}{n}" for stem in ("com", "lpt") for n in "123456789¹²³"}
)
_NOT_PORTABLE = frozenset('<>:"|?*\\')


def folded(name: str) -> str:
    """Return the key under which two names are one file on some file system.

    Case folding, Unicode NFC and the dots and spaces that Windows drops at the end are levelled, the way the
    least discerning of ext4, APFS, NTFS and exFAT would.
    """
    if name.isascii():
        key = name.lower()
    else:
        # Twice, because folding can undo a composition (U+0390 and its like).
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return key.rstrip(". ") or key


def folded_all(names: Sequence[str]) -> list[str]:
    """:func:`folded` of each name, all at once where they are plain.

    >>> folded_all(["A.png", "b.PNG. "])
    ['a.png', 'b.png']
    """
    joined = "".join([f"{name}\0" for name in names])
    if not joined.isascii() or ".\0" in joined or " \0" in joined:
        return [folded(name) for name in names]
    return joined.lower().split("\0")[:-1]


def check_name(name: str, *, portable: bool = True, reserved: bool = True) -> None:
    """Refuse a name that cannot be a cluster folder.

    Parameters
    ----------
    name : str
        One path component, as the person typed it.
    portable : bool
        Also refuse what Windows, macOS or a memory stick could not hold.
    reserved : bool
        Refuse ``noise`` and ``trash`` too; the planner turns this off for those two folders themselves.

    Raises
    ------
    NameRefusedError
        With the reason, and in the hint what would do.
    """
    reason = _reason(name, portable=portable, reserved=reserved)
    if reason:
        raise NameRefusedError(f"{name!r} cannot be the name of a cluster: {reason[0]}", hint=reason[1])


def _reason(name: str, *, portable: bool, reserved: bool) -> tuple[str, str] | None:
    if not name.strip():
        return "it is empty", "Type at least one letter."
    if "/" in name or "\0" in name:
        return "it holds a slash or a NUL", "A cluster is one folder: leave out '/'."
    if name.startswith("."):
        return "it begins with a dot", "Hidden folders and '..' are never clusters."
    if reserved and folded(name) in RESERVED:
        return "the name has a meaning of its own", "Move the items to noise or trash instead."
    if folded(name) in _OWN_FILES or (folded(name).startswith("changes_") and folded(name).endswith(".json")):
        return "a file of shoal is called so", "Choose another name."
    try:
        length = len(name.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # half a character that no bytes on disk could have given
        return "it is not valid text", "Type the name anew."
    if length > MAX_NAME_BYTES:
        return f"it is longer than {MAX_NAME_BYTES} bytes", "Choose a shorter name."
    return _portable_reason(name) if portable else None


def _portable_reason(name: str) -> tuple[str, str] | None:
    bad = sorted({char for char in name if char in _NOT_PORTABLE or unicodedata.category(char) == "Cc"})
    if bad:
        listed = " ".join(repr(char) for char in bad)
        return f"it holds {listed}", "Windows has no such names; leave these characters out."
    if any("\ud800" <= char <= "\udfff" for char in name):
        return "it is not valid UTF-8", "Choose a name that every system can show."
    if name[-1] in ". ":
        return "it ends in a dot or a space", "Windows would drop the end; leave it out."
    if name.split(".", 1)[0].rstrip(" ").lower() in _DEVICES:
        return "Windows keeps that name for a device", "Put a letter or a number behind it."
    return None


def with_suffix(name: str, suffix: str, *, longest: int = MAX_NAME_BYTES) -> str:
    """Put ``suffix`` before the extension of ``name``, cutting the stem so that ``longest`` bytes are enough.

    >>> with_suffix("frame_1.png", "__bunny")
    'frame_1__bunny.png'
    """
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem or len(extension) > 12:
        stem, dot, extension = name, "", ""
    tail = f"{suffix}{dot}{extension}"
    room = longest - len(tail.encode("utf-8", "surrogateescape"))
    while stem and len(stem.encode("utf-8", "surrogateescape")) > room:
        stem = stem[:-1]
    if not stem:  # a folder name of 255 bytes as suffix: keep its number or end, and the start of the stem
        return with_suffix(name, "__" + suffix[-12:], longest=max(longest, 64))
    return stem + tail
