"""The review: what a notebook holds in its hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import numpy.typing as npt

from shoal.errors import BadInputError, MissingError, NotAllowedError
from shoal.review import commands as cmd
from shoal.review import frames
from shoal.review import rows as rowsets
from shoal.review.naming import find_cluster, free_name
from shoal.review.opening import open_session
from shoal.review.opinions import Opinions
from shoal.review.proposals import Method, SplitProposal
from shoal.review.quality import LazyQuality, Quality
from shoal.review.records import NOISE, RESERVED, TRASH
from shoal.review.rows import Rows
from shoal.review.saving import plan_save, restore_session, save_session
from shoal.review.selection import Selection
from shoal.review.session import Session
from shoal.review.splitting import accept_proposal, propose_for

if TYPE_CHECKING:
    import pandas as pd

    from shoal.disk.plan import Plan
    from shoal.disk.save import SaveRecord
    from shoal.disk.verify import Verification

__all__ = ["ItemsLike", "Review", "open_review"]

ItemsLike = str | Iterable[str] | npt.NDArray[Any]
"""Items as Python code names them: an id, several ids, or an array of row numbers or booleans."""


def open_review(
    folder: str | Path, *, check: Literal["auto", "all", "none"] = "auto", actor: str | None = None
) -> Review:
    """Open a clustered folder for review. An interrupted save is brought to its end or taken back first.

    Parameters
    ----------
    folder : path
        ``<folder>/<cluster>/*`` with pictures of any kind; ``noise/``, ``trash/`` and ``cluster_report.json``
        if there.
    check : {"auto", "all", "none"}
        Whether to look into every picture for damage now; ``"auto"`` does for folders of up to 20,000.
    actor : str, optional
        Who is editing, for the log; the name of the logged-in user when left out.

    Returns
    -------
    Review
        With all earlier edits and their history.

    Raises
    ------
    MissingError
        When there is no such folder.
    DamagedError
        When the edit log or the snapshots are damaged in a way that would need guessing.
    """
    root = Path(folder).expanduser().absolute()
    if not root.is_dir():
        raise MissingError(
            f"there is no folder {str(folder)!r}", hint="Give the folder that holds the cluster folders."
        )
    session, found = open_session(root, check=check, actor=actor)
    return Review(session, root, broken=found.broken)


class Review:
    """Clusters of pictures under review.

    Every edit is checked, logged and can be undone; no file moves before a save.

    Items are named by their id (the path they had when the folder was first opened) or by their present path,
    clusters by name or id. ``"noise"`` and ``"trash"`` are always there.

    Parameters
    ----------
    session : Session
        State, history and log.
    root : Path or None
        The folder; None for a review that lives in memory only.
    broken : sequence of (path, reason)
        Files that cannot be shown.
    """

    def __init__(
        self, session: Session, root: Path | None, *, broken: Sequence[tuple[str, str]] = ()
    ) -> None:
        self.session = session
        self.root = root
        self.broken = list(broken)
        self._selection = Selection()
        self._quality = LazyQuality(session, root)
        self.opinions = Opinions(session, self._quality)

    # ------------------------------------------------------------------------------------------------ looking
    def __len__(self) -> int:
        return len(self.session.state)

    def __repr__(self) -> str:
        state, history = self.session.state, self.session.history
        where = f" in {self.root.name!r}" if self.root else ""
        unsaved = f", {history.unsaved} edits not saved" if history.unsaved else ""
        return (
            f"Review({len(state):,} items, {len(state.clusters):,} clusters, "
            f"{state.size(-1):,} noise{where}{unsaved}; shoal.browse(review) opens the browser)"
        )

    @property
    def revision(self) -> int:
        """Number of the last record of the edit log."""
        return self.session.revision

    @property
    def clusters(self) -> pd.DataFrame:
        """The clusters, largest first: id, name, size, description, tags, reviewed."""
        return frames.clusters_frame(self.session)

    def items(self, cluster: str | None = None) -> list[str]:
        """Ids of the items of a cluster (by name or id), or of all items."""
        if cluster is None:
            return list(self.session.table.ids)
        rows = self.session.state.members(self.session.state.code_of(self.cluster_id(cluster)))
        return [self.session.table.ids[row] for row in rows.tolist()]

    def table(self) -> pd.DataFrame:
        """All items as a table: id, path, cluster, tags, caption, and the columns of facts."""
        return frames.items_frame(self.session)

    def file(self, item: str) -> Path:
        """Where the picture of an item is now."""
        return self._folder() / self.session.table.paths[self.session.table.row(item)]

    def cluster_id(self, cluster: str) -> str:
        """Id of a cluster given by name or id.

        Raises
        ------
        MissingError
            When there is none; the message offers names that are close.
        """
        return find_cluster(self.session.state, cluster)

    def rows(self, items: ItemsLike) -> Rows:
        """Row numbers of items, for use with the columns of :meth:`table`."""
        if isinstance(items, str):
            return np.array([self.session.table.row(items)], np.int64)
        if isinstance(items, np.ndarray):
            array = cast("npt.NDArray[Any]", items)
            if array.dtype == bool and len(array) != len(self):
                raise BadInputError(
                    f"a mask of {len(array)} for {len(self)} items", hint="One value per item."
                )
            if array.dtype.kind in "biu":
                return rowsets.as_rows(array)
            items = cast("list[str]", array.tolist())
        return rowsets.as_rows([self.session.table.row(str(item)) for item in items])

    @property
    def quality(self) -> Quality | None:
        """How well items fit their clusters; None when the review has no vectors. Made at first use."""
        return self._quality.get()

    def use_vectors(
        self, vectors: npt.NDArray[np.float32], *, name: str | None = None, beside: bool = False
    ) -> None:
        """Give the review vectors, one for each item (NaN for none): for cohesion, outliers and proposals.

        ``name`` is what they go by (``"face"``). With ``beside=True`` they are a second opinion: the queue,
        the browser and :meth:`disagreement` say where it differs.
        """
        self.opinions.use(vectors, name=name, beside=beside)

    def disagreement(self) -> pd.DataFrame:
        """Items that two models would put into different clusters, the surest first, and ``why``."""
        return frames.disagreement_frame(self.session, self.opinions)

    # ---------------------------------------------------------------------------------------------- selection
    @property
    def selection(self) -> list[str]:
        """Ids of the selected items: the same selection as in every view. Assign items to set it."""
        return [self.session.table.ids[row] for row in self.selected_rows.tolist()]

    @selection.setter
    def selection(self, items: ItemsLike) -> None:
        self.select(self.rows(items))

    @property
    def selected_rows(self) -> Rows:
        """Row numbers of the selected items."""
        return self._selection.rows

    def select(self, rows: Rows, *, source: str | None = None) -> None:
        """Set the selection by row numbers and tell every view but ``source``."""
        self._selection.set(rows, source)

    def on_select(self, callback: Callable[[Rows, str | None], None]) -> Callable[[], None]:
        """Call ``callback(rows, source)`` when the selection changes; returns the function that stops it."""
        return self._selection.listen(callback)

    # ------------------------------------------------------------------------------------------------ editing
    def move(self, items: ItemsLike, to: str) -> None:
        """Move items into a cluster."""
        self.session.do(cmd.MoveItems(self.rows(items), self.cluster_id(to)))

    def to_noise(self, items: ItemsLike) -> None:
        """Move items to noise."""
        self.session.do(cmd.MoveItems(self.rows(items), NOISE))

    def trash(self, items: ItemsLike) -> None:
        """Put items into the trash: a folder of its own after the next save; nothing is ever deleted."""
        self.session.do(cmd.TrashItems(self.rows(items)))

    def restore_items(self, items: ItemsLike | None = None) -> None:
        """Bring items back from the trash (all of it when left out), each to the cluster it was in."""
        rows = self.session.state.members(RESERVED[TRASH]) if items is None else self.rows(items)
        self.session.do(cmd.RestoreItems(rows))

    def merge(self, clusters: Sequence[str], *, name: str, into: str | None = None) -> str:
        """Join clusters under one name; returns the id of the result. ``into`` keeps its cover and colour."""
        target = None if into is None else self.cluster_id(into)
        command = cmd.MergeClusters([self.cluster_id(c) for c in clusters], name, target)
        return str(self.session.do(command).cluster)

    def split(self, items: ItemsLike, *, name: str | None = None) -> str:
        """Put items into a new cluster; returns its id."""
        command = cmd.SplitCluster(self.rows(items), name or free_name(self.session.state))
        return str(self.session.do(command).cluster)

    def propose_split(
        self, cluster: str, *, method: Method = "auto", seed: int = 0, progress: bool = False
    ) -> SplitProposal:
        """Find the parts of a mixed cluster; nothing changes before :meth:`accept_split`.

        ``method`` is ``"natural"`` (along gaps between its items: condensed tree), ``"even"`` (k-means) or
        ``"auto"``, whichever is clearer. The same seed gives the same parts.

        Raises
        ------
        MissingError
            When the review has neither vectors nor a map.
        """
        return propose_for(self, self.cluster_id(cluster), method=method, seed=seed, bar=progress)

    def accept_split(
        self,
        proposal: SplitProposal,
        parts: int | None = None,
        *,
        take: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
    ) -> list[str]:
        """Carry out a proposal as one edit; returns the ids of the new clusters.

        ``parts`` is their number (as suggested when left out); ``take`` says which of them leave the cluster
        (all but the largest, part 0), ``names`` what they are called (``<cluster>_2`` and so on).

        Raises
        ------
        ConflictError
            When the cluster has changed since.
        """
        return accept_proposal(self.session, proposal, parts, take=take, names=names)

    def create(self, name: str) -> str:
        """Make an empty cluster; returns its id."""
        return str(self.session.do(cmd.CreateCluster(name)).cluster)

    def rename(self, cluster: str, name: str) -> None:
        """Give a cluster another name. A taken name is refused: merge instead."""
        self.session.do(cmd.RenameCluster(self.cluster_id(cluster), name))

    def describe(self, cluster: str, description: str) -> None:
        """Set the description of a cluster."""
        self.session.do(cmd.DescribeCluster(self.cluster_id(cluster), description))

    def delete(self, cluster: str) -> None:
        """Remove a cluster; its items go to noise."""
        self.session.do(cmd.DeleteCluster(self.cluster_id(cluster)))

    def set_cover(self, cluster: str, item: str | None) -> None:
        """Choose the cover picture of a cluster; None lets the views choose."""
        row = None if item is None else self.session.table.row(item)
        self.session.do(cmd.SetCover(self.cluster_id(cluster), row))

    def mark_reviewed(self, clusters: str | Sequence[str], reviewed: bool = True) -> None:
        """Mark clusters as reviewed, or not."""
        names = [clusters] if isinstance(clusters, str) else clusters
        self.session.do(cmd.MarkReviewed([self.cluster_id(c) for c in names], reviewed))

    def tag_clusters(
        self, clusters: str | Sequence[str], *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> None:
        """Add and remove tags of clusters."""
        names = [clusters] if isinstance(clusters, str) else clusters
        self.session.do(cmd.TagClusters([self.cluster_id(c) for c in names], add, remove))

    def tag(self, items: ItemsLike, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Add and remove tags of items."""
        self.session.do(cmd.TagItems(self.rows(items), add, remove))

    def caption(self, items: ItemsLike, caption: str) -> None:
        """Set the caption of items; an empty one removes it."""
        self.session.do(cmd.CaptionItems(self.rows(items), caption))

    def pin(self, items: ItemsLike, pinned: bool = True) -> None:
        """Say that items are where they belong, so that nothing automatic moves them; or take that back."""
        self.session.do(cmd.PinItems(self.rows(items), pinned))

    def link(self, item: str, other: str, kind: Literal["must", "cannot", "unsure"] | None) -> None:
        """Say of two items that they are one character, two, or that nobody can tell; None forgets it."""
        table = self.session.table
        self.session.do(cmd.LinkItems([cmd.Link.of(table.ids, table.row(item), table.row(other), kind)]))

    # ------------------------------------------------------------------------------------------------ history
    def undo(self) -> str:
        """Take back the last edit; returns what was undone."""
        return self.session.undo()

    def redo(self) -> str:
        """Carry out the last undone edit again; returns what was redone."""
        return self.session.redo()

    def jump(self, cursor: int) -> str:
        """Go to any point of the history: ``cursor`` edits in force."""
        return self.session.jump(cursor)

    def checkpoint(self, name: str) -> None:
        """Name the present point of the history."""
        self.session.note("checkpoint", name.strip() or "checkpoint")

    @property
    def history(self) -> pd.DataFrame:
        """The history, oldest first: label, time, actor, items, checkpoint, saved, in_force."""
        return frames.history_frame(self.session)

    # ------------------------------------------------------------------------------------------------- saving
    def plan(self, *, portable: bool = True) -> Plan:
        """What a save would do now, as data; ``print(review.plan().text())`` for people."""
        return plan_save(self.session, self._folder(), portable=portable)[0]

    def save(self, *, backup: Literal["link", "copy", "none"] = "link", portable: bool = True) -> SaveRecord:
        """Move the files to where their clusters are, with backup, journal and change log; all or nothing.

        Raises
        ------
        SaveError
            When something is refused or fails: the folder is as it was, the edits are kept.
        """
        return save_session(self.session, self._folder(), backup=backup, portable=portable)

    def restore(self, save: int) -> SaveRecord:
        """Bring the folders back to what an earlier save wrote: itself a save, and undone like other edits.

        Pictures that were deleted by other means come back from the backups.

        Parameters
        ----------
        save : int
            Number of the save, as ``review.save()`` returned it in ``revision``; 0 is the folder as it was
            first opened.

        Raises
        ------
        MissingError
            When there is no such save.
        SaveError
            When something is refused or fails: the folder and the review are as they were.
        """
        return restore_session(self.session, self._folder(), save)

    def verify(self, save: int | None = None) -> Verification:
        """Compare the pictures with the hashes of a save's manifest (the newest when left out)."""
        folder = self._folder()
        from shoal.disk.verify import verify

        return verify(folder, save if save is not None else self.session.saves_followed)

    def _folder(self) -> Path:
        if self.root is None:
            raise NotAllowedError(
                "this review has no folder", hint="Open one with shoal.open_review(folder)."
            )
        return self.root

    def close(self) -> None:
        """Give the edit log back. Edits need no closing to be kept."""
        if self.session.log is not None:
            self.session.log.close()
