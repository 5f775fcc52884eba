"""The harness itself: it sees what must not pass, and it can read a kernel."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.e2e.lab import Lab

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def test_a_quiet_notebook_is_quiet(lab: Lab) -> None:
    """JupyterLab by itself: no console error, no request elsewhere; the kernel's state can be read."""
    notebook = new_notebook(cells=[new_code_cell("answer = 6 * 7\nanswer")], metadata=KERNEL)
    nbformat.write(notebook, lab.server.root / "quiet.ipynb")
    lab.open("quiet.ipynb")
    lab.run_all()
    assert lab.kernel("import json; print(json.dumps(answer))") == 42
    lab.theme(dark=True)
    lab.theme(dark=False)
    lab.watch.check()


def test_noise_is_noticed(lab: Lab) -> None:
    """A console error, a request to elsewhere and an error in a cell each fail."""
    cells = [new_code_cell("raise ValueError('on purpose')")]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), lab.server.root / "noisy.ipynb")
    lab.open("noisy.ipynb")
    with pytest.raises(AssertionError, match="on purpose"):
        lab.run_all()
    lab.page.evaluate("() => console.error('boom')")
    assert any("boom" in error for error in lab.watch.errors)
    with pytest.raises(AssertionError, match="boom"):
        lab.watch.check()
    lab.watch.errors.clear()
    lab.page.evaluate("() => fetch('http://127.0.0.2:9/x').catch(() => null).then(() => null)")
    with pytest.raises(AssertionError, match=r"127\.0\.0\.2"):
        lab.watch.check()
