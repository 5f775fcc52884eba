"""Write ``docs/reference`` from the docstrings: one page a room, every public name on it; a test compares."""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REFERENCE = HERE / "reference"


def public() -> dict[str, list[tuple[str, Any]]]:
    """Public names of ``shoal`` by the room they live in, rooms and names sorted."""
    import shoal

    rooms: dict[str, list[tuple[str, Any]]] = {}
    for name in shoal.__all__:
        value = getattr(shoal, name)
        module = getattr(value, "__module__", "shoal")
        rooms.setdefault(module.split(".")[1] if "." in module else "shoal", []).append((name, value))
    return dict(sorted(rooms.items()))


def heading(name: str, value: Any) -> str:
    """The name with its signature, one parameter a line when it is long."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return name
    parameters = list(signature.parameters.values())
    result = "" if inspect.isclass(value) else arrow(signature)
    line = f"{name}({', '.join(pretty(parameters))}){result}"
    if len(line) <= 100:
        return line
    inner = ",\n    ".join(pretty(parameters))
    return f"{name}(\n    {inner},\n){result}"


def arrow(signature: inspect.Signature) -> str:
    """The result's type as it is written after the arrow."""
    result = signature.return_annotation
    if result is inspect.Signature.empty:
        return ""
    return f" -> {result if isinstance(result, str) else getattr(result, '__name__', result)}"


def pretty(parameters: list[inspect.Parameter]) -> list[str]:
    """Parameters as written, with the star that makes the rest keyword-only."""
    shown, starred = [], False
    for p in parameters:
        if p.name in {"self", "cls"}:
            continue
        if p.kind is p.KEYWORD_ONLY and not starred:
            shown.append("*")
            starred = True
        starred |= p.kind is p.VAR_POSITIONAL
        mark = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        default = "" if p.default is p.empty else f"={p.default!r}"
        shown.append(f"{mark}{p.name}{default}")
    return shown


def members(value: type) -> list[tuple[str, Any]]:
    """Public methods and properties of a class, in the order written; then those of our own bases."""
    listed = dict[str, Any]()
    for base in (value, *(b for b in value.__mro__[1:] if b.__module__.startswith("shoal."))):
        listed = {**listed, **{name: member for name, member in vars(base).items() if name not in listed}}
    found = []
    for name, member in listed.items():
        raw = member.__func__ if isinstance(member, staticmethod | classmethod) else member
        target = raw.fget if isinstance(raw, property) else raw
        if not name.startswith("_") and (inspect.isfunction(target) or isinstance(raw, property)):
            found.append((name, raw))
    return found


def entry(name: str, value: Any, level: str = "##") -> list[str]:
    """One name: heading, signature, docstring; for a class its members too."""
    is_property = isinstance(value, property)
    doc = inspect.getdoc(value) or ""
    lines = [f"{level} `{name}`", ""]
    if not is_property and (
        inspect.isfunction(value) or (inspect.isclass(value) and not issubclass(value, Exception))
    ):
        lines += [
            "```python",
            heading(name.rsplit(".", 1)[-1] if inspect.isfunction(value) else name, value),
            "```",
            "",
        ]
    lines += ["```text", doc, "```", ""] if "\n" in doc else [doc, ""]
    if inspect.isclass(value):
        for member, target in members(value):
            lines += entry(f"{name}.{member}", target, level + "#")
    return lines


def pages() -> dict[str, str]:
    """File name → text of every page."""
    made = {}
    index = [
        "# Reference",
        "",
        "Generated from the docstrings by `make docs`. Every name below is there after `import shoal`.",
        "",
    ]
    for room, names in public().items():
        doc = inspect.getdoc(importlib.import_module(f"shoal.{room}" if room != "shoal" else "shoal")) or ""
        lines = [f"# {room}", "", doc.split("\n\n")[0].replace("\n", " "), ""]
        for name, value in names:
            lines += entry(f"shoal.{name}", value)
        made[f"{room}.md"] = "\n".join(lines).rstrip() + "\n"
        index.append(f"- [{room}]({room}.md): " + ", ".join(f"`{name}`" for name, _ in names))
    made["README.md"] = "\n".join(index) + "\n"
    return made


def main() -> int:
    """Write the pages, or with ``--check`` compare them; 1 when they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when a page is out of date")
    args = parser.parse_args()
    wanted = pages()
    present = (
        {p.name: p.read_text(encoding="utf-8") for p in REFERENCE.glob("*.md")} if REFERENCE.exists() else {}
    )
    if args.check:
        stale = sorted(n for n in {*wanted, *present} if wanted.get(n) != present.get(n))
        print("\n".join(f"out of date: docs/reference/{name}" for name in stale), end="\n" if stale else "")
        return 1 if stale else 0
    REFERENCE.mkdir(exist_ok=True)
    for name in sorted(set(present) - set(wanted)):
        (REFERENCE / name).unlink()
    for name, text in wanted.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
