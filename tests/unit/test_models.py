"""The public face of the small models."""

from __future__ import annotations

from pathlib import Path

import pytest

from shoal import models


def test_the_table_knows_which_model_uses_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path))
    rows = {row["name"]: row for row in models.table()}
    assert rows["u2netp"]["models"] == ["u2netp"] and not rows["u2netp"]["present"]
    assert models.path("u2netp").parent == tmp_path


def test_an_unknown_name_is_an_error_code_not_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert models.main(["no-such-model"]) == 1
    assert "no-such-model" in capsys.readouterr().err
    assert models.main(["--help"]) == 0 and "offline" in capsys.readouterr().out


@pytest.mark.weights
def test_present_weights_are_only_checked(capsys: pytest.CaptureFixture[str]) -> None:
    found = models.get("demo")
    assert set(found) == {"efficientnet-lite2", "u2netp"} and all(p.is_file() for p in found.values())
    assert capsys.readouterr().out.count("present") == 2
