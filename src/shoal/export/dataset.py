"""From a review to a training set that its trainer really loads."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from shoal.compute.batches import map_ordered, reading_threads
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.compute.runs import RECORD_NAME, RunFolder
from shoal.errors import BadInputError, MissingError, NotAllowedError, ShoalError
from shoal.export.captions import Captions, CaptionSource
from shoal.export.layouts import layout_named
from shoal.export.layouts.base import Layout, Matte, Picture, Placed, read_json_file
from shoal.export.render import Job, Rendered, colour_of, render
from shoal.export.repeats import repeats_of
from shoal.export.samples import Sample, TrainingSet, collect, unique_stems
from shoal.export.seen import Seen
from shoal.export.split import choose_validation, look_alike_groups, picture_hashes
from shoal.export.tokens import LIMIT, TokenCounts, count_tokens
from shoal.review.review import Review, open_review

__all__ = ["Dataset", "check_dataset", "export_dataset"]

_STEP = "export_dataset"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A training set on disk; ``print`` it.

    Parameters
    ----------
    folder : Path
        Where it is.
    layout : str
        Its layout.
    train, validation : int
        Pictures of each part.
    left_out : tuple of (str, str)
        Items that could not be exported, and why.
    tokens : TokenCounts
        Lengths of the captions.
    seen : Seen
        What the client sees, found by reading the folder back.
    """

    folder: Path
    layout: str
    train: int
    validation: int
    left_out: tuple[tuple[str, str], ...]
    tokens: TokenCounts
    seen: Seen

    def __str__(self) -> str:
        over = f", {self.tokens.over} over {LIMIT}" if self.tokens.over else ""
        lines = [
            str(self.seen),
            f"captions up to {self.tokens.longest} tokens ({self.tokens.how}){over}",
            *(f"  left out {item}: {reason}" for item, reason in self.left_out),
        ]
        return "\n".join(lines)


