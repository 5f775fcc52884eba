"""Fault row 31: random edits, undo, redo, save, restore, crash and reopening, beside a model in plain dicts.

After every step the model, the review in the kernel and, after a save, the folders say the same; no step ever
loses the bytes of a picture.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from shoal.errors import NotAllowedError, ShoalError
from shoal.review.review import Review, open_review
from shoal.review.saving import save_session
from shoal.store.filesystem import FileSystem
from tests.unit.review.folders import make_folder, tree

NAMES = st.sampled_from(["liz", "Tony", "bunny 2", "x"])
CHANGING = {
    "mkdir",
    "rmdir",
    "rename",
    "link",
    "copy",
    "write_new",
    "append",
    "truncate",
    "replace",
    "unlink",
}
CHANGING |= {"drop_twin", "sync_folder"}


class Killed(BaseException):
    """The kernel dies here: nothing that catches errors may catch this one."""


class Dying(FileSystem):
    """A disk whose ``k``-th changing call is never made."""

    parallel = False

    def __init__(self, root: Path, k: int) -> None:
        super().__init__(root)
        self.left = k

    def __getattribute__(self, name: str) -> object:
        if name in CHANGING:
            self.left -= 1
            if self.left < 0:
                raise Killed
        return super().__getattribute__(name)

    def rename_many(self, pairs: Sequence[tuple[str, str]], tick: Callable[[int], None]) -> None:
        """One by one, so that death can come between any two."""
        for src, dst in pairs:
            self.rename(src, dst)
            tick(1)

    def link_many(self, pairs: Sequence[tuple[str, str]], tick: Callable[[int], None]) -> None:
        """As above."""
        for src, dst in pairs:
            self.link(src, dst)
            tick(1)


Model = tuple[dict[str, str], frozenset[str]]
"""Item → name of its cluster, and the names of all clusters."""


class ReviewMachine(RuleBasedStateMachine):
    """Drives a review on a real folder."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="shoal-machine-"))

    @initialize()
    def begin(self) -> None:
        make_folder(self.home, sizes=(3, 2, 2), noise=2)
        self.pictures = sorted(tree(self.home).values())
        self.review = open_review(self.home, actor="machine")
        self.points: list[Model] = [self.seen(self.review)]
        self.saves: dict[int, Model] = {0: self.points[0]}
        self.trees: dict[int, dict[str, str]] = {0: tree(self.home)}
        self.cursor = 0

    def teardown(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    @staticmethod
    def seen(review: Review) -> Model:
        state, table = review.session.state, review.session.table
        name = {r.code: r.name for r in state.clusters.values()} | {-1: "noise", -2: "trash"}
        where = {item: name[code] for item, code in zip(table.ids, state.codes.tolist(), strict=True)}
        return where, frozenset(r.name for r in state.clusters.values())

    @property
    def model(self) -> Model:
        return self.points[self.cursor]

    def expect(self, where: dict[str, str], names: frozenset[str]) -> None:
        """The model after an edit: what was undone is gone."""
        self.points = [*self.points[: self.cursor + 1], (where, names)]
        self.cursor += 1

    def some_items(self, data: st.DataObject) -> list[str]:
        return data.draw(
            st.lists(st.sampled_from(sorted(self.model[0])), min_size=1, max_size=4, unique=True)
        )

    def some_cluster(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.model[1])))

    # ------------------------------------------------------------------------------------------------ editing
    @precondition(lambda self: self.model[1])
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        items, to = self.some_items(data), self.some_cluster(data)
        where, names = self.model
        try:
            self.review.move(items, to)
        except NotAllowedError:
            assert all(where[i] == to for i in items)
        else:
            self.expect({**where, **dict.fromkeys(items, to)}, names)

    @rule(data=st.data(), name=NAMES)
    def split(self, data: st.DataObject, name: str) -> None:
        items = self.some_items(data)
        where, names = self.model
        try:
            self.review.split(items, name=name)
        except ShoalError:
            assert name in names
        else:
            self.expect({**where, **dict.fromkeys(items, name)}, names | {name})

    @precondition(lambda self: len(self.model[1]) >= 2)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        first, second = data.draw(st.permutations(sorted(self.model[1])))[:2]
        where, names = self.model
        self.review.merge([first, second], name=first)
        self.expect({i: first if w == second else w for i, w in where.items()}, names - {second})

    @precondition(lambda self: self.model[1])
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        old = self.some_cluster(data)
        where, names = self.model
        try:
            self.review.rename(old, name)
        except ShoalError:
            assert name in names
        else:
            self.expect({i: name if w == old else w for i, w in where.items()}, (names - {old}) | {name})

    @precondition(lambda self: self.model[1])
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        old = self.some_cluster(data)
        where, names = self.model
        self.review.delete(old)
        self.expect({i: "noise" if w == old else w for i, w in where.items()}, names - {old})

    @rule(data=st.data())
    def trash(self, data: st.DataObject) -> None:
        items = self.some_items(data)
        where, names = self.model
        try:
            self.review.trash(items)
        except NotAllowedError:
            assert all(where[i] == "trash" for i in items)
        else:
            self.expect({**where, **dict.fromkeys(items, "trash")}, names)

    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        """Undo and redo are jumps by one."""
        cursor = data.draw(st.integers(0, len(self.points) - 1))
        if cursor != self.cursor:
            self.review.jump(cursor)
            self.cursor = cursor

    # --------------------------------------------------------------------------------------- disk and crashes
    @rule()
    def save(self) -> None:
        done = self.review.save()
        self.check_disk()
        self.saves[done.revision], self.trees[done.revision] = self.model, tree(self.home)

    @rule()
    def reopen(self) -> None:
        """The kernel is killed: nothing is closed, nothing is said."""
        self.review = open_review(self.home, actor="machine")

    @rule(k=st.integers(0, 40))
    def die_in_a_save(self, k: int) -> None:
        before = tree(self.home)
        disk = Dying(self.home, k)
        try:
            done = save_session(self.review.session, self.home, fs=disk)
        except Killed:
            self.review = open_review(self.home, actor="machine")
            after = tree(self.home)
            if after != before or self.review.session.saves_followed not in self.saves:
                self.check_disk()
            number = self.review.session.saves_followed
            if number not in self.saves:
                self.saves[number], self.trees[number] = self.model, after
        else:
            self.saves[done.revision], self.trees[done.revision] = self.model, tree(self.home)
            self.check_disk()

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.saves)))
        wanted = self.saves[number]
        if wanted != self.seen(self.review) or self.review.session.history.unsaved:
            steps = len(self.review.session.history)
            done = self.review.restore(number)
            if len(self.review.session.history) != steps or self.seen(self.review) != self.model:
                self.expect(*wanted)
            self.cursor = self.review.session.history.cursor
            assert tree(self.home) == self.trees[number]
            self.saves[done.revision], self.trees[done.revision] = wanted, tree(self.home)

    # ------------------------------------------------------------------------------------------------- always
    def check_disk(self) -> None:
        where, _ = self.model
        table = self.review.session.table
        for row, item in enumerate(table.ids):
            path = self.home / table.paths[row]
            assert path.exists(), f"{item} is not at {table.paths[row]}"
            assert table.paths[row].partition("/")[0] == where[item]

    @invariant()
    def kernel_is_model(self) -> None:
        if hasattr(self, "points"):
            assert self.seen(self.review) == self.model
            assert self.review.session.history.cursor == self.cursor

    @invariant()
    def no_picture_is_ever_lost(self) -> None:
        if hasattr(self, "pictures"):
            assert sorted(tree(self.home).values()) == self.pictures


ReviewMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestReviewMachine = ReviewMachine.TestCase
