"""Stages: rejections are counted by reason, a changed source or parameter is work to be done again."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import shoal
from shoal.compute.presets import load_preset
from shoal.night.title import Work, rejections, run_title
from tests.unit.night.titles import FAST, make_clip, make_pile


def work(source: Path, folder: Path, **overrides: object) -> Work:
    settings = load_preset("photos", overrides={**FAST, **overrides})
    return Work("t", source, folder, settings, 0, None, False, logging.getLogger("test"))


def test_rejections_are_counted_by_reason(tmp_path: Path) -> None:
    assert rejections(tmp_path) == {}
    frames = [
        {"instances": [{"rejected": "small: 8 px, less than 20"}, {"file": "a.png"}]},
        {"instances": [{"rejected": "small: 3 px, less than 20"}, {"rejected": "blurred: 2"}]},
        {"instances": [], "error": "broken"},
    ]
    (tmp_path / "segmentation_results.json").write_text(json.dumps({"frames": frames}))
    assert rejections(tmp_path) == {"blurred": 1, "small": 2, "unreadable frame": 1}


def test_what_has_changed_is_done_again_and_the_rest_is_not(tmp_path: Path) -> None:
    pile = make_pile(tmp_path / "pile")
    first = run_title(work(pile, tmp_path / "t"))
    assert first["cluster"]["clusters"] == 3 and sum(first["cluster"]["sizes"]) == 18
    keys = {stage: facts["key"] for stage, facts in first.items()}
    again = run_title(
        work(pile, tmp_path / "t", export_dataset={"layout": "kohya", "size": 64, "repeats": 2})
    )
    changed = {stage for stage, facts in again.items() if facts["key"] != keys[stage]}
    assert changed == {"export_dataset"} and "× 2 repeats" in again["export_dataset"]["seen"]
    (pile / "p00.png").write_bytes((pile / "p03.png").read_bytes() + b" ")
    third = run_title(work(pile, tmp_path / "t"))
    assert all(third[stage]["key"] != keys[stage] for stage in third)
    kept = [p.name for p in (tmp_path / "t").iterdir() if p.name.startswith("clustered.before-")]
    assert len(kept) == 1, "the review of the old pictures is kept beside the new one"


def test_a_film_that_is_cut_short_is_told_from_a_whole_one(tmp_path: Path) -> None:
    clip = Path(shoal.__file__).parent / "demo_data" / "bbb_demo.mp4"
    (tmp_path / "cut.mp4").write_bytes(clip.read_bytes()[:60_000])
    settings = load_preset("3d", overrides={**FAST, "cluster": {"method": "kmeans", "n_clusters": 1}})
    job = Work("t", tmp_path / "cut.mp4", tmp_path / "t", settings, 0, None, False, logging.getLogger("test"))
    facts = run_title(job)["extract_frames"]
    assert facts["stated_s"] > 68 and facts["read_s"] < 10
    whole = make_clip(tmp_path / "films")
    job = Work("w", whole, tmp_path / "w", settings, 0, None, False, logging.getLogger("test"))
    assert "stated_s" not in run_title(job)["extract_frames"]


def test_what_does_not_pass_the_gate_lies_in_the_trash_with_its_reason(tmp_path: Path) -> None:
    pile = make_pile(tmp_path / "pile")
    (pile / "sent around.png").write_bytes((pile / "p03.png").read_bytes())
    done = run_title(work(pile, tmp_path / "t"))
    assert done["gate"]["kept"] == 18 and done["gate"]["rejected"] == {"duplicate": 1}
    assert "duplicates" not in done, "they are looked for once"
    review = shoal.open_review(tmp_path / "t" / "clustered")
    (copy,) = review.items("trash")
    reason = review.table().set_index("id").loc[copy, "reason"]
    assert reason.startswith("duplicate: nearly the same as ")
    review.close()
    again = run_title(work(pile, tmp_path / "t", gate=False))
    assert sum(again["cluster"]["sizes"]) == 19


def test_a_torn_record_of_stages_is_work_done_again(tmp_path: Path) -> None:
    pile = make_pile(tmp_path / "pile", 9)
    run_title(work(pile, tmp_path / "t"))
    (tmp_path / "t" / "stages.json").write_text('{"list": {')
    assert run_title(work(pile, tmp_path / "t"))["cluster"]["clusters"] == 3
