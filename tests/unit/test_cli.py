"""The command line: what it prints, what it returns, and that errors are a line and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from shoal.cli import main
from shoal.widgets import notebook as notebooks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "clustered"
    for cluster, n in {"cats": 3, "dogs": 2, "noise": 1}.items():
        (root / cluster).mkdir(parents=True)
        for i in range(n):
            Image.new("RGB", (16, 16), (i * 40, 90, 120)).save(root / cluster / f"{cluster}{i}.png")
    (root / "dogs" / "empty.png").touch()
    return root


def test_info_says_what_is_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(folder)]) == 0
    text = capsys.readouterr().out
    assert "7 items" in text
    assert "cats" in text
    assert "empty.png" in text


def test_recover_of_a_whole_folder_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(p.relative_to(folder) for p in folder.rglob("*.png"))
    assert main(["recover", str(folder)]) == 0
    assert capsys.readouterr().out.strip()
    assert sorted(p.relative_to(folder) for p in folder.rglob("*.png")) == before


@pytest.mark.parametrize("command", ["info", "recover", "review"])
def test_a_missing_folder_is_a_line_and_a_way_out(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, str(tmp_path / "nowhere")]) == 1
    error = capsys.readouterr().err
    assert "nowhere" in error
    assert "→" in error
    assert "Traceback" not in error


def test_review_opens_a_notebook_on_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The notebook lies elsewhere, points at the folder, and is gone when JupyterLab is closed."""
    opened: list[tuple[str, Path]] = []

    def open_lab(notebook: Path, *, port: int | None, browser: bool) -> int:
        assert port == 9999
        assert not browser
        opened.append((notebook.read_text(encoding="utf-8"), notebook))
        return 0

    monkeypatch.setattr(notebooks, "open_lab", open_lab)
    assert main(["review", str(folder), "--lab", "--port", "9999", "--no-browser"]) == 0
    ((text, path),) = opened
    assert repr(str(folder)) in text
    assert not path.is_relative_to(folder)
    assert not path.exists()


def test_review_opens_the_web_app(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[Path, dict[str, object]]] = []
    monkeypatch.setattr("shoal.widgets.webapp.open_app", lambda f, **given: opened.append((f, given)) or 0)
    assert main(["review", str(folder), "--port", "9999"]) == 0
    ((where, given),) = opened
    assert where == folder.resolve() and given["port"] == 9999 and given["browser"] is True


def test_no_command_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 2
    assert "review" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    import shoal

    with pytest.raises(SystemExit) as end:
        main(["--version"])
    assert end.value.code == 0
    assert shoal.__version__ in capsys.readouterr().out


def test_demo_hands_its_arguments_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr("shoal.demo.main", lambda argv: seen.append(argv) or 0)
    assert main(["demo", "--out", "there", "--no-lab"]) == 0
    assert seen == [["--out", "there", "--no-lab"]]


def test_apply_says_what_it_would_do_and_does_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = tmp_path / "changes.json"
    changes.write_text(
        '[{"type": "move_images", "sourceClusterId": "cats", "targetClusterId": "dogs",'
        ' "imageIds": ["cats0"]},'
        ' {"type": "rename_cluster", "clusterId": "horses", "newName": "ponies"}]'
    )
    assert main(["apply", str(folder), str(changes)]) == 1
    assert "horses" in capsys.readouterr().err
    assert main(["apply", str(folder), str(changes), "--dry-run", "--skip-conflicts"]) == 1
    assert "1 of 2 actions applied" in capsys.readouterr().out
    assert (folder / "cats" / "cats0.png").exists()
    assert main(["apply", str(folder), str(changes), "--skip-conflicts"]) == 1, "something was left out"
    assert "Saved: " in capsys.readouterr().out
    assert (folder / "dogs" / "cats0.png").exists()


def test_night_runs_many_and_says_by_its_exit_status_when_one_failed(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    preset = tmp_path / "quick.toml"
    preset.write_text(
        'source = "pictures"\nproject = false\nexport_dataset = false\n'
        '[embed]\nmodel = "colour"\n[cluster]\nmethod = "kmeans"\nn_clusters = 2\n'
    )
    (folder / "dogs" / "empty.png").unlink()
    given = ["--preset", str(preset), "--out", str(tmp_path / "runs")]
    assert main(["night", str(folder), *given]) == 0
    assert "1 of 1 titles done" in capsys.readouterr().out
    assert main(["night", str(folder), str(tmp_path / "gone.mp4"), *given]) == 1
    assert "failed gone" in capsys.readouterr().out
