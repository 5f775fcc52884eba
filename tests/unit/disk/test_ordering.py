from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shoal.disk.ordering import layers


@st.composite
def renames(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Any injective map between paths: chains, swaps, cycles, fixed case changes."""
    places = [f"{c}/{n}" for c in "aAb" for n in "1234"]
    srcs = draw(st.permutations(places))[: draw(st.integers(0, 9))]
    dsts = draw(st.permutations(places))[: len(srcs)]
    return [(s, d) for s, d in zip(srcs, dsts, strict=True) if s != d]


def run(pairs: list[tuple[str, str]], key=str) -> tuple[dict[str, str], int]:
    tree = {key(src): src for src, _ in pairs}
    holds = 0
    for layer in layers(pairs, lambda i: f"hold/{i}", [(key(a), key(b)) for a, b in pairs]):
        targets = [key(dst) for _, dst in layer]
        assert len(set(targets)) == len(targets)
        for src, dst in layer:
            assert key(dst) not in tree, "a target was in the way"
            tree[key(dst)] = tree.pop(key(src))
            holds += dst.startswith("hold/")
    return tree, holds


@given(renames())
def test_every_file_arrives_and_nothing_is_in_the_way(pairs: list[tuple[str, str]]) -> None:
    tree, _ = run(pairs)
    assert tree == {dst: src for src, dst in pairs}


@given(renames())
def test_also_where_upper_and_lower_case_are_one(pairs: list[tuple[str, str]]) -> None:
    pairs = [p for p in pairs if not p[0].startswith("A")]
    seen: set[str] = set()
    pairs = [p for p in pairs if p[1].lower() not in seen and not seen.add(p[1].lower())]
    tree, _ = run(pairs, str.lower)
    assert tree == {dst.lower(): src for src, dst in pairs}


def test_one_file_of_each_cycle_waits() -> None:
    swap = [("a", "b"), ("b", "a")]
    three = [("x", "y"), ("y", "z"), ("z", "x")]
    tree, holds = run(swap + three)
    assert tree == {"a": "b", "b": "a", "y": "x", "z": "y", "x": "z"}
    assert holds == 2


def test_a_chain_of_a_thousand_needs_no_waiting() -> None:
    chain = [(f"{i}", f"{i + 1}") for i in range(1000)]
    tree, holds = run(chain)
    assert holds == 0
    assert tree["1000"] == "999"
    assert len(tree) == 1000


def test_a_change_of_case_only_goes_by_way_of_a_hold() -> None:
    tree, holds = run([("Bunny", "bunny")], str.lower)
    assert holds == 1
    assert tree == {"bunny": "Bunny"}
