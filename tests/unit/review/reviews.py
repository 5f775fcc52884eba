"""Reviews in memory with vectors, for the tests of the queue."""

import numpy as np

from shoal.review.assist.neighbours import unit
from shoal.review.history import History
from shoal.review.records import ClusterRecord
from shoal.review.review import Review
from shoal.review.session import Session
from shoal.review.state import State
from shoal.review.table import ItemTable


def people(n=120, k=4, dims=32, spread=0.35, seed=0):
    """Vectors of ``n`` pictures of ``k`` people, and who is on each."""
    rng = np.random.default_rng(seed)
    truth = np.arange(n) % k
    centres = rng.normal(size=(k, dims))
    return unit((centres[truth] + spread * rng.normal(size=(n, dims))).astype(np.float32)), truth


def review_of(vectors, labels):
    """A review of so many pictures in these clusters."""
    labels = np.asarray(labels, np.int32)
    records = {
        f"c{i}": ClusterRecord(f"c{i}", i, f"character_{i}", color=i) for i in range(int(labels.max()) + 1)
    }
    table = ItemTable([f"item/{i:04d}.png" for i in range(len(labels))])
    review = Review(Session(table, State(labels.copy(), records), History(), None), None)
    review.use_vectors(vectors)
    return review


def over_split(n=120, k=4, **facts):
    """People in twice as many clusters, with some noise and some pictures in the wrong cluster."""
    vectors, truth = people(n, k, **facts)
    labels = truth + k * (np.arange(n) >= n // 2)
    labels[::17] = -1
    labels[5::29] = (labels[5::29] + 1) % (2 * k)
    return review_of(vectors, labels), truth


def mixed(n=120, k=4, **facts):
    """Two people in each cluster."""
    vectors, truth = people(n, k, **facts)
    return review_of(vectors, truth // 2), truth
