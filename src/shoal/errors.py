"""Every error that shoal raises on purpose: one base, one line of meaning each."""

from __future__ import annotations

__all__ = [
    "BadInputError",
    "ConflictError",
    "DamagedError",
    "ExistsError",
    "MissingError",
    "NameRefusedError",
    "NotAllowedError",
    "SaveError",
    "ShoalError",
]


class ShoalError(Exception):
    """Base of all errors of shoal.

    Parameters
    ----------
    message : str
        What is wrong, naming the file or the value.
    hint : str, optional
        The way out, in one sentence.

    Attributes
    ----------
    code : str
        Stable machine-readable name, sent to the widget with the message.
    """

    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  → {self.hint}" if self.hint else self.message


class BadInputError(ShoalError, ValueError):
    """A value or file that was handed in cannot be used."""

    code = "bad_input"


class MissingError(ShoalError, LookupError):
    """Something that was named does not exist: an item, a cluster, a file, weights, a package."""

    code = "missing"


class ExistsError(ShoalError, FileExistsError):
    """A target exists already and would have to be replaced; pass ``force=True`` or choose another."""

    code = "exists"


class NameRefusedError(BadInputError):
    """A name that cannot be a folder everywhere, or that is taken or reserved."""

    code = "name_refused"


class NotAllowedError(ShoalError):
    """The action is known but not possible in the present state."""

    code = "not_allowed"


class ConflictError(ShoalError):
    """Somebody else changed the same thing first: a stale revision or a changed folder."""

    code = "conflict"


class DamagedError(ShoalError):
    """Stored data fails its checksum, or has a gap; nothing is guessed."""

    code = "damaged"


class SaveError(ShoalError):
    """A save was refused or rolled back; the edits are kept and the state is still unsaved."""

    code = "save_failed"
