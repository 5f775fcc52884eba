"""The one list of models: what each is, where its weights come from, and how it is loaded."""

from __future__ import annotations

import importlib
import importlib.util
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from shoal.backends.devices import How, resolve_how
from shoal.backends.face_geometry import ALIGNED
from shoal.backends.face_models import SFACE_THRESHOLD
from shoal.backends.framing import FRAMING_VERSION
from shoal.backends.hub import HUB_COMMAND, cached_snapshot, is_offline
from shoal.backends.protocols import ImageEmbedder, Matte
from shoal.backends.rembg_files import file_of
from shoal.backends.weights import BRING_COMMAND, WEIGHTS, WeightFile, is_present
from shoal.errors import BadInputError, ExistsError, MissingError

__all__ = [
    "FAMILIES",
    "ModelEntry",
    "choose",
    "entries",
    "entry",
    "load_embedder",
    "load_matte",
    "load_nsfw",
    "register",
    "version",
]

Kind = Literal["embedding", "face", "matte", "nsfw"]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model.

    Parameters
    ----------
    name : str
        What ``model=`` takes.
    kind : {"embedding", "face", "matte", "nsfw"}
        What it is for.
    loader : str
        ``"module:function"``; imported only when the model is used. Loaders of embeddings are called with
        ``argument`` and a `shoal.backends.devices.How`, others with nothing.
    dims : int
        Length of a vector; 0 for a matte.
    licence : str
        Of the weights, SPDX.
    terms : str
        Where their makers say so: a page to read before the weights are used for more than a trial.
    preprocessing : str
        Version of how a picture is made into the model's input. A change of it makes cached vectors stale.
    weights : tuple of str
        Names of its files in `shoal.backends.weights.WEIGHTS`; empty when it needs none.
    packages : tuple of str
        Modules that must be importable.
    threshold : float or None
        Cosine similarity from which two pictures of one character are more likely than not, where it was
        measured.
    rank : int
        Higher is better; decides ``model="auto"`` among those that are present.
    about : str
        One line for people.
    argument : str
        What the loader is given: the part of the name after the family.
    cpu : tuple of str
        Precisions that it is offered in on processors, the fastest first.
    gpu : bool
        Whether it runs on a GPU.
    text : bool
        Whether it has a text tower, so that words find pictures.
    repository : str
        Where its weights are downloaded from on first use: a repository (``owner/name``) of the Hugging Face
        hub.
    file : str
        Name of a file that people bring themselves; see `shoal.backends.rembg_files`.
    """

    name: str
    kind: Kind
    loader: str
    dims: int
    licence: str
    preprocessing: str
    weights: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    threshold: float | None = None
    rank: int = 0
    about: str = ""
    argument: str = ""
    cpu: tuple[str, ...] = ("fp32",)
    gpu: bool = False
    text: bool = False
    repository: str = ""
    file: str = ""
    terms: str = ""

    @property
    def sources(self) -> tuple[WeightFile, ...]:
        """Where the weights come from, with their SHA-256."""
        return tuple(WEIGHTS[name] for name in self.weights)

    def remedy(self) -> str:
        """The command that brings what the model lacks: an extra of shoal, or the weights."""
        if any(importlib.util.find_spec(package) is None for package in self.packages):
            if self.kind == "face":
                return FACES_COMMAND
            return HUB_COMMAND if self.name.startswith(tuple(FAMILIES)) else INSTALL_COMMAND
        if self.file:
            return f"rembg d {self.file}, or put {self.file}.onnx into ~/.u2net"
        if self.repository:
            return f"unset HF_HUB_OFFLINE, or fetch the repository {self.repository} with a network"
        return BRING_COMMAND

    def absent(self) -> str | None:
        """Why the model cannot be used now, or ``None`` when it can."""
        for package in self.packages:
            if importlib.util.find_spec(package) is None:
                return f"the package {package} is not installed"
        for name in self.weights:
            if not is_present(name):
                return f"its weights are not here (run: {BRING_COMMAND})"
        if self.file and file_of(self.file) is None:
            return f"there is no {self.file}.onnx in rembg's folder"
        if self.repository and is_offline() and cached_snapshot(self.repository) is None:
            return f"{self.repository} was never downloaded, and HF_HUB_OFFLINE forbids to"
        return None

    @property
    def present(self) -> bool:
        """Whether it can be used without a download."""
        if self.absent() is not None:
            return False
        return not self.repository or cached_snapshot(self.repository) is not None


FAMILIES = {
    "open_clip:": ("shoal.backends.open_clip", "open_clip:ViT-B-32/laion2b_s34b_b79k, open_clip:ARCH@file"),
    "hf-hub:": ("shoal.backends.open_clip", "hf-hub:owner/name, an open_clip model of the hub"),
    "local-dir:": ("shoal.backends.open_clip", "local-dir:folder, an open_clip model in a folder"),
    "timm:": ("shoal.backends.timm_models", "timm:vit_small_patch14_dinov2.lvd142m, timm:NAME@file"),
    "transformers:": ("shoal.backends.transformers_models", "transformers:google/siglip2-base-patch16-224"),
    "onnx:": ("shoal.backends.onnx", "onnx:path/to/tower.toml, see OnnxDeclaration"),
}
"""Beginnings of names that stand for whole families of models: prefix → (module, examples)."""

INSTALL_COMMAND = 'pip install "shoal[embed]"'
FACES_COMMAND = 'pip install "shoal[faces]"'
_TORCH_CPU = ("bf16", "fp32")

_HUB = "https://huggingface.co"
_U2NET = "https://github.com/xuebinqin/U-2-Net/issues/208"
_CLIP = ("shoal.backends.open_clip", ("open_clip", "torch"))
_TIMM = ("shoal.backends.timm_models", ("timm", "torch"))
# name, module and packages, dims, licence, version, rank, text tower, repository, about, terms
FEATURED = (
    (
        "open_clip:ViT-B-32/laion2b_s34b_b79k", _CLIP, 512, "MIT", "+laion2b_s34b_b79k", 30, True,
        "laion/CLIP-ViT-B-32-laion2B-s34B-b79K", "CLIP ViT-B/32, the usual one; words find pictures",
        f"{_HUB}/laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
    ),
    (
        "open_clip:ViT-L-14/datacomp_xl_s13b_b90k", _CLIP, 768, "MIT", "+datacomp_xl_s13b_b90k", 34, True,
        "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K", "CLIP ViT-L/14, better and 20 × slower than B/32",
        f"{_HUB}/laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K",
    ),
    (
        "open_clip:ViT-B-16-SigLIP2/webli", _CLIP, 768, "Apache-2.0", "+webli", 36, True,
        "timm/ViT-B-16-SigLIP2", "SigLIP 2 ViT-B/16; words find pictures",
        "https://github.com/google-research/big_vision#license",
    ),
    (
        "timm:vit_small_patch14_dinov2.lvd142m", _TIMM, 384, "Apache-2.0", "", 32, False,
        "timm/vit_small_patch14_dinov2.lvd142m", "DINOv2 ViT-S/14 at 518 px: looks, not words",
        "https://github.com/facebookresearch/dinov2#license",
    ),
)  # fmt: skip

_ENTRIES: dict[str, ModelEntry] = {}
_LOCK = threading.Lock()


def register(new: ModelEntry) -> ModelEntry:
    """Add a model to the registry.

    Raises
    ------
    ExistsError
        The name is taken.
    """
    with _LOCK:
        if new.name in _ENTRIES:
            raise ExistsError(
                f"A model called {new.name!r} is registered already", hint="Choose another name."
            )
        _ENTRIES[new.name] = new
    return new


for _entry in (
    ModelEntry(
        "efficientnet-lite2", "embedding", "shoal.backends.efficientnet_lite:load", 1280, "Apache-2.0",
        "letterbox-grey-2",
        weights=("efficientnet-lite2",), packages=("torch",), threshold=0.55, rank=20, gpu=True,
        cpu=_TORCH_CPU, about="EfficientNet-Lite2, 24 MB, runs anywhere; the whole subject on grey",
        terms="https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
    ),
    ModelEntry(
        "colour", "embedding", "shoal.backends.colour:load", 192, "MIT", "lab-hist-2",
        rank=1, about="colour histogram by zones, needs no weights; groups by colour, not by who it is",
    ),
    *(
        ModelEntry(
            name, "embedding", f"{home[0]}:load", dims, licence, f"{FRAMING_VERSION}{weights}",
            packages=home[1], rank=rank, about=about, argument=name.partition(":")[2], cpu=_TORCH_CPU,
            gpu=True, text=text, repository=repository, terms=terms,
        )
        for name, home, dims, licence, weights, rank, text, repository, about, terms in FEATURED
    ),
    ModelEntry(
        "u2netp", "matte", "shoal.backends.u2net:load", 0, "Apache-2.0", "u2netp-320-1",
        weights=("u2netp",), packages=("onnxruntime",), rank=10, about="U²-Net-p, 5 MB: cuts subjects out",
        terms=_U2NET,
    ),
    *(
        ModelEntry(
            name, "matte", f"shoal.backends.rembg_files:{loader}", 0, "Apache-2.0", version,
            packages=("onnxruntime",), rank=rank, about=about, file=name, terms=terms,
        )
        for name, loader, version, rank, about, terms in (
            ("isnet-general-use", "load_isnet", "isnet-1024-1", 30, "ISNet, 179 MB, from rembg's folder",
             "https://github.com/xuebinqin/DIS#7-term-of-use"),
            ("isnet-anime", "load_isnet_anime", "isnet-1024-1", 4, "ISNet for drawn figures, rembg's file",
             "https://github.com/SkyTNT/anime-segmentation"),
            ("u2net", "load_u2net", "u2netp-320-1", 20, "U²-Net, 176 MB, from rembg's folder", _U2NET),
        )
    ),
    ModelEntry(
        "yunet-sface", "face", "shoal.backends.yunet_sface:load", 128, "MIT AND Apache-2.0", ALIGNED,
        weights=("yunet", "sface"), packages=("cv2", "onnxruntime"), threshold=SFACE_THRESHOLD, rank=10,
        about="YuNet finds faces, SFace describes them; 11 MB together",
        terms="https://github.com/opencv/opencv_zoo/tree/main/models",
    ),
    ModelEntry(
        "open-nsfw", "nsfw", "shoal.backends.nsfw:load", 0, "BSD-2-Clause", "open-nsfw-224-1",
        weights=("open-nsfw",), packages=("onnxruntime",), rank=10, about="Open NSFW: a score, no verdict",
        terms="https://github.com/yahoo/open_nsfw#license",
    ),
):  # fmt: skip
    register(_entry)


def entries(kind: Kind | None = None) -> list[ModelEntry]:
    """All registered models, or those of one kind; the best first."""
    found = [e for e in _ENTRIES.values() if kind is None or e.kind == kind]
    return sorted(found, key=lambda e: (e.kind, -e.rank, e.name))


def entry(name: str) -> ModelEntry:
    """Look a model up by name: a registered one, or any of a family (``open_clip:``, ``timm:``, …).

    Raises
    ------
    MissingError
        There is none; the hint lists those that there are. Of a family: it has no such model, or the package
        or file that it needs is not there.
    """
    if name in _ENTRIES:
        return _ENTRIES[name]
    for prefix, (module, _) in FAMILIES.items():
        if name.startswith(prefix) and len(name) > len(prefix):
            return _of_family(name, prefix, module)
    known = [e.name for e in _ENTRIES.values() if not e.repository]
    examples = "; ".join(example for _, example in FAMILIES.values())
    raise MissingError(
        f"There is no model {name!r}", hint=f"Known: {', '.join(known)}. Families: {examples}."
    ) from None


def _of_family(name: str, prefix: str, module: str) -> ModelEntry:
    """Describe a model of a family by what its module finds out, without loading weights."""
    argument = name if prefix in ("hf-hub:", "local-dir:") else name.removeprefix(prefix)
    facts = importlib.import_module(module).facts(argument)
    onnx = prefix == "onnx:"
    return ModelEntry(
        name, "embedding", f"{module}:load", facts["dims"], facts.get("licence") or "unknown",
        f"{FRAMING_VERSION}+{facts['version']}" if facts["version"] else FRAMING_VERSION,
        packages=("onnxruntime",) if onnx else ("torch",),
        about=f"{name}, by its own library", argument=argument, cpu=("fp32",) if onnx else _TORCH_CPU,
        gpu=True, text=facts["text"], repository=facts["repository"],
    )  # fmt: skip


def choose(kind: Kind, name: str = "auto") -> tuple[ModelEntry, str]:
    """Resolve ``model=``: ``"auto"`` takes the best model that can be used now.

    Returns
    -------
    tuple of (ModelEntry, str)
        The model, and why it was taken, in words.

    Raises
    ------
    BadInputError
        The named model is of another kind.
    MissingError
        The named model, or every model of the kind, lacks a package or its weights.
    """
    if name != "auto":
        named = entry(name)
        if named.kind != kind:
            usable = ", ".join(e.name for e in entries(kind))
            raise BadInputError(
                f"{name!r} is a model for {named.kind}, not {kind}", hint=f"Usable here: {usable}."
            )
        reason = named.absent()
        if reason:
            raise MissingError(f"The model {name!r} cannot be used: {reason}", hint=f"Run: {named.remedy()}")
        return named, f"{name}, as asked"
    passed_over: list[str] = []
    for candidate in entries(kind):
        reason = candidate.absent()
        if reason is None and candidate.present:
            better = f" (better, but not usable: {'; '.join(passed_over)})" if passed_over else ""
            return candidate, f"{candidate.name}: the best model that is here{better}"
        if not candidate.repository and not candidate.file:  # what nobody has brought is no loss
            passed_over.append(f"{candidate.name}, {reason}")
    first = next(e for e in entries(kind) if not e.repository and not e.file)
    raise MissingError(
        f"No model for {kind} can be used: {'; '.join(passed_over)}", hint=f"Run: {first.remedy()}"
    )


def version(model: ModelEntry, how: How) -> str:
    """What cached vectors are kept under beside the name: preprocessing, weights and precision."""
    exact = how.precision == "fp32" and how.device == "cpu"
    return model.preprocessing if exact else f"{model.preprocessing}+{how.precision}"


@lru_cache(maxsize=4)
def _load(loader: str, *arguments: Any) -> Any:
    module, function = loader.split(":")
    return getattr(importlib.import_module(module), function)(*arguments)


_LOADING = threading.Lock()


def load_embedder(name: str | ModelEntry, how: How | None = None) -> ImageEmbedder:
    """Load an embedding model, once a process.

    Parameters
    ----------
    name : str or ModelEntry
        An entry is taken as it is, so that another process need not know what was registered here.
    how : How, optional
        Default: the best of this machine.
    """
    model = choose("embedding", name)[0] if isinstance(name, str) else name
    how = how or resolve_how(cpu=model.cpu, gpu=model.gpu)
    with _LOADING:  # several threads may ask at once
        loaded = _load(model.loader, model.argument, how)
    if not isinstance(loaded, ImageEmbedder):
        raise BadInputError(
            f"The loader of {model.name!r} gave no embedder", hint="See ImageEmbedder for what it needs."
        )
    return loaded


def load_matte(name: str) -> Matte:
    """Load a matte model, once a process."""
    model = _load(choose("matte", name)[0].loader)
    if not isinstance(model, Matte):
        raise BadInputError(f"The loader of {name!r} gave no matte", hint="See Matte for what it needs.")
    return model


def load_nsfw(name: str = "auto") -> Any:
    """Load a scorer of `shoal.backends.nsfw`, once a process."""
    return _load(choose("nsfw", name)[0].loader)
