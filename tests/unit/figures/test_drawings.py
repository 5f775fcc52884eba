"""Drawings are whole SVG, their lengths are what is counted, and names are text in them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

from shoal.figures.drawings import sizes_svg, timeline_svg

NASTY = '<script>alert(1)</script>" onload="x'
SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ElementTree.Element:
    assert "<script" not in text
    return ElementTree.fromstring(text)


def entry(name: str, start: float, end: float, sights: int = 2, shot: int = 0) -> dict[str, Any]:
    return {"name": name, "shot": shot, "start_s": start, "end_s": end, "sights": sights}


def test_bars_are_as_long_as_there_are_pictures() -> None:
    drawn = parsed(sizes_svg({NASTY: 40, "b": 10, "noise": 0}, colours={"b": (255, 0, 16)}))
    bars = drawn.findall(f".//{SVG}rect")
    assert len(bars) == 3 and float(bars[0].attrib["width"]) == 4 * float(bars[1].attrib["width"])
    assert float(bars[2].attrib["width"]) == 1.0 and bars[1].attrib["fill"] == "#ff0010"
    assert drawn.findall(f".//{SVG}title")[0].text == f"{NASTY}: 40"


def test_what_is_left_out_is_said() -> None:
    text = sizes_svg({f"c{n}": 9 for n in range(50)}, most=12)
    assert text.count("<rect") == 12 and "and 38 smaller ones with 342" in text
    assert parsed(sizes_svg({})).attrib["role"] == "img"


def test_stretches_lie_where_they_are_in_time() -> None:
    entries = [entry("ann", 0, 10), entry("bob", 20, 40, sights=9), entry("ann", 30, 40)]
    drawn = parsed(timeline_svg(entries, colours={"ann": (1, 2, 3)}))
    first, second, third = drawn.findall(f".//{SVG}rect")
    wide = {float(bar.attrib["width"]) for bar in (first, third)}
    assert len(wide) == 1 and float(second.attrib["width"]) == round(2 * wide.pop(), 2)
    assert first.attrib["y"] == third.attrib["y"] != second.attrib["y"]
    assert first.attrib["fill"] == "#010203" != second.attrib["fill"]
    assert first[0].text == "ann, shot 0, 0.0–10.0 s, 2 sights"
    ticks = [node.text for node in drawn.findall(f"{SVG}text") if node.text and ":" in node.text]
    assert ticks[0] == "0:00" and ticks[-1] == "0:40"


def test_only_who_is_seen_most_has_a_row_and_an_empty_film_is_drawn() -> None:
    entries = [entry(f"n{n}", n, n, sights=n) for n in range(1, 9)]
    text = timeline_svg(entries, most=3)
    assert text.count("<rect") == 3 and ">n8<" in text and ">n5<" not in text
    assert parsed(timeline_svg([])).attrib["viewBox"] == "0 0 1000 24"
    assert NASTY[:8] not in timeline_svg([entry(NASTY, 0, 3600)])
