"""Find Chromium for browser tests; as a script, install Debian's when it is missing and that is possible."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# WebGL in software, alike on every machine; a sandbox cannot be had as root in a container.
FLAGS = (
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
)


def find() -> str | None:
    """Path of a Chromium: ``$SHOAL_CHROMIUM`` if set, else the first that is installed."""
    named = os.environ.get("SHOAL_CHROMIUM")
    if named:
        return named if shutil.which(named) else None
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def flags() -> list[str]:
    """Command-line flags for a browser that tests can trust."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, *(["--no-sandbox"] if root else [])]


def install() -> str:
    """Install Debian's package, or say how; return the path.

    Raises
    ------
    SystemExit
        If there is no Chromium and none can be installed from here.
    """
    advice = (
        "Install Chromium (Debian: apt-get install chromium), or set SHOAL_CHROMIUM to a Chrome or Chromium."
    )
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise SystemExit(f"Browser tests need Chromium. {advice}")
    print("installing Debian's chromium", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        [apt, "-qq", "update"],
        [apt, "-qq", "-y", "install", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
    ):
        subprocess.run(
            command, check=True, env=environment, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL
        )
    path = find()
    if path is None:
        raise SystemExit(f"apt-get installed no Chromium. {advice}")
    return path


if __name__ == "__main__":
    where = find() or install()
    if "--quiet" not in sys.argv:
        print(f"Chromium: {where}", file=sys.stderr)
