"""Facts about the files beside a picture."""

from shoal.widgets.sidecars import sidecar_facts


def test_sidecars_are_named_and_their_text_is_shown(tmp_path):
    home = tmp_path / "liz"
    (home / "masks").mkdir(parents=True)
    for name in ("frame1.png", "frame10.png", "frame1.xmp", "frame10.txt", "masks/frame1.png"):
        (home / name).write_bytes(b"")
    (home / "frame1.txt").write_text("a girl\nin green")
    (home / "frame1.png.json").write_text("{}")
    facts = sidecar_facts(tmp_path, "liz/frame1.png")
    assert facts["Sidecars"] == "frame1.png.json, frame1.txt, frame1.xmp, masks/frame1.png"
    assert facts["Text beside it"] == "a girl\nin green"
    assert sidecar_facts(tmp_path, "liz/frame10.png") == {"Sidecars": "frame10.txt"}
    assert sidecar_facts(tmp_path, "gone/frame.png") == {}


def test_text_that_is_long_or_no_text_does_no_harm(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe" + b"x" * 10_000)
    assert len(sidecar_facts(tmp_path, "a.png")["Text beside it"]) <= 2_000
