"""What is kept about a cluster."""

import json

import pytest

from shoal.errors import DamagedError
from shoal.review.records import ClusterRecord


def test_json_gives_the_same_record_back():
    record = ClusterRecord("c3", 3, "bunny", "big", 3, 17, True, ("a", "b"))
    assert ClusterRecord.from_json(json.loads(json.dumps(record.to_json()))) == record


@pytest.mark.parametrize("data", [{"id": "c1"}, {"id": "c1", "code": 1, "name": "x", "size": 3}])
def test_another_shape_is_an_error(data):
    with pytest.raises(DamagedError):
        ClusterRecord.from_json(data)
