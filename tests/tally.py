"""Add up the result files of several pytest runs, and end with one line: ``N passed, N failed``."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def tally(files: list[Path]) -> Counter[str]:
    """Numbers of passed, failed and skipped tests over all ``files`` (JUnit XML)."""
    total: Counter[str] = Counter()
    for file in files:
        for suite in ElementTree.parse(file).getroot().iter("testsuite"):
            failed = int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
            skipped = int(suite.get("skipped", "0"))
            total["failed"] += failed
            total["skipped"] += skipped
            total["passed"] += int(suite.get("tests", "0")) - failed - skipped
    return total


if __name__ == "__main__":
    counts = tally([Path(name) for name in sys.argv[1:]])
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    sys.exit(1 if counts["failed"] or not counts["passed"] else 0)
