"""Both sides read the same messages: golden files by Python, TypeScript types made from this protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shoal.widgets.codec import decode_array, decode_items
from shoal.widgets.protocol import Event, Reply, Request
from shoal.widgets.protocol.base import ArrayRef, ItemSet
from tests.contract.make_golden import GOLDEN, N_ITEMS, golden, kinds

WIDGETS = Path(__file__).parents[2] / "widgets_js"
FILES = sorted(GOLDEN.glob("*.json"))


@pytest.mark.parametrize("name", sorted(golden()))
def test_the_files_are_what_python_writes(name: str) -> None:
    assert (GOLDEN / f"{name}.json").read_text(encoding="utf-8") == golden()[name].text(), (
        "the protocol changed: run python -m tests.contract.make_golden"
    )


def test_there_is_one_of_each_kind_and_no_other() -> None:
    names = {path.stem for path in FILES}
    assert names == set(golden())
    missing = {kind for kind in kinds() if not any(name.startswith(kind) for name in names)}
    assert not missing


def _at(value: Any, path: str) -> Any:
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_they_validate_and_hold_what_they_say(path: Path) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    message = content["message"]
    model = {"reply": Reply, "event": Event}.get(message.get("type"), Request)
    assert model.model_validate(message).model_dump(mode="json") == message
    buffers = [base64.b64decode(b) for b in content["buffers"]]
    for place, values in content["holds"].items():
        ref = _at(message["payload"], place)
        if "encoding" in ref:
            assert decode_items(ItemSet(**ref), buffers, N_ITEMS).tolist() == values
        else:
            assert decode_array(ArrayRef(**ref), buffers).ravel().tolist() == values


@pytest.mark.skipif(
    shutil.which("node") is None or not (WIDGETS / "node_modules").is_dir(), reason="needs Node's packages"
)
def test_the_typescript_types_are_generated_from_this_protocol() -> None:
    schema = subprocess.run(
        [sys.executable, "-m", "shoal.widgets.protocol"], capture_output=True, check=True, text=True
    )
    done = subprocess.run(
        ["node", "scripts/gen.mjs", "--stdin", "--check"],
        cwd=WIDGETS,
        input=schema.stdout,
        capture_output=True,
        text=True,
        env=dict(os.environ),
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout
