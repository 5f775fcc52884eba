"""Messages of clustering again."""

import pytest
from pydantic import ValidationError

from shoal.widgets.protocol import Request
from shoal.widgets.protocol.recluster import AcceptReclustering, GetReclustering, ResizedCluster


def _request(payload: dict[str, object]) -> object:
    return Request.model_validate({"v": 1, "id": "a", "payload": payload}).payload


def test_requests_are_told_apart_by_kind() -> None:
    assert isinstance(_request({"kind": "get_reclustering"}), GetReclustering)
    taken = _request({"kind": "accept_reclustering", "proposal": "5e1f"})
    assert isinstance(taken, AcceptReclustering) and taken.proposal == "5e1f"


@pytest.mark.parametrize(
    "payload", [{"kind": "accept_reclustering"}, {"kind": "get_reclustering", "labels": [1]}]
)
def test_what_is_no_such_message_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _request(payload)


def test_a_new_cluster_has_no_id() -> None:
    assert ResizedCluster(cluster=None, name="bunny", before=0, after=3).model_dump()["cluster"] is None
