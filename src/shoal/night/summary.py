"""What is worth telling of a finished title, for the report in each of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shoal.night.run import TitleResult

__all__ = ["COLUMNS", "details", "grouping", "stage_seconds", "summary_row"]

COLUMNS = (
    "title",
    "",
    "frames",
    "pictures",
    "rejected",
    "alike",
    "clusters",
    "noise",
    "training",
    "minutes",
)


def summary_row(title: TitleResult) -> list[str]:
    """One cell for each of `COLUMNS`."""
    stages = title.stages

    def of(stage: str, measure: str) -> Any:
        return stages.get(stage, {}).get(measure, "")

    pictures = of("segment", "instances")
    if pictures == "":
        pictures = of("list", "pictures") if "list" in stages else of("extract_frames", "frames")
    rejected = _rejected(title)
    trained = of("export_dataset", "train")
    minutes = sum(float(facts.get("seconds", 0)) for facts in stages.values()) / 60
    cells = [
        title.name,
        "done" if title.ok else "failed",
        of("extract_frames", "frames"),
        pictures,
        sum(rejected.values()) if {"segment", "gate"} & stages.keys() else "",
        of("duplicates", "superfluous") if "duplicates" in stages else rejected.get("duplicate", ""),
        grouping(title).get("clusters", ""),
        grouping(title).get("noise", ""),
        f"{trained} + {of('export_dataset', 'validation')}" if trained != "" else "",
        f"{minutes:.1f}",
    ]
    return [str(cell) for cell in cells]


def _rejected(title: TitleResult) -> dict[str, int]:
    """Reason → how many, of all steps that reject."""
    counted: dict[str, int] = {}
    for stage in ("segment", "gate"):
        for reason, n in title.stages.get(stage, {}).get("rejected", {}).items():
            counted[reason] = counted.get(reason, 0) + n
    return counted


def grouping(title: TitleResult) -> Mapping[str, Any]:
    """The figures of the clusters that were written: those of the last step that changed them."""
    return title.stages.get("join_identities") or title.stages.get("cluster") or {}


def details(title: TitleResult) -> list[str]:
    """What a reader should know of a title beside its row, a sentence each."""
    lines: list[str] = []
    film = title.stages.get("extract_frames", {})
    if "stated_s" in film:
        lines.append(
            f"the film says that it lasts {film['stated_s']} s, but only {film['read_s']} s can be read: "
            "is the file cut short?"
        )
    lines += [f"rejected as {reason}: {n}" for reason, n in sorted(_rejected(title).items())]
    exported = title.stages.get("export_dataset", {})
    if exported:
        lines += [line.strip() for line in str(exported["seen"]).splitlines()]
        lines.append(
            f"captions up to {exported['longest_caption']} tokens ({exported['tokens_how']}), "
            f"{exported['captions_over']} over the limit"
        )
    if title.stages.get("embed"):
        lines.append(f"model {title.stages['embed']['model']}")
    return lines


def stage_seconds(title: TitleResult) -> dict[str, float]:
    """How long each stage took."""
    return {stage: float(facts.get("seconds", 0)) for stage, facts in title.stages.items()}
