"""Face models by name: what is here is taken, what is not says how to get it."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoal.backends.face_models import OFFLINE, choose_faces
from shoal.errors import MissingError


def test_auto_prefers_a_pack_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTFACE_HOME", str(tmp_path))
    pack = tmp_path / "models" / "buffalo_l"
    pack.mkdir(parents=True)
    (pack / "det.onnx").write_bytes(b"x")
    name, why = choose_faces()
    assert name == "insightface:buffalo_l" and "best" in why
    assert choose_faces("insightface:buffalo_l")[0] == name
    assert choose_faces(str(pack))[0] == str(pack)


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path))
    with pytest.raises(MissingError, match="YuNet") as caught:
        choose_faces(OFFLINE)
    assert "shoal.models" in caught.value.hint
    with pytest.raises(MissingError, match="nobody") as caught:
        choose_faces("insightface:nobody")
    assert "non-commercial" in caught.value.hint
