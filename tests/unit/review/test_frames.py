"""The review as tables."""

from shoal.review import frames
from tests.unit.widgets.fixtures import memory_review


def test_tables_of_a_small_review():
    review = memory_review()
    review.move(["a/1.png", "a/2.png"], "character_3")
    clusters = frames.clusters_frame(review.session)
    assert clusters["size"].is_monotonic_decreasing
    assert clusters.iloc[0]["name"] == "character_3"
    items = frames.items_frame(review.session).set_index("id")
    assert items.loc["a/2.png", "cluster"] == "character_3"
    assert {"shot", "time_s"} <= set(items.columns)
    history = frames.history_frame(review.session)
    assert history["label"].tolist() == ["Moved 2 items to character_3"]
    assert history["items"].tolist() == [2]
