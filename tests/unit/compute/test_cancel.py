"""The flag that stops a step."""

from __future__ import annotations

import pytest

from shoal.compute.cancel import CancelledError, CancelToken
from shoal.errors import ShoalError


def test_a_token_is_quiet_until_it_is_cancelled() -> None:
    token = CancelToken()
    token.check()
    assert not token.cancelled
    token.cancel()
    assert token.cancelled
    with pytest.raises(CancelledError) as caught:
        token.check()
    assert isinstance(caught.value, ShoalError) and caught.value.code == "cancelled"
