from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoal.disk.names import MAX_NAME_BYTES, check_name, folded, folded_all, with_suffix
from shoal.errors import NameRefusedError

REFUSED_EVERYWHERE = [
    "",
    "  ",
    ".",
    "..",
    "../x",
    "/etc",
    "a/b",
    "a\0b",
    ".hidden",
    "x" * 256,
    "é" * 128,
    "\ud800",
]
REFUSED_PORTABLE = [
    "CON", "con.txt", "NUL.tar.gz", "COM1", "LPT9.png", "trailing.", "trailing ", "a:b", "a\\b", "a|b", "a?",
    "a*", "<b>", 'a"b', "line\nbreak", "\x1b[31mred", "bytes\udcff",
]  # fmt: skip
FINE = [
    "bunny",
    "~",
    "~root",
    "a b",
    "émile",
    "日本",
    "🦊",
    "CONSOLE",
    "x" * 255,
    "name.with.dots",
    "-rf",
    "%s",
]


@pytest.mark.parametrize("name", REFUSED_EVERYWHERE)
@pytest.mark.parametrize("portable", [True, False])
def test_names_that_no_folder_can_have(name: str, portable: bool) -> None:
    with pytest.raises(NameRefusedError) as caught:
        check_name(name, portable=portable)
    assert caught.value.hint


@pytest.mark.parametrize("name", REFUSED_PORTABLE)
def test_names_that_only_some_systems_take(name: str) -> None:
    with pytest.raises(NameRefusedError):
        check_name(name)
    check_name(name, portable=False)


@pytest.mark.parametrize("name", FINE)
def test_names_that_are_fine(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", ["noise", "Noise", "TRASH", "trash."])
def test_reserved_folders(name: str) -> None:
    with pytest.raises(NameRefusedError, match="meaning of its own"):
        check_name(name, portable=False)
    check_name(name, portable=False, reserved=False)


@pytest.mark.parametrize("name", ["cluster_report.json", "changes_20260101T000000Z.json", "Clusters.PNG"])
def test_names_of_own_files(name: str) -> None:
    with pytest.raises(NameRefusedError, match="a file of shoal"):
        check_name(name)


def test_folding_sees_twins() -> None:
    assert folded("Bunny") == folded("bunny") == folded("BUNNY.") == folded("bunny ")
    assert folded("é") == folded("e\u0301")
    assert folded("Straße") == folded("STRASSE")
    assert folded("bunny") != folded("bunny1")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_folding_is_a_projection_and_blind_to_normal_forms(name: str) -> None:
    key = folded(name)
    assert folded(key) == key
    assert folded(unicodedata.normalize("NFC", name)) == folded(unicodedata.normalize("NFD", name)) == key


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=255),
    st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=255),
)
def test_a_suffix_never_makes_a_name_too_long(name: str, suffix: str) -> None:
    made = with_suffix(name, "__" + suffix)
    assert 0 < len(made.encode()) <= MAX_NAME_BYTES
    stem, dot, extension = name.rpartition(".")
    if stem and dot and len(extension) <= 12:
        assert made.endswith("." + extension)


def test_a_suffix_goes_before_the_extension() -> None:
    assert with_suffix("frame.PNG", "__bunny") == "frame__bunny.PNG"
    assert with_suffix("no_extension", "__2") == "no_extension__2"
    assert with_suffix(".png", "__2") == ".png__2"


@given(st.lists(st.text(st.characters(exclude_characters="/\0"), min_size=1)))
def test_many_names_fold_like_each(names: list[str]) -> None:
    assert folded_all(names) == [folded(name) for name in names]