def export_dataset(
    review: Review | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str],
    layout: str = "base",
    clusters: Sequence[str] | None = None,
    trigger: str | Mapping[str, str] | None = None,
    captions: Sequence[CaptionSource] = ("review", "sidecar", "template"),
    template: str = "{cluster}, {view}, {tags}",
    size: int | None = 1024,
    square: bool = False,
    matte: Literal["auto", "alpha", "mask", "flat"] = "auto",
    background: str | tuple[int, int, int] = "white",
    picture_format: Literal["png", "jpg"] = "png",
    validation: float = 0.1,
    duplicate_distance: int = 6,
    repeats: int = 1,
    balance: str | None = None,
    max_repeats: int = 20,
    paths: Literal["absolute", "relative"] = "absolute",
    seed: int = 0,
    force: bool = False,
    executor: Executor | None = None,
    progress: ProgressOption = True,
) -> Dataset:
    """Write the clusters of a review as a training set, and read it back as its client will.

    Noise and trash are never exported. Pictures are never flipped. Edits that are not saved yet count.

    Parameters
    ----------
    review : Review or path
        The review, or its folder.
    out : path
        Folder for the training set.
    layout : str
        ``"base"`` (``images/ captions/ metadata.json``), ``"kohya"``, ``"musubi"``, ``"ai-toolkit"``,
        ``"onetrainer"``, ``"imagefolder"`` (also ``"diffusers"``, ``"huggingface"``), ``"fiftyone"`` or
        ``"coco"``.
    clusters : sequence of str, optional
        Only these, by name or id.
    trigger : str or mapping of str to str, optional
        Trigger word of all clusters, or by cluster name; every caption begins with it.
    captions : sequence of {"review", "sidecar", "template"}
        Where captions come from; the first that has one.
    template : str
        With ``{cluster}``, ``{description}``, ``{tags}``, ``{view}``, ``{trigger}``.
    size : int, optional
        Target resolution: pictures of more than ``size`` × ``size`` pixels are scaled down to that area, at
        their own ratio; smaller ones are kept. None leaves all as they are; trainers are told 1024 then.
    square : bool
        Scale to fit, and put on a square of exactly ``size``.
    matte : {"auto", "alpha", "mask", "flat"}
        What becomes of transparency: kept, written as a mask file, or only put on the background. ``"auto"``
        takes what the layout's client can use best.
    background : str or tuple of int
        Colour behind transparency.
    picture_format : {"png", "jpg"}
        Of the pictures.
    validation : float
        Share of each cluster that is kept from training, 0..0.5: whole shots, and never one of two
        near-duplicates. Less when shots cannot be spared.
    duplicate_distance : int
        Bits of 64 in which the perceptual hashes of near-duplicates may differ.
    repeats : int
        How often an epoch shows each picture.
    balance : str, optional
        ``"cluster"``, or the name of a column or tag prefix such as ``"view"``: smaller groups get more
        repeats.
    max_repeats : int
        The most that balancing gives.
    paths : {"absolute", "relative"}
        How configuration files name folders. Relative ones need the trainer to be started in ``out``.
    seed : int
        Which shots go to validation.
    force : bool
        Replace an earlier export in ``out``; files that others put there stay.
    executor : concurrent.futures.Executor, optional
        Where pictures are rendered; default a few threads. The bytes do not depend on it.
    progress : bool or callable
        Show a progress bar, or be told ``(what, done, total)``.

    Returns
    -------
    Dataset
        ``print`` it for what the client will see.

    Raises
    ------
    ExistsError
        ``out`` is not empty and ``force`` is false.
    BadInputError
        Nothing to export, or an argument out of range.
    ShoalError
        The client would not see what was exported; the folder is left for a look.
    """
    given: dict[str, Any] = {
        "layout": layout, "clusters": clusters, "trigger": trigger, "captions": captions,
        "template": template, "size": size, "square": square, "matte": matte, "background": background,
        "picture_format": picture_format, "validation": validation,
        "duplicate_distance": duplicate_distance, "repeats": repeats, "balance": balance,
        "max_repeats": max_repeats, "paths": paths,
    }  # fmt: skip
    chosen = layout_named(layout)
    treatment = _matte(chosen, matte, picture_format)
    if size is not None and not 64 <= size <= 8192:
        raise BadInputError(f"size={size} is outside 64..8192", hint="Trainers use 512, 768 or 1024.")
    review = review if isinstance(review, Review) else open_review(Path(review))
    folder = Path(out).absolute()
    if review.root is not None and folder.is_relative_to(review.root.absolute()):
        raise BadInputError(
            f"out={str(out)!r} lies in the review's own folder", hint="Choose a folder outside of it."
        )
    names = list(review.clusters["name"])
    triggers = dict.fromkeys(names, trigger) if isinstance(trigger, str) else dict(trigger or {})
    wording = Captions(captions, template, triggers)
    with RunFolder(folder, _STEP, given, force=force, seed=seed) as run:
        with review.session.reading():
            samples, left_out = collect(review, clusters=clusters, captions=wording, balance=balance)
        samples, unreadable = _split(
            samples, validation, duplicate_distance, seed=seed, executor=executor, progress=progress
        )
        times = repeats_of(
            [s for s in samples if not s.validation],
            repeats=repeats, balanced=balance is not None, most=max_repeats,
        )  # fmt: skip
        samples = [s if s.validation else replace(s, repeats=times[s.group]) for s in samples]
        made = TrainingSet(
            samples=samples, triggers=triggers, size=size or 1024, matte=treatment,
            root=folder.as_posix() if paths == "absolute" else "",
        )  # fmt: skip
        look = _Look(size, square, colour_of(background), picture_format)
        placed = _render(chosen, made, run, look, executor, progress)
        for relative, text in sorted(chosen.texts(made, placed).items()):
            run.own(relative).write_text(text, encoding="utf-8", newline="\n")
        seen = chosen.read(folder)
        _compare(seen, made)
        run.facts.update(train=len(made.part(False)), validation=len(made.part(True)), layout=chosen.name)
    return Dataset(
        folder=folder,
        layout=chosen.name,
        train=len(made.part(False)),
        validation=len(made.part(True)),
        left_out=(*left_out, *unreadable),
        tokens=count_tokens([s.caption for s in samples]),
        seen=seen,
    )


@dataclass(frozen=True, slots=True)
class _Look:
    """How pictures are rendered."""

    size: int | None
    square: bool
    background: tuple[int, int, int]
    suffix: str


