"""The one list of models: what each is, where its weights come from, and how it is loaded."""

from __future__ import annotations

import importlib
import importlib.util
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from shoal.backends.protocols import ImageEmbedder, Matte
from shoal.backends.weights import BRING_COMMAND, WEIGHTS, WeightFile, is_present
from shoal.errors import BadInputError, ExistsError, MissingError

__all__ = ["ModelEntry", "choose", "entries", "entry", "load_embedder", "load_matte", "register"]

Kind = Literal["embedding", "matte"]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model.

    Parameters
    ----------
    name : str
        What ``model=`` takes.
    kind : {"embedding", "matte"}
        What it is for.
    loader : str
        ``"module:function"``; imported only when the model is used.
    dims : int
        Length of a vector; 0 for a matte.
    licence : str
        Of the weights, SPDX.
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

    @property
    def sources(self) -> tuple[WeightFile, ...]:
        """Where the weights come from, with their SHA-256."""
        return tuple(WEIGHTS[name] for name in self.weights)

    def remedy(self) -> str:
        """The command that brings what the model lacks: an extra of shoal, or the weights."""
        if any(importlib.util.find_spec(package) is None for package in self.packages):
            return INSTALL_COMMAND
        return BRING_COMMAND

    def absent(self) -> str | None:
        """Why the model cannot be used now, or ``None`` when it can."""
        for package in self.packages:
            if importlib.util.find_spec(package) is None:
                return f"the package {package} is not installed"
        for name in self.weights:
            if not is_present(name):
                return f"its weights are not here (run: {BRING_COMMAND})"
        return None


INSTALL_COMMAND = 'pip install "shoal[embed]"'

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
        "letterbox-grey-1",
        weights=("efficientnet-lite2",), packages=("torch",), threshold=0.55, rank=20,
        about="EfficientNet-Lite2, 24 MB, runs anywhere; the whole subject on grey",
    ),
    ModelEntry(
        "colour", "embedding", "shoal.backends.colour:load", 192, "MIT", "lab-hist-1",
        rank=1, about="colour histogram by zones, needs no weights; groups by colour, not by who it is",
    ),
    ModelEntry(
        "u2netp", "matte", "shoal.backends.u2net:load", 0, "Apache-2.0", "u2netp-320-1",
        weights=("u2netp",), packages=("onnxruntime",), rank=10, about="U²-Net-p, 5 MB: cuts subjects out",
    ),
):  # fmt: skip
    register(_entry)


def entries(kind: Kind | None = None) -> list[ModelEntry]:
    """All registered models, or those of one kind; the best first."""
    found = [e for e in _ENTRIES.values() if kind is None or e.kind == kind]
    return sorted(found, key=lambda e: (e.kind, -e.rank, e.name))


def entry(name: str) -> ModelEntry:
    """Look a model up by name.

    Raises
    ------
    MissingError
        There is none; the hint lists those that there are.
    """
    try:
        return _ENTRIES[name]
    except KeyError:
        raise MissingError(f"There is no model {name!r}", hint=f"Known: {', '.join(_ENTRIES)}.") from None


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
        if reason is None:
            better = f" (better, but not usable: {'; '.join(passed_over)})" if passed_over else ""
            return candidate, f"{candidate.name}: the best model that is here{better}"
        passed_over.append(f"{candidate.name}, {reason}")
    raise MissingError(
        f"No model for {kind} can be used: {'; '.join(passed_over)}", hint=f"Run: {entries(kind)[0].remedy()}"
    )


@lru_cache(maxsize=4)
def _load(loader: str) -> Any:
    module, function = loader.split(":")
    return getattr(importlib.import_module(module), function)()


def load_embedder(name: str) -> ImageEmbedder:
    """Load an embedding model, once a process."""
    model = _load(choose("embedding", name)[0].loader)
    if not isinstance(model, ImageEmbedder):
        raise BadInputError(
            f"The loader of {name!r} gave no embedder", hint="See ImageEmbedder for what it needs."
        )
    return model


def load_matte(name: str) -> Matte:
    """Load a matte model, once a process."""
    model = _load(choose("matte", name)[0].loader)
    if not isinstance(model, Matte):
        raise BadInputError(f"The loader of {name!r} gave no matte", hint="See Matte for what it needs.")
    return model
