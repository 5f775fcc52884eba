"""Small states and random edits for the tests of the review."""

import numpy as np
from hypothesis import strategies as st

from shoal.errors import ShoalError
from shoal.review import commands as c
from shoal.review.records import ClusterRecord
from shoal.review.state import State

N = 24


def small_state(n: int = N, k: int = 4) -> State:
    """``n`` items in ``k`` clusters, and some noise."""
    clusters = {f"c{i}": ClusterRecord(f"c{i}", i, f"character_{i}", color=i) for i in range(k)}
    return State((np.arange(n) % (k + 1) - 1).astype(np.int32), clusters)


ROWS = st.sets(st.integers(0, N - 1), min_size=1, max_size=8).map(lambda s: np.array(sorted(s), np.int64))
IDS = st.sampled_from([f"c{i}" for i in range(9)])
NAMES = st.sampled_from(["liz", "bunny", "Frank", "a b", "x_1", "character_9"])
LINKS = st.builds(
    lambda a, b, kind: c.Link(a, b, f"i/{b}.jpg", kind),
    st.integers(0, N - 1),
    st.integers(0, N - 1),
    st.sampled_from(["must", "cannot", "unsure", None]),
)

COMMANDS = st.one_of(
    st.builds(c.MoveItems, ROWS, st.one_of(IDS, st.just("noise"))),
    st.builds(c.MergeClusters, st.lists(IDS, min_size=2, max_size=3), NAMES),
    st.builds(c.SplitCluster, ROWS, NAMES),
    st.builds(c.RenameCluster, IDS, NAMES),
    st.builds(
        c.AssignItems,
        st.lists(
            st.one_of(
                st.builds(lambda rows, to: c.Assignment(rows, to=to), ROWS, IDS),
                st.builds(lambda rows, name: c.Assignment(rows, name=name), ROWS, NAMES),
            ),
            min_size=1,
            max_size=2,
        ),
    ),
    st.builds(c.CreateCluster, NAMES),
    st.builds(c.DeleteCluster, IDS),
    st.builds(c.DescribeCluster, IDS, NAMES),
    st.builds(c.MarkReviewed, st.lists(IDS, min_size=1, max_size=2), st.booleans()),
    st.builds(c.TagClusters, st.lists(IDS, min_size=1, max_size=2), st.lists(NAMES, max_size=2)),
    st.builds(c.SetCover, IDS, st.one_of(st.none(), st.integers(0, N - 1))),
    st.builds(c.TrashItems, ROWS),
    st.builds(c.RestoreItems, ROWS),
    st.builds(c.TagItems, ROWS, st.lists(NAMES, max_size=2), st.lists(NAMES, max_size=2)),
    st.builds(c.CaptionItems, ROWS, st.one_of(st.just(""), NAMES)),
    st.builds(c.PinItems, ROWS, st.booleans()),
    st.builds(c.LinkItems, st.lists(LINKS, min_size=1, max_size=3)),
    st.builds(
        lambda rows, to, name: c.Together(
            [c.MoveItems(rows, to), c.PinItems(rows), c.SplitCluster(rows[:1], name)], "x"
        ),
        ROWS,
        IDS,
        NAMES,
    ),
)


def try_command(state: State, command: c.Command) -> c.Verdict | None:
    """The verdict, or None when the command does not fit the state."""
    try:
        return command.prepare(state)
    except ShoalError:
        return None
