"""COCO: instances with masks, and captions, a pair of files a split."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shoal.export.layouts.base import Layout, Picture, Placed, json_text, read_json_file
from shoal.export.samples import TrainingSet
from shoal.export.seen import Look, Seen

__all__ = ["Coco"]


class Coco(Layout):
    """``images/<split>/``, ``annotations/instances_<split>.json`` and ``captions_<split>.json``.

    Masks are run lengths, column by column. A picture without a matte is annotated whole, by a polygon.
    """

    name = "coco"
    client = "COCO"
    mattes = ("flat", "alpha")
    lengths = True

    def place(self, made: TrainingSet) -> list[Picture]:
        """See :class:`Layout`."""
        return [
            Picture(s, f"images/{'validation' if s.validation else 'train'}/{s.stem}") for s in made.samples
        ]

    def texts(self, made: TrainingSet, placed: Sequence[Placed]) -> dict[str, str]:
        """See :class:`Layout`."""
        category_of = {label: number for number, label in enumerate(made.labels, 1)}
        categories = [
            {"id": n, "name": name, "supercategory": "character"} for name, n in category_of.items()
        ]
        out: dict[str, str] = {}
        for part in ("train", "validation"):
            rows = [p for p in placed if p.file.startswith(f"images/{part}/")]
            if not rows:
                continue
            images = [_image(number, p) for number, p in enumerate(rows, 1)]
            instances = [_instance(n, p, category_of[p.sample.label]) for n, p in enumerate(rows, 1)]
            captions = [{"id": n, "image_id": n, "caption": p.sample.caption} for n, p in enumerate(rows, 1)]
            info = {"description": "exported by shoal", "version": "1.0"}
            held = {"info": info, "licenses": [], "images": images}
            out[f"annotations/instances_{part}.json"] = json_text(
                {**held, "annotations": instances, "categories": categories}
            )
            out[f"annotations/captions_{part}.json"] = json_text({**held, "annotations": captions})
        return out

    def read(self, folder: Path) -> Seen:
        """See :class:`Layout`."""
        look = Look(self.client)
        for part in ("train", "validation"):
            path = folder / "annotations" / f"instances_{part}.json"
            if not path.is_file():
                continue
            held = read_json_file(path)
            captions = read_json_file(folder / "annotations" / f"captions_{part}.json")
            text_of = {row["image_id"]: row["caption"] for row in captions["annotations"]}
            names = {row["id"]: row["name"] for row in held["categories"]}
            for image, instance in zip(held["images"], held["annotations"], strict=True):
                look.classes.append(names[instance["category_id"]])
                look.masks += isinstance(instance["segmentation"], dict)
                _check(image, instance, look)
                look.picture(
                    folder / "images" / part / image["file_name"],
                    repeats=1,
                    validation=part == "validation",
                    caption=text_of.get(image["id"]),
                )
        return look.done()


def _image(number: int, placed: Placed) -> dict[str, Any]:
    size = placed.rendered
    return {
        "id": number,
        "file_name": Path(placed.file).name,
        "width": size.width,
        "height": size.height,
        "license": 0,
    }


def _instance(number: int, placed: Placed, category: int) -> dict[str, Any]:
    r = placed.rendered
    segmentation: Any = {"size": [r.height, r.width], "counts": list(r.lengths)}
    if not r.matte:
        segmentation = [[0, 0, r.width, 0, r.width, r.height, 0, r.height]]
    return {
        "id": number,
        "image_id": number,
        "category_id": category,
        "segmentation": segmentation,
        "area": r.area,
        "bbox": list(r.box),
        "iscrowd": 0,
    }


def _check(image: dict[str, Any], instance: dict[str, Any], look: Look) -> None:
    if instance["image_id"] != image["id"]:
        look.problems.append(f"annotation {instance['id']} belongs to no image beside it")
    segmentation = instance["segmentation"]
    if isinstance(segmentation, dict):
        counts = segmentation["counts"]
        if sum(counts) != image["width"] * image["height"] or sum(counts[1::2]) != instance["area"]:
            look.problems.append(f"the mask of {image['file_name']} does not fit its picture")
