"""Build the widget's bundle whenever its sources changed: the wheel's build hook, and a script for make.

The bundle is one ES module and one stylesheet in ``src/shoal/widgets/static``; beside them lies the hash of
the sources that they were built from. A source archive carries both: a wheel from it needs no Node.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "src" / "shoal" / "widgets" / "static"
STAMP = "sources.sha256"
BUILT = ("browser.js", "browser.css", "queue.js", "queue.css", "page.js")
INPUTS = ("build.mjs", "package.json", "package-lock.json", "tsconfig.json")


def source_hash() -> str:
    """SHA-256 over the names and bytes of everything that shapes the bundle (tests do not)."""
    files = [HERE / name for name in INPUTS]
    files += [p for p in (HERE / "src").rglob("*") if p.is_file() and ".test." not in p.name]
    digest = hashlib.sha256()
    for path in sorted(p for p in files if p.exists()):
        name = path.relative_to(HERE).as_posix().encode()
        data = path.read_bytes()
        digest.update(len(name).to_bytes(8, "little") + name + len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def is_current() -> bool:
    """Whether the bundle is there and was built from these very sources."""
    stamp = STATIC / STAMP
    return stamp.exists() and stamp.read_text() == source_hash() and all((STATIC / n).exists() for n in BUILT)


def build() -> bool:
    """Bring the bundle up to date; return whether anything was done.

    Raises
    ------
    RuntimeError
        If it must be built and Node is missing, or if the build fails.
    """
    if is_current():
        return False
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "shoal's widget is built from widgets_js/ with Node 20 or newer: install nodejs and npm."
        )
    if not (HERE / "node_modules").is_dir():
        # Not "npm ci": it refuses a lock file from which a registry has left out other platforms' binaries.
        _run(npm, "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error")
    wanted = source_hash()
    (STATIC / STAMP).unlink(missing_ok=True)
    _run(npm, "run", "--silent", "build")
    missing = [name for name in BUILT if not (STATIC / name).exists()]
    if missing:
        raise RuntimeError(f"the widget's build left no {', '.join(missing)} in {STATIC}")
    (STATIC / STAMP).write_text(wanted)
    return True


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=HERE, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)!r} ended with status {done.returncode} in {HERE}")


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by make as a script, where hatchling need not be installed
    pass
else:

    class WidgetBuildHook(BuildHookInterface):  # type: ignore[type-arg]
        """Runs before hatchling packs an archive."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface's name
            """Build the bundle; an editable install goes on without one, since `make widget` follows it."""
            try:
                build()
            except RuntimeError as error:
                if version != "editable":
                    raise
                self.app.display_warning(f"The widget is not built yet: {error}")


if __name__ == "__main__":
    print("widget built" if build() else "widget is up to date", file=sys.stderr)