def _matte(layout: Layout, wanted: str, picture_format: str) -> Matte:
    if picture_format not in ("png", "jpg"):
        raise BadInputError(f"picture_format={picture_format!r} is unknown", hint='Pass "png" or "jpg".')
    if wanted == "auto":
        # JPEG has no transparency.
        return "flat" if picture_format == "jpg" and layout.matte == "alpha" else layout.matte
    if wanted not in layout.mattes:
        raise BadInputError(
            f"{layout.client} makes nothing of matte={wanted!r}",
            hint=f"Pass {' or '.join(repr(m) for m in layout.mattes)}.",
        )
    if wanted == "alpha" and picture_format == "jpg":
        raise BadInputError("JPEG has no transparency", hint='Pass picture_format="png".')
    return wanted


def _split(
    samples: list[Sample],
    share: float,
    distance: int,
    *,
    seed: int,
    executor: Executor | None,
    progress: ProgressOption,
) -> tuple[list[Sample], list[tuple[str, str]]]:
    hashes, unreadable = picture_hashes([s.file for s in samples], executor=executor, progress=progress)
    bad = {row for row, _ in unreadable}
    good = [row for row in range(len(samples)) if row not in bad]
    kept = [samples[row] for row in good]
    groups = look_alike_groups(hashes[good], [s.shot for s in kept], distance=distance)
    chosen = choose_validation(kept, groups, share, seed=seed)
    stems = unique_stems([s.stem for s in kept])
    renamed = [
        replace(s, stem=stem, validation=bool(v)) for s, stem, v in zip(kept, stems, chosen, strict=True)
    ]
    return sorted(renamed, key=lambda s: s.stem), [(samples[row].item, why) for row, why in unreadable]


def _render(
    layout: Layout,
    made: TrainingSet,
    run: RunFolder,
    look: _Look,
    executor: Executor | None,
    progress: ProgressOption,
) -> list[Placed]:
    pictures = layout.place(made)
    files = [f"{picture.path}.{look.suffix}" for picture in pictures]
    jobs = (_job(p, file, layout, made, run, look) for p, file in zip(pictures, files, strict=True))
    done: list[Rendered] = []
    with (
        reading_threads(executor) as pool,
        show(f"Exporting for {layout.client}", len(pictures), progress, unit="pictures") as bar,
    ):
        for rendered in map_ordered(render, jobs, executor=pool):
            done.append(rendered)
            bar.update()
    return [Placed(*row) for row in zip(pictures, files, done, strict=True)]


def _job(picture: Picture, file: str, layout: Layout, made: TrainingSet, run: RunFolder, look: _Look) -> Job:
    mask = picture.sample.mask
    return Job(
        source=str(picture.sample.file),
        target=str(run.own(file)),
        mask_source=None if mask is None else str(mask),
        mask_target=None if picture.mask is None else str(run.own(picture.mask)),
        alpha=made.matte == "alpha",
        size=look.size,
        square=look.square and look.size is not None,
        background=look.background,
        lengths=layout.lengths,
    )


def _compare(seen: Seen, made: TrainingSet) -> None:
    """Refuse to call done what the client would not see."""
    wanted = (len(made.part(False)), len(made.part(True)))
    if (seen.images, seen.validation) != wanted or seen.problems:
        raise ShoalError(
            f"{seen.client} would see {seen.images} pictures and {seen.validation} for validation, "
            f"not {wanted[0]} and {wanted[1]}; {'; '.join(seen.problems[:3])}",
            hint="Were files put into the folder by others? Export into an empty one.",
        )


def check_dataset(folder: str | os.PathLike[str], *, layout: str | None = None) -> Seen:
    """Read a training set the way its client does, and say what it will see.

    Parameters
    ----------
    folder : path
        What `export_dataset` wrote, perhaps edited since.
    layout : str, optional
        Its layout; known from the export when left out.

    Returns
    -------
    Seen
        ``print`` it.

    Raises
    ------
    MissingError
        There is no such folder, or nothing says which layout it has.
    DamagedError
        Its configuration cannot be read.
    """
    place = Path(folder)
    if not place.is_dir():
        raise MissingError(f"there is no folder {str(folder)!r}", hint="Check the path.")
    if layout is None:
        record = place / RECORD_NAME
        if not record.is_file():
            raise MissingError(f"{str(folder)!r} does not say its layout", hint="Pass layout=….")
        layout = read_json_file(record).get("layout")
        if layout is None:
            raise NotAllowedError(f"the export in {str(folder)!r} was not finished", hint="Export again.")
    return layout_named(str(layout)).read(place)
