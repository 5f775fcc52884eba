"""Progress of a step: a tqdm bar, nothing, or a callback, by one argument."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

__all__ = ["Progress", "ProgressOption", "progress"]

ProgressOption = bool | Callable[[str, int, int | None], None]
"""``True`` shows a tqdm bar, ``False`` nothing; a callable gets ``(what, done, total)``."""


class Progress:
    """One running count; a context manager. Made by `progress`."""

    def __init__(self, what: str, total: int | None, option: ProgressOption, unit: str) -> None:
        self.what, self.total, self.done = what, total, 0
        self._call = option if callable(option) else None
        self._bar: Any = None
        if option is True:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=total, desc=what, unit=f" {unit}", leave=True, dynamic_ncols=True)
        self._tell()

    def _tell(self) -> None:
        if self._call is not None:
            self._call(self.what, self.done, self.total)

    def update(self, n: int = 1) -> None:
        """Count ``n`` more units as done."""
        self.done += n
        if self._bar is not None:
            self._bar.update(n)
        self._tell()

    def note(self, text: str) -> None:
        """Show a short text beside the bar."""
        if self._bar is not None:
            self._bar.set_postfix_str(text, refresh=False)

    def close(self) -> None:
        """Finish the bar; called by ``with``."""
        if self._bar is not None:
            self._bar.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def progress(
    what: str, total: int | None = None, option: ProgressOption = True, *, unit: str = "items"
) -> Progress:
    """Start a progress display.

    Parameters
    ----------
    what : str
        What is being done, in two or three words.
    total : int, optional
        Number of units, when known.
    option : bool or callable
        As the ``progress=`` argument of a step.
    unit : str
        Name of one unit, plural.

    Returns
    -------
    Progress
        To be used in a ``with`` statement.
    """
    return Progress(what, total, option, unit)
