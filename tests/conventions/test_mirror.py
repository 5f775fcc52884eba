"""Tests mirror the sources: every module has its test module, but for a list that may only shrink."""

from __future__ import annotations

from tests.conventions.sources import PACKAGE, ROOT, python_modules

UNIT = ROOT / "tests" / "unit"
# Modules without a test module of their own, and where they are tested instead.
EXCEPTIONS: dict[str, str] = {
    "__init__.py": "conventions/test_public_names.py",
    "widgets/protocol/base.py": "contract/test_messages.py",
    "widgets/protocol/commands.py": "contract/test_messages.py",
    "widgets/protocol/events.py": "contract/test_messages.py",
    "widgets/protocol/replies.py": "contract/test_messages.py",
    "widgets/protocol/requests.py": "contract/test_messages.py",
}


def test_every_module_has_its_tests() -> None:
    missing = []
    for path in python_modules():
        name = path.relative_to(PACKAGE)
        if path.stem in {"__init__", "__main__"} and name.as_posix() != "__init__.py":
            continue
        if name.as_posix() in EXCEPTIONS:
            continue
        candidates = [
            UNIT / name.parent / f"test_{path.stem}.py",
            UNIT / name.parent / f"test_{path.stem.strip('_')}.py",
        ]
        if not any(c.exists() for c in candidates):
            missing.append(name.as_posix())
    assert not missing, f"no tests/unit/<room>/test_<module>.py for: {', '.join(missing)}"


def test_every_unit_test_has_its_module() -> None:
    astray = []
    for path in sorted(UNIT.rglob("test_*.py")):
        name = path.relative_to(UNIT)
        stem = path.stem.removeprefix("test_")
        homes = [
            PACKAGE / name.parent / f"{stem}.py",
            PACKAGE / name.parent / f"_{stem}.py",
            PACKAGE / name.parent / stem,
        ]
        if not any(h.exists() for h in homes):
            astray.append(name.as_posix())
    assert not astray, f"tests of no module: {', '.join(astray)}"


def test_the_exceptions_are_all_needed() -> None:
    for name, where in EXCEPTIONS.items():
        assert (PACKAGE / name).exists(), name
        assert (ROOT / "tests" / where).exists(), where
        own = UNIT / (PACKAGE / name).relative_to(PACKAGE).parent / f"test_{(PACKAGE / name).stem}.py"
        assert not own.exists(), f"{name} has its own tests now: take it off the list"
