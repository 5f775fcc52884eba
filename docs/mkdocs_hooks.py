"""What the documentation site needs beyond Markdown: lists of pages by folder, links that leave ``docs/``."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)]*)?\)")
RUN = re.compile(r"^```python run$", re.MULTILINE)


def on_config(config: Any) -> Any:
    """Put every page of a folder where the navigation says ``folder/*``, its README first."""

    def pages(folder: str) -> list[str]:
        found = sorted(p.relative_to(DOCS).as_posix() for p in (DOCS / folder).glob("*.md"))
        return sorted(found, key=lambda path: not path.endswith("/README.md"))

    for entry in config["nav"]:
        if isinstance(entry, dict):
            for title, value in entry.items():
                if isinstance(value, str) and value.endswith("/*"):
                    entry[title] = pages(value.removesuffix("/*"))
    return config


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Notebooks and sources are not on the site: a link to one becomes its path."""

    def replace(found: re.Match[str]) -> str:
        text, target = found.group(1), found.group(2)
        place = posixpath.normpath(posixpath.join(posixpath.dirname(page.file.src_uri), target))
        inside = not place.startswith("..") and not place.endswith((".py", ".json"))
        path = posixpath.normpath(posixpath.join("docs", place))
        return found.group(0) if inside else f"{text} (`{path}` in the repository)"

    return RUN.sub("```python", LINK.sub(replace, markdown))
