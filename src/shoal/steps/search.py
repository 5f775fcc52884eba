"""Finding pictures by words, or by another picture."""

from __future__ import annotations

import os

import numpy as np
import numpy.typing as npt
from PIL import Image

from shoal.backends.devices import How, resolve_how
from shoal.backends.protocols import TextEmbedder
from shoal.backends.registry import choose, entries, load_embedder
from shoal.compute.progress import ProgressOption
from shoal.compute.progress import progress as show
from shoal.data.modes import as_rgb
from shoal.data.pictures import read_picture
from shoal.data.tables import Embeddings, Items
from shoal.errors import BadInputError

__all__ = ["search"]

# CLIP's authors average over such sentences; these are general enough for drawn and rendered pictures.
_SENTENCES = ("{}", "a photo of {}", "a picture of {}", "an animation still of {}")


def _unit(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12)


def _of_words(model: object, name: str, words: str, sentences: bool) -> npt.NDArray[np.float32]:
    if not isinstance(model, TextEmbedder):
        readers = ", ".join(e.name for e in entries("embedding") if e.text)
        raise BadInputError(
            f"The model {name!r} has no text tower, so words cannot be compared with its vectors",
            hint=f"Embed with one that has, for example {readers}; or search by a picture.",
        )
    texts = [text.format(words) for text in _SENTENCES] if sentences else [words]
    return _unit(_unit(model.embed_text(texts)).mean(axis=0))


def search(
    embeddings: Embeddings,
    query: str | os.PathLike[str] | Image.Image,
    *,
    k: int = 50,
    sentences: bool = True,
    progress: ProgressOption = True,
) -> Items:
    """Find the pictures that are most like some words, or like another picture.

    Parameters
    ----------
    embeddings : Embeddings
        Made by `embed`; for words with a model that has a text tower (``open_clip:``, SigLIP, CLIP).
    query : str, path or PIL.Image.Image
        Words; or a picture. A ``str`` is always words, a path is a ``pathlib.Path``.
    k : int
        How many to return at most.
    sentences : bool
        Average the words over a few usual sentences ("a photo of …"), which finds better with CLIP.
    progress : bool or callable
        Show that the model is loaded, or be told ``(what, done, total)``.

    Returns
    -------
    Items
        The most similar first, with a column ``similarity`` (float32, cosine, −1..1). Similarities of words
        and pictures are small numbers: compare them with each other, not with those between pictures.

    Raises
    ------
    BadInputError
        The model has no text tower, the query is empty, ``k`` is below 1, or the picture cannot be read.
    MissingError
        The model that made the embeddings is no longer here.
    """
    if k < 1:
        raise BadInputError(f"k={k} is below 1", hint="Pass 1 or more.")
    if isinstance(query, str) and not query.strip():
        raise BadInputError("The query is empty", hint="Say what to look for.")
    entry, _ = choose("embedding", embeddings.model)
    how = How("cpu", str(embeddings.meta.get("precision") or resolve_how(cpu=entry.cpu, gpu=False).precision))
    with show("Searching", 1, progress, unit="queries") as bar:
        model = load_embedder(entry, how if how.precision in entry.cpu else How())
        if isinstance(query, str):
            wanted = _of_words(model, entry.name, query.strip(), sentences)
        else:
            picture = (
                as_rgb(query, keep_alpha=True)
                if isinstance(query, Image.Image)
                else read_picture(query, min_side=model.least_side, alpha="keep")
            )
            wanted = _unit(model.embed(model.preprocess(picture)[None])[0])
        bar.update()
    return nearest(embeddings, wanted, k)


def nearest(embeddings: Embeddings, wanted: npt.NDArray[np.float32], k: int) -> Items:
    """The ``k`` items most similar to one vector of length 1; unreadable pictures never are.

    Raises
    ------
    BadInputError
        The vector is of another length than the embeddings'.
    """
    if wanted.shape != (embeddings.vectors.shape[1],):
        raise BadInputError(
            f"The query has {wanted.shape} numbers, the embeddings have {embeddings.vectors.shape[1]}",
            hint="Search with the model that made the embeddings.",
        )
    similarity = embeddings.vectors @ wanted
    order = np.argsort(-similarity, kind="stable")[: min(k, int(np.isfinite(similarity).sum()))]
    return embeddings.items.take(order).with_columns(similarity=similarity[order].astype(np.float32))
