"""Any ONNX image tower with a small declaration beside it: ``onnx:path/to/tower.toml`` (or ``.json``)."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from shoal.backends.devices import How
from shoal.backends.framing import Framing
from shoal.backends.hub import checkpoint_version
from shoal.backends.tower import Tower
from shoal.errors import BadInputError, MissingError

__all__ = ["OnnxDeclaration", "facts", "load", "read_declaration"]

EMBED_COMMAND = 'pip install "shoal[embed]"'


@dataclass(frozen=True, slots=True)
class OnnxDeclaration:
    """What shoal has to know of an ONNX file to embed pictures with it.

    Parameters
    ----------
    file : str
        The ``.onnx`` file, relative to the declaration.
    side : int
        Pixels of the square input.
    dims : int
        Length of a vector.
    mean, std : tuple of float
        Per channel, for pixels 0..1. For a model that takes 0..255 as it is: mean 0, std 1/255.
    layout : {"nchw", "nhwc"}
    channels : {"rgb", "bgr"}
    resize : {"shortest", "longest", "squash"}
        See `shoal.backends.framing.Framing`.
    scale_to : int
        Length of the shortest side before the crop; 0 means ``side``.
    interpolation : {"bicubic", "bilinear"}
    input, output : str
        Names in the file; empty: its first. An output of shape (n, tokens, dims) gives its first token, one
        of shape (n, dims, h, w) its mean.
    licence, about : str
        For people.
    """

    file: str
    side: int
    dims: int
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    layout: Literal["nchw", "nhwc"] = "nchw"
    channels: Literal["rgb", "bgr"] = "rgb"
    resize: Literal["shortest", "longest", "squash"] = "shortest"
    scale_to: int = 0
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    input: str = ""
    output: str = ""
    licence: str = ""
    about: str = ""


_CHOICES = {
    "layout": ("nchw", "nhwc"),
    "channels": ("rgb", "bgr"),
    "resize": ("shortest", "longest", "squash"),
    "interpolation": ("bicubic", "bilinear"),
}


def read_declaration(path: Path) -> OnnxDeclaration:
    """Read and check a declaration.

    Raises
    ------
    MissingError
        The declaration or the file that it names is not there.
    BadInputError
        It cannot be parsed, or a field is unknown, missing or wrong.
    """
    if not path.is_file():
        raise MissingError(f"There is no declaration {str(path)!r}", hint="Write one; see OnnxDeclaration.")
    text = path.read_text(encoding="utf-8")
    try:
        given: dict[str, Any] = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise BadInputError(
            f"{str(path)!r} cannot be read: {error}", hint="TOML or JSON is wanted."
        ) from error
    known = [field.name for field in fields(OnnxDeclaration)]
    if unknown := sorted(set(given) - set(known)):
        raise BadInputError(
            f"{str(path)!r} has unknown fields: {', '.join(unknown)}", hint=f"Known: {', '.join(known)}."
        )
    if missing := [name for name in ("file", "side", "dims") if name not in given]:
        raise BadInputError(f"{str(path)!r} lacks {', '.join(missing)}", hint="See OnnxDeclaration.")
    for name, choices in _CHOICES.items():
        if given.get(name, choices[0]) not in choices:
            raise BadInputError(
                f"{str(path)!r}: {name} = {given[name]!r}", hint=f"One of: {', '.join(choices)}."
            )
    for name in ("mean", "std"):
        if name in given:
            given[name] = tuple(float(value) for value in given[name])
            if len(given[name]) != 3:
                raise BadInputError(f"{str(path)!r}: {name} has {len(given[name])} values", hint="Three.")
    declared = OnnxDeclaration(**given)
    if not (path.parent / declared.file).is_file():
        raise MissingError(
            f"{str(path)!r} names {declared.file!r}, which is not beside it", hint="Put the ONNX file there."
        )
    return declared


def facts(argument: str) -> dict[str, Any]:
    """What the registry wants to know of a declaration."""
    path = Path(argument).expanduser()
    declared = read_declaration(path)
    settings = [
        str(getattr(declared, f.name)) for f in fields(declared) if f.name not in ("licence", "about")
    ]
    return {
        "dims": declared.dims,
        "version": checkpoint_version(path.parent / declared.file) + "-" + "|".join(settings),
        "repository": "",
        "licence": declared.licence,
        "text": False,
    }


class _Session:
    """An onnxruntime session as a function of stacked 8-bit pictures."""

    def __init__(self, declared: OnnxDeclaration, file: Path, how: How) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise MissingError("ONNX models need onnxruntime", hint=f"Run: {EMBED_COMMAND}") from error
        options = onnxruntime.SessionOptions()
        # One thread an inference: several batches run side by side, and the bytes do not depend on the cores.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        if how.device == "cuda":
            providers.insert(0, "CUDAExecutionProvider")
        try:
            self._session = onnxruntime.InferenceSession(str(file), options, providers=providers)
        except Exception as error:  # onnxruntime's own errors have no common base but Exception
            if type(error).__module__.startswith("onnxruntime"):
                raise BadInputError(
                    f"{str(file)!r} cannot be loaded: {error}", hint="It is no ONNX model that runs here."
                ) from error
            raise
        inputs = {i.name: i for i in self._session.get_inputs()}
        outputs = [o.name for o in self._session.get_outputs()]
        for wanted, names, what in (
            (declared.input, list(inputs), "input"),
            (declared.output, outputs, "output"),
        ):
            if wanted and wanted not in names:
                raise BadInputError(
                    f"{str(file)!r} has no {what} {wanted!r}", hint=f"It has: {', '.join(names)}."
                )
        self._input = inputs[declared.input or next(iter(inputs))]
        self._output = declared.output or outputs[0]
        # A file with a fixed batch of 1 takes its pictures one by one.
        self._alone = self._input.shape and self._input.shape[0] == 1
        self._declared = declared
        self._mean = np.asarray(declared.mean, dtype=np.float32) * 255.0
        self._scale = 1.0 / (np.asarray(declared.std, dtype=np.float32) * 255.0)

    def __call__(self, batch: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        pixels = batch[..., ::-1] if self._declared.channels == "bgr" else batch
        values = (pixels.astype(np.float32) - self._mean) * self._scale
        if self._declared.layout == "nchw":
            values = values.transpose(0, 3, 1, 2)
        values = np.ascontiguousarray(values)
        if self._input.type == "tensor(float16)":
            values = values.astype(np.float16)
        parts = [values[i : i + 1] for i in range(len(values))] if self._alone else [values]
        found = [np.asarray(self._session.run([self._output], {self._input.name: p})[0]) for p in parts]
        features = np.concatenate(found).astype(np.float32)
        if features.ndim == 3:
            features = features[:, 0]
        elif features.ndim == 4:
            features = features.mean(axis=(2, 3))
        if features.shape != (len(batch), self._declared.dims):
            raise BadInputError(
                f"Output {self._output!r} of {self._declared.file!r} has shape {features.shape}",
                hint=f"The declaration says dims = {self._declared.dims}; or name another output.",
            )
        return features


def load(argument: str, how: How) -> Tower:
    """Load the model of a declaration."""
    path = Path(argument).expanduser()
    declared = read_declaration(path)
    framing = Framing(declared.side, declared.resize, declared.scale_to, declared.interpolation)
    run = _Session(declared, path.parent / declared.file, how)
    return Tower(f"onnx:{argument}", declared.dims, framing, run)
