"""A change from elsewhere is carried out whole, or refused with the reason."""

from __future__ import annotations

import pytest

from shoal.errors import BadInputError, ConflictError, MissingError, NotAllowedError
from shoal.review.changefile import PortableChange
from shoal.review.history import History
from shoal.review.imported import ImportedChange
from shoal.review.session import Session
from shoal.review.table import ItemTable
from tests.unit.review.fixtures import N, small_state


@pytest.fixture
def session() -> Session:
    return Session(ItemTable([f"x/{i}.png" for i in range(N)]), small_state(), History(), None)


def do(session: Session, **change: object) -> None:
    held = PortableChange.model_validate(change, strict=False)
    session.do(ImportedChange(held, "from elsewhere", session.table))


def move(source: str, target: str, *items: int) -> dict[str, object]:
    return {"from": source, "to": target, "ids": [f"x/{i}.png" for i in items]}


def test_a_cluster_can_be_made_and_filled_at_once(session):
    do(session, items=[move("character_0", "liz", 1, 6)], clusters={"added": [{"name": "liz", "color": 3}]})
    record = next(r for r in session.state.clusters.values() if r.name == "liz")
    assert session.state.members(record.code).tolist() == [1, 6] and record.color == 3
    session.undo()
    assert "liz" not in session.state.names_taken()


def test_two_clusters_can_exchange_their_names(session):
    a, b = {"name": "character_0"}, {"name": "character_1"}
    before = session.state.names_taken()
    do(session, clusters={"updated": [[a, b], [b, a]]})
    after = session.state.names_taken()
    assert after["character_0"] == before["character_1"] and after["character_1"] == before["character_0"]


def test_an_item_that_was_moved_here_is_a_conflict_that_names_it(session):
    with pytest.raises(ConflictError, match=r"'x/2.png' is in 'character_1', not in 'character_0'"):
        do(session, items=[move("character_0", "character_2", 1, 2)])
    assert not session.history.entries


def test_what_is_so_already_is_said_to_change_nothing(session):
    change = {"items": [move("character_0", "character_2", 1)], "notes": {"tags": [["x/1.png", None, ["a"]]]}}
    do(session, **change)
    with pytest.raises(NotAllowedError):
        do(session, **change)


def test_a_cluster_that_holds_more_than_the_change_knows_is_not_removed(session):
    gone = {"removed": [{"name": "character_0"}]}
    with pytest.raises(ConflictError, match="holds 4 items that the change does not know"):
        do(session, items=[move("character_0", "character_1", 1)], clusters=gone)


def test_only_what_the_edit_changed_is_taken_over(session):
    old, new = {"name": "character_0", "description": ""}, {"name": "character_0", "description": "a rabbit"}
    do(session, clusters={"updated": [[{**old, "reviewed": True}, {**new, "reviewed": True}]]})
    record = next(r for r in session.state.clusters.values() if r.name == "character_0")
    assert record.description == "a rabbit" and not record.reviewed


def test_a_cover_that_is_not_in_the_cluster_here_is_left_out(session):
    old = {"name": "character_0"}
    do(session, clusters={"updated": [[old, {**old, "cover": "x/2.png", "description": "d"}]]})
    record = next(r for r in session.state.clusters.values() if r.name == "character_0")
    assert record.cover is None and record.description == "d"


def test_names_and_notes_from_outside_are_checked(session):
    with pytest.raises(BadInputError, match="cannot be the name of a cluster"):
        do(session, clusters={"added": [{"name": "../x"}]})
    with pytest.raises(BadInputError, match="a fixed place"):
        do(session, clusters={"removed": [{"name": "noise"}]})
    with pytest.raises(BadInputError, match="no notes called 'colour'"):
        do(session, notes={"colour": [["x/1.png", None, "red"]]})
    with pytest.raises(BadInputError, match="cannot be a value of caption"):
        do(session, notes={"caption": [["x/1.png", None, {"a": 1}]]})
    with pytest.raises(MissingError, match=r"no item 'x/99\.png'"):
        do(session, items=[move("character_0", "character_1", 99)])
    with pytest.raises(ConflictError, match=r"the caption of 'x/1\.png' were changed"):
        do(session, notes={"caption": [["x/1.png", "something else", "red"]]})


def test_the_trash_remembers_where_an_item_came_from(session):
    do(session, items=[move("character_0", "trash", 1)])
    assert session.state.home[1] == 0
