"""Messages of playback."""

import pytest
from pydantic import ValidationError

from shoal.widgets.protocol import Request
from shoal.widgets.protocol.playback import GetPast


def _request(payload: dict[str, object]) -> object:
    return Request.model_validate({"v": 1, "id": "a", "payload": payload}).payload


def test_a_point_of_the_history_is_asked_for() -> None:
    asked = _request({"kind": "get_past", "cursor": 3})
    assert isinstance(asked, GetPast) and asked.cursor == 3


@pytest.mark.parametrize("cursor", [-1, "soon", None])
def test_what_is_no_point_is_refused(cursor: object) -> None:
    with pytest.raises(ValidationError):
        _request({"kind": "get_past", "cursor": cursor})
